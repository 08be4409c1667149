# SPDX-License-Identifier: BSD-3-Clause
"""`lab check` and `lab run` where a path does not carry what is sent, or a link's end does not obey pauses."""

import contextlib
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading

from players import AGENTS, SCENARIO, SWITCH, ports
from testbed import LabTest, main, program, token_file

HOSTS = 4
ROCE_PORT, DATA_DSCP, CNP_DSCP = 4791, 26, 48
FULL_FRAME, FITTING_MTU, MTU_TOO_SMALL = 4174, 4156, 1500
PFC_TYPE = b"\x88\x08"
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23  # linux/if_packet.h


class Meddler:
    """A switch that learns no addresses, forwards no pauses, and does something to each frame: change(frame) returns
    what is sent on, or None."""

    def __init__(self, change):
        self.change = change
        self.ports = [self.open(f"s{i}") for i in range(HOSTS)]
        self.ends = False
        self.thread = threading.Thread(target=self.forward)
        self.thread.start()

    @staticmethod
    def open(name):
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        port.bind((name, 3))
        port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        return port

    def forward(self):
        while not self.ends:
            for port in select.select(self.ports, [], [], 0.1)[0]:
                frame = port.recv(1 << 14)
                if frame[12:14] != PFC_TYPE and is_roce(frame):
                    frame = self.change(bytearray(frame))
                for out in self.ports if frame and frame[12:14] != PFC_TYPE else []:
                    if out is not port:
                        with contextlib.suppress(OSError):
                            out.send(frame)

    def stop(self):
        self.ends = True
        self.thread.join()
        for port in self.ports:
            port.close()


def is_roce(frame):
    return frame[12:14] == b"\x08\x00" and frame[23] == 17 and struct.unpack_from("!H", frame, 36)[0] == ROCE_PORT


def with_tos(frame, tos):
    """What the ICRC does not cover: the TOS byte, and the checksum that covers it."""
    frame[15] = tos
    frame[24:26] = b"\0\0"
    total = sum(struct.unpack_from("!10H", frame, 14))
    total = (total >> 16) + (total & 0xFFFF)
    struct.pack_into("!H", frame, 24, ~((total >> 16) + total) & 0xFFFF)
    return frame


class PathTest(LabTest):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="railyard-lab-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.token = token_file(self.folder)

    def start_agent(self, name, *options):
        address, names = AGENTS[name]
        agent = self.start(program("railyard-agent"), "--name", name, "--listen", address, "--token-file", self.token,
                           *options, *ports(names))
        agent.wait_for(" on port ")

    def start_switch(self, *options):
        address, names = SWITCH
        switch = self.start(program("railyard-softswitch"), "--name", "leaf0", "--listen", address, "--token-file",
                            self.token, "--stats", "0", *options, *ports(names))
        switch.wait_for(" on port ")

    def scenario(self, **replaced):
        """incast.yaml with these in place of its switches, or added."""
        with open(SCENARIO, encoding="utf-8") as file:
            text = file.read()
        if "switches" in replaced:
            text = text[:text.index("  switches:")] + f"  switches: {replaced['switches']}\n"
        path = os.path.join(self.folder, "scenario.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def lab(self, command, scenario, *options, expected=0):
        process = self.start(program("railyard-lab"), command, scenario, "--set", f"lab.token_file={self.token}",
                             *options)
        self.assertEqual(process.wait(60), expected, process.text())
        return process.text()


class Pauses(PathTest):
    def test_a_soft_switch_and_agents_obey(self):
        self.start_switch()
        for name in AGENTS:
            self.start_agent(name)
        said = self.lab("check", SCENARIO)
        self.assertEqual(said.count(" obeyed "), 2 * HOSTS, said)
        self.assertIn("ready: ", said)

    def test_an_agent_that_ignores_pauses_is_refused(self):
        self.start_switch()
        self.start_agent("left")
        self.start_agent("right", "--ignore-pauses")
        said = self.lab("check", SCENARIO, expected=1)
        self.assertIn("PFC is ignored by host2 ('af_packet:h2' of 'right') paused by leaf0 (and 1 more)", said)
        self.assertEqual(said.count(" obeyed "), 2 * HOSTS - 2, said)
        folder = os.path.join(self.folder, "run")
        self.assertIn("PFC is ignored by host2", self.lab("run", SCENARIO, "--output", folder, expected=1))
        self.assertFalse(os.path.exists(folder))
        self.assertNotIn("paused by", self.lab("check", SCENARIO, "--set", "switch.pfc_enable=none"))

    def test_a_switch_that_ignores_pauses_is_refused(self):
        self.start_switch("--ignore-pauses")
        for name in AGENTS:
            self.start_agent(name)
        said = self.lab("check", SCENARIO, expected=1)
        self.assertIn("PFC is ignored by leaf0 paused by host0 ('af_packet:h0' of 'left') (and 3 more)", said)
        self.assertEqual(said.count(" obeyed "), HOSTS, said)

    def test_a_switch_that_cannot_be_commanded_is_made_to_pause(self):
        self.start(program("railyard-softswitch"), "--rate", "100Mbps", "--set", "switch.static_th=15kB", "--stats",
                   "0", *ports(SWITCH[1]))
        for name in AGENTS:
            self.start_agent(name)
        said = self.lab("check", self.scenario(switches="[{name: leaf0, kind: unmanaged}]"))
        self.assertEqual(said.count(" obeyed "), 2 * HOSTS, said)

    def test_a_bridge_is_not_testable_and_the_results_say_so(self):
        self.bridge()
        for name in AGENTS:
            self.start_agent(name)
        scenario = self.scenario(switches="[{name: leaf0, kind: unmanaged}]")
        said = self.lab("check", scenario)
        self.assertEqual(said.count(" not testable  "), 2 * HOSTS, said)
        self.assertIn("ready: ", said)
        folder = os.path.join(self.folder, "run")
        self.lab("run", scenario, "--output", folder)
        with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
            cautions = json.load(file)["cautions"]
        self.assertTrue(any("not testable by leaf0" in caution for caution in cautions), cautions)
        with open(os.path.join(folder, "lab.json"), encoding="utf-8") as file:
            outcomes = {verdict["outcome"] for verdict in json.load(file)["pfc_self_test"]}
        self.assertEqual(outcomes, {"not testable"})

    def bridge(self):
        def ip(*arguments):
            subprocess.run(["ip", *arguments], check=True)
        ip("link", "add", "bridge0", "type", "bridge", "mcast_snooping", "0", "stp_state", "0")
        self.addCleanup(ip, "link", "del", "bridge0")
        for i in range(HOSTS):
            ip("link", "set", f"s{i}", "master", "bridge0")
        ip("link", "set", "bridge0", "up")


class Paths(PathTest):
    """With pfc_enable: [], so that frames alone decide."""

    def check(self, change):
        meddler = Meddler(change)
        self.addCleanup(meddler.stop)
        for name in AGENTS:
            self.start_agent(name)
        scenario = self.scenario(switches="[{name: leaf0, kind: unmanaged}]")
        return self.lab("check", scenario, "--set", "switch.pfc_enable=none", expected=1)

    def test_frames_that_a_port_has_no_room_for(self):
        said = self.check(lambda frame: frame if len(frame) <= MTU_TOO_SMALL else None)
        self.assertIn(f"those of {FULL_FRAME} do not; raise the MTU of every port on the way to {FITTING_MTU}", said)
        self.assertIn("(and between 11 other pairs)", said)

    def test_frames_that_are_cut(self):
        self.assertIn(f"frames of {FULL_FRAME} bytes arrive cut to {MTU_TOO_SMALL + 4}; raise the MTU",
                      self.check(lambda frame: frame[:MTU_TOO_SMALL]))

    def test_roce_that_somebody_keeps(self):
        self.assertIn("frames to UDP port 4791 do not; look for an access list", self.check(lambda frame: None))

    def test_a_dscp_that_is_dropped(self):
        said = self.check(lambda frame: None if frame[15] >> 2 == CNP_DSCP else frame)
        self.assertIn(f"a CNP with DSCP {CNP_DSCP} does not arrive, other frames do", said)

    def test_a_dscp_that_is_rewritten(self):
        said = self.check(lambda frame: with_tos(frame, frame[15] & 3))
        self.assertIn(f"DSCP {DATA_DSCP} arrives as 0; let every port on the way trust DSCP", said)

    def test_ecn_bits_that_are_cleared(self):
        self.assertIn("the ECN bits 10 arrive as 00", self.check(lambda frame: with_tos(frame, frame[15] & ~3)))

    def test_frames_that_are_changed(self):
        def change(frame):
            frame[-1] ^= 1
            return frame
        self.assertIn("arrive changed, the ICRC does not fit", self.check(change))


if __name__ == "__main__":
    main()
