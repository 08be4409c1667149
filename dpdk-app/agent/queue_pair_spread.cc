// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/queue_pair_spread.h"

#include <map>

#include "traffic/protocol/transport/nic_layout.h"

namespace railyard::lab {

QueuePairSpread::QueuePairSpread(const LabPlan& plan, const FlowTable& flows, uint32_t endpoint,
                                 uint32_t queues)
    : queues_(queues), sender_(flows.size()), receiver_(flows.size()) {
  const auto scope_of = [&](uint32_t flow) {
    const schedule::PlayedJob& job = plan.played.jobs[flows[flow].job];
    const FlowClass of =
        flow_class_of(plan.nic, plan.switches.maps, plan.congestion, job.dscp, job.congestion_control);
    const auto scope = of.algorithm->receiver.scope;
    return scope == nullptr ? ReceiverScope::QueuePair : scope(of.settings);
  };
  uint32_t turn = 0;
  const auto next = [&] { return static_cast<uint8_t>(turn++ % queues); };
  for (const uint32_t flow : flows.sent_by(endpoint)) sender_[flow] = next();
  std::map<uint32_t, uint8_t> queue_of_peer;
  for (const uint32_t flow : flows.received_by(endpoint)) {
    const ReceiverScope scope = scope_of(flow);
    if (scope == ReceiverScope::QueuePair) {
      receiver_[flow] = next();
    } else if (scope == ReceiverScope::Peer) {
      const auto [of, is_new] = queue_of_peer.try_emplace(flows[flow].source);
      if (is_new) of->second = next();
      receiver_[flow] = of->second;
    }
  }
}

}  // namespace railyard::lab
