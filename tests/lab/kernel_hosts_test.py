# SPDX-License-Identifier: BSD-3-Clause
"""ping, UDP and TCP between kernels over the soft switch work as they come, and ECN is seen."""

import os

from kernel_hosts import ADDRESSES, ADDRESSES_V6, SEGMENT, SEGMENTS, KernelHostsTest
from testbed import main

HEADERS = 28  # IPv4's and UDP's
MARKED_DSCP = "26"  # of the queue that marks unless the switch is told otherwise
ATTEMPTS = 5


class KernelHosts(KernelHostsTest):
    def test_ping_and_udp(self):
        self.begin(with_ipv6=True)
        self.assertEqual(self.hosts[0].call("ping", ADDRESSES[1], 3), 3)
        sizes = [1, 18, 19, 100, 1000, 1500 - HEADERS]
        self.assertEqual(self.echoed(ADDRESSES[1], *sizes), sizes)
        self.assertEqual(self.echoed(ADDRESSES_V6[1], *sizes[:-1]), sizes[:-1])
        self.assertEqual(self.echoed(ADDRESSES[1], 1500, 20000, by="echo_fragments"), [1500, 20000])
        totals = self.end()
        self.assertGreater(totals["ports"][0]["offload"]["completed"], len(sizes))

    def test_udp_segmentation(self):
        self.begin()
        self.assertEqual(self.echoed(ADDRESSES[1], by="echo_segments"), [SEGMENT] * SEGMENTS)
        self.assertEqual(self.end()["ports"][0]["offload"]["made"], SEGMENTS)

    def test_frames_of_the_ports_own_mtu(self):
        self.begin(mtu=9000)
        sizes = [8000, 8192, 9000 - HEADERS]
        self.assertEqual(self.echoed(ADDRESSES[1], *sizes), sizes)
        self.end()

    def test_tcp_over_ipv6(self):
        self.begin("--rate", "1Gbps", with_ipv6=True)
        server = self.start(*self.hosts[1].command("iperf3", "--server", "--one-off", "--forceflush"))
        server.wait_for("listening")
        self.hosts[0].run("iperf3", "--client", ADDRESSES_V6[1], "--bytes", "8M")
        self.assertEqual(self.hosts[1].counter("TcpInCsumErrors"), 0)
        self.assertGreater(self.end()["ports"][0]["offload"]["cut"], 0)

    def test_tcp_fills_a_shaped_port_and_obeys_its_marks(self):
        """94.1 % at most is goodput: 1448 of a frame's 1538 bytes on the wire."""
        for _ in range(ATTEMPTS):
            goodput, totals = self.shaped()
            if goodput >= 90:
                return
            self.doCleanups()
        self.fail(f"{goodput:.1f} Mb/s of 100; late by {totals['lateness_us']}, load {os.getloadavg()}")

    def shaped(self):
        self.begin("--rate", "100Mbps")
        goodput = self.iperf("--dscp", MARKED_DSCP)
        sender, receiver = self.hosts
        marks_seen, echoed = receiver.counter("IpExtInCEPkts"), sender.counter("TcpExtTCPDeliveredCE")
        retransmitted = sender.counter("TcpRetransSegs")
        arrived = receiver.received_frames()
        totals = self.end()
        into, out = totals["ports"]
        self.assertGreater(into["offload"]["cut"], 0)
        self.assertGreater(out["ecn_marked"], 0)
        self.assertEqual((marks_seen, arrived), (out["ecn_marked"], out["tx_packets"]))
        self.assertGreater(echoed, 0)
        self.assertLessEqual(goodput, 95)
        print(f"{goodput:.1f} Mb/s, {marks_seen} marks, {retransmitted} sent again, {out['drops']} dropped")
        return goodput, totals


if __name__ == "__main__":
    main()
