// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/queue_pair_spread.h"

namespace railyard::lab {

QueuePairSpread::QueuePairSpread(const FlowTable& flows, uint32_t endpoint, uint32_t queues)
    : queues_(queues), sender_(flows.size()), receiver_(flows.size()) {
  uint32_t turn = 0;
  const auto next = [&] { return static_cast<uint8_t>(turn++ % queues); };
  for (const uint32_t flow : flows.sent_by(endpoint)) sender_[flow] = next();
  for (const uint32_t flow : flows.received_by(endpoint)) receiver_[flow] = next();
}

}  // namespace railyard::lab
