// SPDX-License-Identifier: BSD-3-Clause
// Which queue of a NIC plays which of its queue pairs.
#pragma once

#include <cstdint>
#include <vector>

#include "dpdk-app/agent/flow_table.h"

namespace railyard::lab {

// In order of number, senders first, they take the queues in turn; receivers that have something in common
// (CNPs paced over a peer, or over the port) have a queue in common.
class QueuePairSpread {
 public:
  QueuePairSpread(const LabPlan& plan, const FlowTable& flows, uint32_t endpoint, uint32_t queues);

  uint32_t queues() const { return queues_; }
  // Of a flow that starts, that ends here; of another flow: no matter which.
  uint32_t queue_of_sender(uint32_t flow) const { return sender_[flow]; }
  uint32_t queue_of_receiver(uint32_t flow) const { return receiver_[flow]; }
  // As a frame names it; of a number that nobody has: `otherwise`.
  uint32_t queue_of(uint32_t queue_pair, uint32_t otherwise) const {
    const uint32_t flow = flow_of_queue_pair(queue_pair);
    if (flow >= sender_.size()) return otherwise;
    return is_receiver(queue_pair) ? receiver_[flow] : sender_[flow];
  }

 private:
  uint32_t queues_;
  std::vector<uint8_t> sender_, receiver_;  // by flow
};

}  // namespace railyard::lab
