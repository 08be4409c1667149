// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/fabric_routes.h"

#include "dpdk-app/session/queue_pairs.h"
#include "traffic/protocol/switching/equal_cost.h"
#include "traffic/protocol/transport/flow_entropy.h"

namespace railyard::lab {
namespace {

// Data go to a receiver's queue pair, answers to a sender's. What belongs to no flow of the run has its
// source port alone.
uint32_t entropy_of(const FrameHeader& header, uint64_t seed) {
  if (header.queue_pair < kFirstQueuePair) return header.udp_source_port;
  const FlowEntropy entropy = flow_entropy(seed, flow_of_queue_pair(header.queue_pair));
  return is_receiver(header.queue_pair) ? entropy.data : entropy.answers;
}

}  // namespace

std::optional<uint16_t> FabricRoutes::port_for(const FrameHeader& header) const {
  if (is_multicast(header.destination)) return std::nullopt;
  const auto found = group_of.find(header.destination_ip);
  if (found == group_of.end()) return std::nullopt;
  const Ports& ports = groups[found->second];
  if (ports.size() == 1) return ports.front();
  const auto count = static_cast<uint32_t>(ports.size());
  return ports[equal_cost_choice(entropy_of(header, seed), salt, count)];
}

}  // namespace railyard::lab
