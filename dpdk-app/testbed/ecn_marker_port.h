// SPDX-License-Identifier: BSD-3-Clause
// What the kernel's half of the ECN marker (ecn_marker.bpf.c) shares with ours, one entry a port. Plain C for
// both.
#pragma once

#include <linux/bpf.h>
#include <stdint.h>

// Preamble and SFD, FCS, inter-frame gap: what a frame takes on a wire beyond what the kernel counts (IEEE
// 802.3).
#define ECN_MARKER_FRAME_OVERHEAD (8 + 4 + 12)

struct ecn_marker_port {  // NOLINT(readability-identifier-naming): C
  struct bpf_spin_lock lock;
  uint64_t ps_per_byte;  // of the link that the port's qdisc shapes to
  uint64_t threshold_bytes;
  // What follows is the program's: the virtual queue, and what was counted.
  uint64_t last_ns;
  uint64_t queue_bytes;
  uint64_t max_queue_bytes;
  uint64_t frames;
  uint64_t bytes;
  uint64_t marked;
};
