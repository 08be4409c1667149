# SPDX-License-Identifier: BSD-3-Clause
"""Frames that somebody else puts on a lab's cables: raw sockets beside those of the players."""

import json
import socket
import struct
import subprocess
import zlib

ROCE_PORT, CNP, ACKNOWLEDGE = 4791, 0x81, 0x11
FIRST_QUEUE_PAIR = 0x1000  # flow_table.h
STRANGER_MAC = bytes.fromhex("02dead000001")
BROADCAST = b"\xff" * 6
PAUSE_GROUP = bytes.fromhex("0180c2000001")


def mac_of(interface):
    links = json.loads(subprocess.run(["ip", "-j", "link", "show", interface], check=True, capture_output=True).stdout)
    return bytes.fromhex(links[0]["address"].replace(":", ""))


def open_raw(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind((interface, 0))
    return raw


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def icrc(ip):
    """IBTA volume 1, A17.3.3: what a router may change reads as ones, and eight bytes of ones stand before it."""
    masked = bytearray(ip)
    for variant in (1, 8, 10, 11, 26, 27, 32):  # TOS, TTL, IP checksum, UDP checksum, FECN and BECN
        masked[variant] = 0xFF
    return struct.pack("<I", zlib.crc32(b"\xff" * 8 + masked))


def roce(opcode, from_ip, to_ip, to_mac, queue_pair, psn=0, from_mac=STRANGER_MAC):
    """A CNP, or an ACK of everything up to `psn`, without fault but for where it comes from."""
    body = b"\0" * 16 if opcode == CNP else struct.pack("!I", 0x1F << 24)
    bth = struct.pack("!BBHII", opcode, 0x40, 0xFFFF, queue_pair, psn)
    udp = struct.pack("!HHHH", 0xC000, ROCE_PORT, 8 + len(bth) + len(body) + 4, 0)
    addresses = socket.inet_aton(from_ip) + socket.inet_aton(to_ip)
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(udp) + len(bth) + len(body) + 4, 0, 0x4000, 64, 17)
    ip = head + struct.pack("!H", checksum(head + b"\0\0" + addresses)) + addresses + udp + bth + body
    return to_mac + from_mac + b"\x08\x00" + ip + icrc(ip)


def pause(priority, quanta, from_mac=STRANGER_MAC):
    quantas = [quanta if p == priority else 0 for p in range(8)]
    frame = PAUSE_GROUP + from_mac + struct.pack("!HHH8H", 0x8808, 0x0101, 1 << priority, *quantas)
    return frame.ljust(60, b"\0")


def arp_request(from_mac=STRANGER_MAC):
    arp = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, from_mac, socket.inet_aton("10.9.9.9"), b"\0" * 6,
                      socket.inet_aton("10.9.9.8"))
    return (BROADCAST + from_mac + b"\x08\x06" + arp).ljust(60, b"\0")
