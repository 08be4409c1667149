// SPDX-License-Identifier: BSD-3-Clause
// How the queue pairs of a run's flows are numbered: two a flow, the sender's even, the receiver's odd.
#pragma once

#include <cstdint>

#include "dpdk-app/session/probe_limits.h"

namespace railyard::lab {

// 0 and 1 are the management queue pairs, and low ones are what other RDMA stacks take first
// [IBTA 1.4, 3.5.8].
constexpr uint32_t kFirstQueuePair = 0x1000;
// Those below it that a check's frames are for, one a kind (control::ProbeStream).
constexpr uint32_t kProbeQueuePair = 0xf00;
constexpr bool is_probe(uint32_t queue_pair) {
  return queue_pair >= kProbeQueuePair && queue_pair - kProbeQueuePair < kProbeKinds;
}
constexpr uint32_t sender_queue_pair(uint32_t flow) {
  return kFirstQueuePair + 2 * flow;
}
constexpr uint32_t receiver_queue_pair(uint32_t flow) {
  return kFirstQueuePair + 2 * flow + 1;
}
constexpr uint32_t flow_of_queue_pair(uint32_t queue_pair) {
  return (queue_pair - kFirstQueuePair) / 2;  // of a lower one: a number beyond every flow
}
constexpr bool is_receiver(uint32_t queue_pair) {
  return (queue_pair & 1) != 0;
}
constexpr uint32_t kMaximumFlows = ((1u << 24) - kFirstQueuePair) / 2;

}  // namespace railyard::lab
