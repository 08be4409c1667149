# SPDX-License-Identifier: BSD-3-Clause
"""NCCL's cost model, written down apart from the product's, and every choice of the product's held against it.

usage: nccl_model.py CHOICES     CHOICES: the program that prints them

Source: NCCL 2.30, src/graph/tuning.cc, for x86 hosts with Intel processors and NVLink.
"""
import math
import subprocess
import sys

PROTOCOLS = ("ll", "ll128", "simple")
BASE = {"tree": (6.8, 14.0, 8.4), "ring": (6.6, 14.0, 8.4)}
NVLINK = {"tree": (0.6, 1.25, 4.0), "ring": (0.6, 1.9, 3.4)}
PCI = {"tree": (1.0, 1.9, 4.0), "ring": (1.0, 2.5, 5.7)}
NETWORK = {"tree": (5.0, 8.5, 14.0), "ring": (2.7, 4.0, 14.0)}
# For two hosts and for more.
LL_MOST = (39.0, 20.4)
TREE_MOST = {"ampere": (23.6, 17.8), "hopper": (41.4, 36.0), "blackwell": (42.8, 24.0)}
LL128_RING_MOST = {"ampere": (20.0, 20.0), "hopper": (36.7, 36.7), "blackwell": (40.0, 40.0)}
LL128_TREE_MOST = {"ampere": (20.0, 20.0), "hopper": (36.7, 29.0), "blackwell": (31.67, 20.0)}
CORRECTION = {
    "ll": "10 10 10 10 9 8 7 7 7 7 6 5 4 4 5 6 7 8 9 10 10 10 10",
    "ll128": "10 10 10 10 10 9 8 8 8 7 6 6 6 6 6 6 8 9 9 9 9 10 10",
    "simple": "9 9 9 9 9 9 9 8 7 6 6 5 5 5 5 6 7 8 7 7 8 9 9",
}
# What the search finds for a NIC of so many Gb/s, and within a host for 450 GB/s over 1 or 8 channels.
NIC = {(gpu, gbps): 24.0 if gbps == 200 else 48.0 for gpu in TREE_MOST for gbps in (200, 400)}
WITHIN = {("ampere", 8): 40.0, ("hopper", 8): 50.0, ("blackwell", 8): 50.0}


def time_us(kind, gpu, gbps, hosts, gpus, size, algorithm, protocol):
    p = PROTOCOLS.index(protocol)
    ranks = hosts * gpus
    many = 0 if hosts == 2 else 1
    channels = 2 * gpus
    per_nic = NIC[gpu, gbps]
    if hosts == 2 and gpus > 1:
        per_nic = max(per_nic, WITHIN[gpu, gpus])
    bus = per_nic * gpus
    passes = 2 if kind == "all_reduce" else 1
    network = NETWORK["tree" if gpus == 1 else algorithm][p]
    if algorithm == "pat":
        # Of hosts with one GPU each, over which the tree's latency of the network counts.
        bandwidth = 0.75 * bus
        latency = 8.0 + int(math.log2(hosts)) * NETWORK["tree"][p] / 3.5 + 2.8 * ranks
    elif algorithm == "ring":
        if protocol == "ll":
            bus = min(LL_MOST[many], bus / 2)
        elif protocol == "ll128":
            bus = min(0.92 * bus, channels * LL128_RING_MOST[gpu][many])
        bandwidth = bus * ranks / (passes * (ranks - 1))
        launch = 3.0 if protocol == "simple" else 1.0
        across = passes * (hosts - 1)
        inside = passes * (ranks - 1) - across
        latency = BASE["ring"][p] + inside * max(NVLINK["ring"][p], launch) + across * network
        if protocol == "simple" and kind == "all_reduce" and size // (channels * ranks) >= 64:
            latency *= 1.4
    else:
        bus = min(0.92 * bus, channels * TREE_MOST[gpu][many])
        if protocol == "ll":
            bus = min(bus / 3.8, LL_MOST[many])
        elif protocol == "ll128":
            bus = min(bus * 120 / 128, channels * LL128_TREE_MOST[gpu][many])
        bandwidth = 0.5 * bus * (1.0 if gpu == "ampere" else 0.85)
        doublings = int(math.log2(size // 64)) if size >= 64 else 0
        if doublings < 23:
            bandwidth *= int(CORRECTION[protocol].split()[doublings]) / 10
        latency = BASE["tree"][p] + 2 * ((gpus - 1) * NVLINK["tree"][p] + int(math.log2(hosts)) * network)
    return latency + size / (1000 * bandwidth)


def main():
    wrong = checked = 0
    offered = set()
    for line in subprocess.run([sys.argv[1]], capture_output=True, check=True, text=True).stdout.splitlines():
        if line.startswith("offered "):
            offered.add(line.split()[1])
            continue
        fields = line.split()
        is_pat = fields[0] == "pat"
        kind, gpu, gbps, hosts, gpus, size = fields[1:7] if is_pat else fields[:6]
        case = (kind, gpu, int(gbps), int(hosts), int(gpus), int(size))
        predicted = float(fields[-1])
        checked += 1
        if is_pat:
            ours = time_us(*case, "pat", "simple")
            if not math.isclose(predicted, ours, rel_tol=1e-5):
                wrong += 1
                print(f"{case}: pat in {predicted} us, here {ours:.6f} us")
            continue
        algorithm, protocol = fields[6:8]
        ways = {(a, p): time_us(*case, a, p) for p in PROTOCOLS
                for a in (("tree", "ring") if kind == "all_reduce" else ("ring",))}
        if kind in offered and int(gpus) == 1:
            ways["pat", "simple"] = time_us(*case, "pat", "simple")
        best = min(ways, key=ways.get)
        same = math.isclose(ways[algorithm, protocol], ways[best], rel_tol=1e-9)
        if not same or not math.isclose(predicted, ways[algorithm, protocol], rel_tol=1e-5):
            wrong += 1
            print(f"{case}: {algorithm} {protocol} in {predicted} us, here {best} in {ways[best]:.6f} us")
    tree = time_us("all_reduce", "hopper", 400, 128, 1, 8192, "tree", "ll")
    ring = time_us("all_reduce", "hopper", 400, 128, 1, 8192, "ring", "ll")
    print(f"{checked} predictions, {wrong} wrong; 8 KiB over 128 hosts of one GPU: tree {tree:.1f} us, ring {ring:.0f} us")
    return 1 if wrong or checked < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
