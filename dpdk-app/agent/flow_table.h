// SPDX-License-Identifier: BSD-3-Clause
// Flows of a run as the wire knows them: queue pairs, addresses and entropy, numbered as schedule::PlayedJobs
// numbers them.
#pragma once

#include <cstdint>
#include <vector>

#include "dpdk-app/session/lab_plan.h"
#include "dpdk-app/session/queue_pairs.h"
#include "traffic/protocol/transport/flow_entropy.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {

constexpr uint32_t kNoFlow = ~uint32_t{0};

struct Flow : schedule::Flow {
  FlowEntropy entropy;
};

class FlowTable {
 public:
  // The plan must outlive it. The error says that there are more flows than queue pair numbers.
  static tl::expected<FlowTable, std::string> of(const LabPlan& plan);

  uint32_t size() const { return static_cast<uint32_t>(flows_.size()); }
  const Flow& operator[](uint32_t flow) const { return flows_[flow]; }
  const std::vector<uint32_t>& sent_by(uint32_t endpoint) const { return sent_by_[endpoint]; }
  const std::vector<uint32_t>& received_by(uint32_t endpoint) const { return received_by_[endpoint]; }
  // Endpoints that `endpoint` sends to or answers, each once.
  std::vector<uint32_t> peers_of(uint32_t endpoint) const;

  // Of the flow's data. The next hop's MAC is only known at the source.
  FlowAddress address_of(uint32_t flow, const MacAddress& next_hop) const;
  // For what the destination answers: the flow's own address, with the next hop back and its own source port.
  // encode() turns it round.
  FlowAddress reply_address_of(uint32_t flow, const MacAddress& next_hop) const;

 private:
  const LabPlan* plan_ = nullptr;
  std::vector<Flow> flows_;
  std::vector<std::vector<uint32_t>> sent_by_, received_by_;
};

}  // namespace railyard::lab
