# SPDX-License-Identifier: BSD-3-Clause
"""Two hosts whose kernels talk over the soft switch, with the offloads that a veth has from the beginning.

Run as a program it is what a host runs: "kernel_hosts.py echo 10.9.0.2".
"""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile

from testbed import LabTest, program

ADDRESSES = ("10.9.0.1", "10.9.0.2")
ADDRESSES_V6 = ("fd09::1", "fd09::2")
ECHO_PORT = 7
IP_MTU_DISCOVER, IP_PMTUDISC_DO, UDP_SEGMENT = 10, 2, 103  # linux/in.h, linux/udp.h
SEGMENT, SEGMENTS = 400, 20


def udp_socket(address, may_be_fragmented=False):
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    opened.settimeout(2)
    if ":" not in address and not may_be_fragmented:
        opened.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
    return opened


def echo_server(address):
    server = udp_socket(address, may_be_fragmented=True)
    server.settimeout(None)
    server.bind((address, ECHO_PORT))
    print("ready", flush=True)
    while True:
        server.sendto(*server.recvfrom(65536))


def echo(address, *sizes, may_be_fragmented=False):
    """The sizes of those datagrams that came back as they were sent."""
    client = udp_socket(address, may_be_fragmented)
    whole = []
    for size in map(int, sizes):
        sent = os.urandom(size)
        client.sendto(sent, (address, ECHO_PORT))
        try:
            if client.recv(65536) == sent:
                whole.append(size)
        except TimeoutError:
            pass
    print(json.dumps(whole))


def echo_fragments(address, *sizes):
    echo(address, *sizes, may_be_fragmented=True)


def echo_segments(address):
    """One write that the kernel is to cut into datagrams, and leaves to the interface; the sizes that came back."""
    client = udp_socket(address)
    client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SEGMENT)
    client.sendto(bytes(SEGMENTS * SEGMENT), (address, ECHO_PORT))
    sizes = []
    try:
        while len(sizes) < SEGMENTS:
            sizes.append(len(client.recv(65536)))
    except TimeoutError:
        pass
    print(json.dumps(sizes))


def ping(address, count):
    """How many ICMP echoes came back whole."""
    client = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    client.settimeout(2)
    client.connect((address, 0))
    whole = 0
    for sequence in range(int(count)):
        request = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xFFFF, sequence) + os.urandom(1000)
        total = sum(struct.unpack(f"!{len(request) // 2}H", request))
        while total >> 16:
            total = (total >> 16) + (total & 0xFFFF)
        client.send(request[:2] + struct.pack("!H", total ^ 0xFFFF) + request[4:])
        try:
            whole += client.recv(65536)[24:] == request[4:]  # behind the IP header, type, code and checksum
        except TimeoutError:
            pass
    print(json.dumps(whole))


class Host:
    """A network namespace with one end of a cable in it."""

    def __init__(self, test, index, mtu, with_ipv6):
        self.interface = f"h{index}"
        self.holder = test.start("unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity")
        self.holder.wait_for("ready")
        self.move(["ip"], self.holder.popen.pid)
        # A namespace that ends takes its end of the cable with it.
        test.addCleanup(self.move, self.command("ip"), os.getpid())
        for command in ("ip link set lo up", "sysctl -qw net.ipv4.tcp_ecn=1",
                        f"sysctl -qw net.ipv6.conf.{self.interface}.disable_ipv6={0 if with_ipv6 else 1}",
                        f"ip addr add {ADDRESSES[index]}/24 dev {self.interface}",
                        f"ip link set {self.interface} mtu {mtu} arp on promisc off up"):
            self.run(*command.split())
        self.received_before = received_frames(self.command("ip"), self.interface)
        if with_ipv6:
            self.run("ip", "addr", "add", f"{ADDRESSES_V6[index]}/64", "dev", self.interface, "nodad")

    def move(self, ip, to):
        subprocess.run([*ip, "link", "set", self.interface, "netns", str(to)], check=True)

    def command(self, *words):
        return ("nsenter", f"--net=/proc/{self.holder.popen.pid}/ns/net", *words)

    def run(self, *words, timeout=30):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=timeout, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    @staticmethod
    def program(name, *arguments):
        return (sys.executable, os.path.realpath(__file__), name, *map(str, arguments))

    def call(self, name, *arguments):
        return json.loads(self.run(*self.program(name, *arguments)))

    def counter(self, name):
        """Of the namespace, as nstat names it: IpExtInCEPkts."""
        rows = [line.split() for line in self.run("nstat", "-asz", name).splitlines() if line[:1] != "#"]
        return int(rows[0][1])

    def received_frames(self):
        return received_frames(self.command("ip"), self.interface) - self.received_before


def received_frames(ip, interface):
    """As the kernel counts them: a large one is one."""
    said = json.loads(subprocess.run([*ip, "-s", "-j", "link", "show", interface], check=True,
                                     capture_output=True).stdout)
    return said[0]["stats64"]["rx"]["packets"]


class KernelHostsTest(LabTest):
    def begin(self, *options, mtu=1500, with_ipv6=False):
        for name in ("s0", "s1"):
            subprocess.run(["ip", "link", "set", name, "mtu", str(mtu)], check=True)
        self.json = tempfile.NamedTemporaryFile(prefix="railyard-lab-", suffix=".json")
        self.switch = self.start(program("railyard-softswitch"), "--stats", "200ms", "--json", self.json.name,
                                 "--port", "af_packet:s0", "--port", "af_packet:s1", *options)
        self.switch.wait_for("af_packet:s1")  # its first table
        self.received_before = [received_frames(["ip"], name) for name in ("s0", "s1")]
        self.hosts = [Host(self, index, mtu, with_ipv6) for index in (0, 1)]


    def echoed(self, address, *arguments, by="echo"):
        server = self.start(*self.hosts[1].command(*Host.program("echo_server", address)))
        server.wait_for("ready")
        result = self.hosts[0].call(by, address, *arguments)
        server.stop()
        return result

    def iperf(self, *options, seconds=3):
        """Goodput in Mb/s, once the sender has found its rate."""
        server = self.start(*self.hosts[1].command("iperf3", "--server", "--one-off", "--forceflush"))
        server.wait_for("listening")
        said = json.loads(self.hosts[0].run("iperf3", "--client", ADDRESSES[1], "--json", "--omit", "1",
                                            "--time", str(seconds), *options, timeout=seconds + 30))
        server.wait()
        return said["end"]["sum_received"]["bits_per_second"] / 1e6

    def end(self):
        """What the switch counted in all, with every frame accounted for."""
        before = [received_frames(["ip"], name) for name in ("s0", "s1")]
        self.assertEqual(self.switch.stop(), 0, self.switch.text())
        after = [received_frames(["ip"], name) for name in ("s0", "s1")]
        with open(self.json.name, encoding="utf-8") as file:
            totals = json.load(file)
        for i, port in enumerate(totals["ports"]):
            offload = port["offload"]
            self.assertEqual((offload["undeliverable"], offload["no_buffer"], port["fault_drops"]), (0, 0, 0))
            received = port["rx_packets"] - offload["made"] + offload["cut"]
            self.assertLessEqual(before[i] - self.received_before[i], received)
            self.assertGreaterEqual(after[i] - self.received_before[i], received)
        received, sent, dropped = (sum(port[name] for port in totals["ports"])
                                   for name in ("rx_packets", "tx_packets", "drops"))
        self.assertEqual(received, sent + dropped)
        return totals


if __name__ == "__main__":
    PROGRAMS = (echo, echo_fragments, echo_segments, echo_server, ping)
    {program.__name__: program for program in PROGRAMS}[sys.argv[1]](*sys.argv[2:])
