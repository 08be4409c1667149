# SPDX-License-Identifier: BSD-3-Clause
"""Three soft switches make a leaf-spine, a process each or one for all, and agree with the simulation about ports."""

import csv
import glob
import os
import struct

from leaf_spine import OK, SETTINGS, SHIPPED, SWITCHES, UNMET, LeafSpineTest
from testbed import main, program

MARKING = {"dcqcn": {"leaf0:0"}, "pfc-only": set()}
# Who pauses its peer: the receiver's leaf the spine, the spine the senders' leaf, and that one the senders.
PAUSING = {"dcqcn": set(), "pfc-only": {"leaf0:4", "spine0:1", "leaf1:0", "leaf1:1", "leaf1:2", "leaf1:3"}}
PAUSED = {"dcqcn": set(), "pfc-only": {"spine0:0", "leaf1:4", "host4:nic0", "host5:nic0", "host6:nic0", "host7:nic0"}}
SENDING = {"leaf0:0", "spine0:0", "leaf1:4", "host4:nic0", "host5:nic0", "host6:nic0", "host7:nic0"}
ONE_RUN = ("--set", "seeds=1")


def busy(counts):
    """Ports whose count is not a straggler's, as `lab validate` has it."""
    most = max(counts.values(), default=0)
    return {name for name, count in counts.items() if count > 0 and 100 * count >= most}


def first_pause(path):
    """When the first PFC frame left, in nanoseconds."""
    with open(path, "rb") as file:
        data = file.read()
    offset = 24
    while offset < len(data):
        seconds, nanoseconds, size = struct.unpack_from("<III", data, offset)
        if data[offset + 16 + 12:offset + 16 + 14] == b"\x88\x08":
            return seconds * 10**9 + nanoseconds
        offset += 16 + size
    raise AssertionError(f"no pause in {path}")


def counts(folder, setting, column):
    with open(os.path.join(folder, "ports.csv"), encoding="utf-8", newline="") as file:
        return {row["port"]: int(row[column]) for row in csv.DictReader(file) if row["setting"] == setting}


class LeafSpine(LeafSpineTest):
    def test_a_process_each(self):
        self.start_switches(SHIPPED, *SWITCHES)
        self.check_fabric(SHIPPED)

    def test_one_process_for_all(self):
        scenario = self.with_rings()
        self.start_switches(scenario)
        self.check_fabric(scenario)

    def check_fabric(self, scenario):
        """Which ports mark and pause does not depend on how late the machine was; how long it took does."""
        folder, valid = self.play(scenario, "--pcap", *ONE_RUN)
        for setting in SETTINGS:
            self.assertEqual(busy(counts(folder, setting, "ecn_marked")), MARKING[setting], setting)
            self.assertEqual(busy(counts(folder, setting, "pfc_pauses_sent")), PAUSING[setting], setting)
            self.assertEqual(busy(counts(folder, setting, "pfc_pauses_received")), PAUSED[setting], setting)
            self.assertEqual(busy(counts(folder, setting, "tx_data_packets")), SENDING, setting)
        self.check_pauses_travel()
        if not all(valid.values()):
            return
        figures = self.validate(scenario, folder, *ONE_RUN)
        self.assertEqual(figures["dcqcn"]["ecn_marks.ports"]["verdict"], "agrees", figures)
        self.assertEqual(figures["pfc-only"]["pfc.pauses.ports"]["verdict"], "agrees", figures)

    def check_pauses_travel(self):
        """In the order in which the buffers fill."""
        first = {name: first_pause(*glob.glob(os.path.join(self.captures, f"*pfc-only*.{name}.pcap")))
                 for name in SWITCHES}
        self.assertLess(first["leaf0"], first["spine0"])
        self.assertLess(first["spine0"], first["leaf1"])

    def test_faults_are_one_switchs(self):
        """Those of the spine's link to leaf0 alone."""
        self.start_switches(SHIPPED, *SWITCHES)
        folder, _ = self.play(SHIPPED, "--set", "lab.switches.spine0.faults.0.out.drop=1%", *ONE_RUN,
                              good=UNMET)  # drops == 0 is expected
        lost = counts(folder, "pfc-only", "dropped_link_fault")
        self.assertGreater(lost.pop("spine0:0"), 0)
        self.assertEqual(set(lost.values()), {0})

    def test_ports_must_be_those_of_the_scenario(self):
        """A switch that was started with others is refused, and told what to be started with."""
        self.start_switches(SHIPPED, "leaf0", "leaf1")
        self.start(program("railyard-softswitch"), "--name", "spine0", "--listen", "127.0.0.1:7474", "--stats", "0",
                   *self.common(), "--port", "af_packet:s9", "--port", "af_packet:s8").wait_for(" on port ", 30)
        check = self.start(program("railyard-lab"), "check", SHIPPED, "--set", f"lab.token_file={self.token}")
        self.assertNotEqual(check.wait(30), OK, check.text())
        said = " ".join(check.text().split())
        self.assertIn("port 0 of spine0 is 'af_packet:s8' in lab.switches, and 'af_packet:s9' here", said)
        self.assertIn("--port af_packet:s8 --port af_packet:s9", said)


if __name__ == "__main__":
    main()
