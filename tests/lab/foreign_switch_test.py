# SPDX-License-Identifier: BSD-3-Clause
"""DCQCN through a switch that is not ours, against a simulation that is set to it."""

import json
import os
import shutil
import tempfile
import unittest

from testbed import SOURCE, LabTest, is_real_root, main, program, token_file

SCENARIO = os.path.join(SOURCE, "scenarios", "lab-linux-switch.yaml")
PORTS = 8
THRESHOLD = 100_000  # as the scenario has it
MESSAGE, SENDERS = 1 << 20, 4


@unittest.skipUnless(is_real_root(), "a BPF program needs root")
class ForeignSwitch(LabTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="railyard-lab-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.switch = self.start(f"{SOURCE}/dpdk-app/testbed/linux-switch", "--threshold-bytes", str(THRESHOLD),
                                 "--marker", program("railyard-ecn-marker"), *(f"s{i}" for i in range(PORTS)))
        self.switch.wait_for(f"marking on {PORTS} ports")
        self.token = token_file(self.folder)
        agent = self.start(program("railyard-agent"), "--name", "hosts", "--token-file", self.token,
                           *(word for i in range(PORTS) for word in ("--port", f"af_packet:h{i}")))
        agent.wait_for(" on port ")

    def run_program(self, name, *arguments):
        process = self.start(program(name), *arguments)
        self.assertEqual(process.wait(60), 0, process.text())
        return process.text()

    def test_an_incast_is_as_it_is_simulated(self):
        lab, sim = os.path.join(self.folder, "lab"), os.path.join(self.folder, "sim")
        self.run_program("railyard-lab", "run", SCENARIO, "--seed", "1", "--output", lab,
                         "--set", f"lab.token_file={self.token}")
        self.run_program("railyard", "run", SCENARIO, "--seed", "1", "--output", sim)
        # One repetition: which sender is slowed down first, and so a message's mean time, is chance.
        report = json.loads(self.run_program("railyard-lab", "validate", sim, lab, "--tolerance", "30%", "--json"))
        self.assertEqual(report["verdict"], "agrees", report)

        self.assertEqual(self.switch.stop(), 0, self.switch.text())
        said = json.loads(self.switch.text().splitlines()[-1])
        marker = said["marker"]["s0"]
        self.assertGreater(marker["ecn_marked"], 0)
        self.assertLess(marker["max_queue_bytes"], SENDERS * MESSAGE)
        self.assertEqual([q["drops"] for q in said["qdiscs"] if q["kind"] == "tbf"], [0] * PORTS)
        with open(os.path.join(lab, "lab.json"), encoding="utf-8") as file:
            counters = json.load(file)["runs"][0]["players"][0]["counters"]
        self.assertEqual(int(counters["host0:nic0.ce_seen"]), marker["ecn_marked"])
        self.assertGreater(int(counters["host1:nic0.cnps_received"]), 0)


if __name__ == "__main__":
    main()
