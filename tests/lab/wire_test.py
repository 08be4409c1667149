# SPDX-License-Identifier: BSD-3-Clause
"""A captured run as others read it: Wireshark's dissectors, and an ICRC computed from the standard's text."""

import collections
import glob
import os
import shutil
import struct
import subprocess
import unittest
import zlib

from players import PlayersTest
from testbed import main

NANOSECOND_PCAP = 0xA1B23C4D
ETHERNET, UDP_PORT = 14, 4791
RC_WRITE_FIRST, RC_WRITE_LAST, RC_ACKNOWLEDGE, CNP = "6", "8", "17", "129"
PFC, PRIORITY_3 = "0x0101", "0x0008"
EXPECTED_FLOWS = 3


def frames_of(path):
    with open(path, "rb") as file:
        data = file.read()
    assert struct.unpack_from("<I", data)[0] == NANOSECOND_PCAP, path
    offset = 24
    while offset < len(data):
        size = struct.unpack_from("<I", data, offset + 8)[0]
        yield data[offset + 16:offset + 16 + size]
        offset += 16 + size


def is_roce(frame):
    return frame[12:14] == b"\x08\x00" and frame[23] == 17 and struct.unpack_from("!H", frame, 36)[0] == UDP_PORT


def expected_icrc(frame):
    """IBTA volume 1, A17.3.3: what a router may change reads as ones, and eight bytes of ones stand before it."""
    ip = bytearray(frame[ETHERNET:ETHERNET + struct.unpack_from("!H", frame, 16)[0] - 4])
    for variant in (1, 8, 10, 11, 26, 27, 32):  # TOS, TTL, IP checksum, UDP checksum, FECN and BECN
        ip[variant] = 0xFF
    return zlib.crc32(b"\xff" * 8 + ip)


@unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
class Wire(PlayersTest):
    def test_a_captured_run_is_rocev2(self):
        code, run, summary = self.play("--pcap")
        self.assertEqual(code, 0, self.said)
        self.assertTrue(run["complete"])
        paths = sorted(glob.glob(os.path.join(self.captures, "*.host*")), key=lambda path: path.partition(".")[2])
        self.assertEqual([os.path.basename(path).partition(".")[2] for path in paths],
                         [f"host{i}-nic0.pcap" for i in range(4)])
        for path in paths:
            self.assertEqual(self.tshark(path, "_ws.malformed or _ws.expert.severity >= 0x600000",
                                         "frame.number", "_ws.expert.message"), [])
            self.check_icrcs(path)
        self.check_receiver(paths[0])
        self.check_pauses(paths[1:], summary)

    def check_icrcs(self, path):
        roce = [frame for frame in frames_of(path) if is_roce(frame)]
        self.assertGreater(len(roce), 20)
        wrong = [frame for frame in roce
                 if struct.unpack_from("<I", frame, ETHERNET + struct.unpack_from("!H", frame, 16)[0] - 4)[0]
                 != expected_icrc(frame)]
        self.assertEqual(wrong, [])

    def check_receiver(self, path):
        """Host 0 receives data, and answers each flow with ACKs, and CNPs where it was marked."""
        opcodes = collections.Counter(
            row[0] for row in self.tshark(path, "infiniband", "infiniband.bth.opcode"))
        for opcode in (RC_WRITE_FIRST, RC_WRITE_LAST, RC_ACKNOWLEDGE, CNP):
            self.assertGreater(opcodes[opcode], 0, opcodes)
        queue_pairs = {row[0] for row in self.tshark(path, "infiniband.reth", "infiniband.bth.destqp")}
        self.assertEqual(len(queue_pairs), EXPECTED_FLOWS)
        marked = self.tshark(path, "infiniband and ip.dsfield.ecn == 3", "ip.dsfield.dscp")
        self.assertEqual({row[0] for row in marked}, {"26"})
        cnps = self.tshark(path, f"infiniband.bth.opcode == {CNP}", "ip.dsfield.dscp", "udp.dstport")
        self.assertEqual({tuple(row) for row in cnps}, {("48", str(UDP_PORT))})

    def check_pauses(self, paths, summary):
        frames = [row for path in paths
                  for row in self.tshark(path, "macc", "macc.opcode", "macc.cbfc.enbv", "macc.cbfc.pause_time.c3")]
        self.assertTrue(all(row[:2] == [PFC, PRIORITY_3] for row in frames), frames)
        paused = [row for row in frames if row[2] != "0"]
        self.assertGreater(len(paused), 0)
        self.assertEqual(len(paused), summary["settings"][0]["runs"][0]["metrics"]["pfc.pauses"]["value"])

    def tshark(self, path, display_filter, *fields):
        command = ["tshark", "-n", "-r", path, "-Y", display_filter, "-T", "fields", "-o", "ip.check_checksum:TRUE"]
        for field in fields:
            command += ["-e", field]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in said.splitlines()]


if __name__ == "__main__":
    main()
