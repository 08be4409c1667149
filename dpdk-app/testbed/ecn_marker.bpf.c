// SPDX-License-Identifier: BSD-3-Clause
// Marks CE on frames that leave by a port whose queue is longer than a threshold. Linux has no such qdisc,
// and a program cannot see the length of the qdisc behind it, so that the queue here is virtual: it fills
// with every frame and drains at the rate of the token bucket filter (TBF) that follows. Attached to clsact's
// egress hook, which runs ahead of the port's qdisc.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdint.h>

#include <bpf/bpf_helpers.h>

#include "ecn_marker_port.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 256);
  __type(key, uint32_t);  // interface index
  __type(value, struct ecn_marker_port);
} ports SEC(".maps");

// Ethernet and IPv4 headers. Of a frame from a packet socket's ring only the Ethernet header is in the linear
// part, and bpf_skb_ecn_set_ce() takes a header that it does not find there for one that cannot be marked.
#define HEADER_BYTES 34
#define PS_PER_NS 1000

SEC("tc") int mark_ecn(struct __sk_buff* skb) {
  uint32_t index = skb->ifindex;
  struct ecn_marker_port* port = bpf_map_lookup_elem(&ports, &index);
  if (!port) return TC_ACT_OK;

  uint64_t wire_bytes = skb->len + ECN_MARKER_FRAME_OVERHEAD;
  uint64_t now = bpf_ktime_get_ns();
  // Two processors may send by one port at a time.
  bpf_spin_lock(&port->lock);
  uint64_t drained = now > port->last_ns ? (now - port->last_ns) * PS_PER_NS / port->ps_per_byte : 0;
  if (drained > 0) {
    port->queue_bytes -= drained < port->queue_bytes ? drained : port->queue_bytes;
    port->last_ns = port->queue_bytes > 0 ? port->last_ns + drained * port->ps_per_byte / PS_PER_NS : now;
  }
  uint64_t before = port->queue_bytes;
  port->queue_bytes += wire_bytes;
  if (port->queue_bytes > port->max_queue_bytes) port->max_queue_bytes = port->queue_bytes;
  port->frames += 1;
  port->bytes += wire_bytes;
  uint64_t threshold = port->threshold_bytes;
  bpf_spin_unlock(&port->lock);

  if (before > threshold && bpf_skb_pull_data(skb, HEADER_BYTES) == 0 && bpf_skb_ecn_set_ce(skb) == 1) {
    __sync_fetch_and_add(&port->marked, 1);
  }
  return TC_ACT_OK;
}

char program_license[] SEC("license") = "Dual BSD/GPL";
