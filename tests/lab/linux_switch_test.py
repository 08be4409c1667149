# SPDX-License-Identifier: BSD-3-Clause
"""The foreign switch on its own: what leaves by a port keeps to its rate, and is marked above the threshold only."""

import json
import select
import socket
import struct
import time
import unittest

from testbed import SOURCE, LabTest, is_real_root, main, program

RATE_MBPS = 100
THRESHOLD = 100_000
FRAME_OVERHEAD = 24  # preamble, FCS, inter-frame gap
PAYLOAD = 4096
FRAMES = 800  # fit into the buffer
ECT0, CE, NOT_ECT = 2, 3, 0
UDP, ROCE_PORT, DSCP = 17, 4791, 26
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23  # linux/if_packet.h
SO_SNDBUFFORCE, SO_RCVBUFFORCE, SO_TIMESTAMPNS = 32, 33, 35  # asm-generic/socket.h


def ones_complement_sum(header):
    total = sum(struct.unpack("!10H", header))
    total = (total >> 16) + (total & 0xFFFF)
    return (total + (total >> 16)) & 0xFFFF


def frame(source, destination, ecn, payload=PAYLOAD):
    data = bytes(payload)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, DSCP << 2 | ecn, 28 + len(data), 0, 0x4000, 64, UDP, 0,
                     bytes([10, 0, 0, source]), bytes([10, 0, 0, destination]))
    ip = ip[:10] + struct.pack("!H", ones_complement_sum(ip) ^ 0xFFFF) + ip[12:]
    udp = struct.pack("!4H", 49152, ROCE_PORT, 8 + len(data), 0)
    return bytes([2, 0, 0, 0, 0, destination, 2, 0, 0, 0, 0, source, 8, 0]) + ip + udp + data


def port(name):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    opened.bind((name, 3))
    opened.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 26)  # or it holds back what the switch should queue
    opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)  # or it drops what comes while nobody reads
    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)  # by when they came, whenever they are read
    opened.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    return opened


@unittest.skipUnless(is_real_root(), "a BPF program needs root")
class LinuxSwitch(LabTest):
    def setUp(self):
        self.switch = self.start(f"{SOURCE}/dpdk-app/testbed/linux-switch", "--rate-mbps", str(RATE_MBPS),
                                 "--threshold-bytes", str(THRESHOLD), "--marker", program("railyard-ecn-marker"),
                                 "s0", "s1")
        self.switch.wait_for("marking on 2 ports")
        self.sender, self.receiver = port("h0"), port("h1")
        self.addCleanup(self.sender.close)
        self.addCleanup(self.receiver.close)
        self.receiver.send(frame(1, 9, NOT_ECT, 64))  # the bridge learns where it is

    def counters(self):
        self.assertEqual(self.switch.stop(), 0, self.switch.text())
        return json.loads(self.switch.text().splitlines()[-1])

    def exchange(self, ecn, frames, gap):
        """Sends frames, `gap` seconds apart at least; those that came, and when, until none came for half a second."""
        arrived = []
        sent = 0
        due = last = time.perf_counter()
        while sent < frames or time.perf_counter() - last < 0.5:
            now = time.perf_counter()
            if sent < frames and now >= due:
                self.sender.send(frame(0, 1, ecn))
                sent += 1
                due = now + gap
            while select.select([self.receiver], [], [], 0)[0]:
                data, ancillary, _, _ = self.receiver.recvmsg(9000, socket.CMSG_SPACE(16))
                last = time.perf_counter()
                if len(data) > PAYLOAD:
                    seconds, nanoseconds = struct.unpack("@ll", ancillary[0][2])
                    arrived.append((seconds + nanoseconds * 1e-9, data))
        return arrived

    def test_marks_above_the_threshold_and_keeps_to_the_rate(self):
        arrived = self.exchange(ECT0, FRAMES, 0)  # as fast as they can be sent
        self.assertEqual(len(arrived), FRAMES)
        wire_bits = 8 * (len(arrived[0][1]) + FRAME_OVERHEAD)
        queued = arrived[FRAMES // 2:]  # whatever kept the sender from its processor, by now all are in the queue
        rate = (len(queued) - 1) * wire_bits / (queued[-1][0] - queued[0][0]) / 1e6
        self.assertAlmostEqual(rate, RATE_MBPS, delta=0.03 * RATE_MBPS)

        ecn = [data[15] & 3 for _, data in arrived]
        frame_bytes = wire_bits // 8
        # The first ones find less than the threshold before them, and what follows grows the queue.
        below = THRESHOLD // frame_bytes
        self.assertNotIn(CE, ecn[:below])
        self.assertGreater(ecn.count(CE), 0.9 * FRAMES)
        for _, data in arrived:
            self.assertEqual(ones_complement_sum(data[14:34]), 0xFFFF)

        marker = self.counters()["marker"]["s1"]
        self.assertEqual(marker["ecn_marked"], ecn.count(CE))
        self.assertEqual(marker["wire_bytes"], FRAMES * frame_bytes)
        self.assertGreater(marker["max_queue_bytes"], THRESHOLD)

    def test_marks_nothing_below_the_threshold(self):
        gap = 8 * (PAYLOAD + 42 + FRAME_OVERHEAD) / (0.3e6 * RATE_MBPS)  # 30 % of the rate
        arrived = self.exchange(ECT0, 200, gap)
        self.assertEqual(len(arrived), 200)
        self.assertEqual([data[15] & 3 for _, data in arrived].count(CE), 0)
        self.assertEqual(self.counters()["marker"]["s1"]["ecn_marked"], 0)

    def test_leaves_what_is_not_ecn_capable(self):
        arrived = self.exchange(NOT_ECT, 200, 0)
        self.assertEqual({data[15] & 3 for _, data in arrived}, {NOT_ECT})
        marker = self.counters()["marker"]["s1"]
        self.assertEqual(marker["ecn_marked"], 0)
        self.assertGreater(marker["max_queue_bytes"], THRESHOLD)


if __name__ == "__main__":
    main()
