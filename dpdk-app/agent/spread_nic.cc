// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/spread_nic.h"

namespace railyard::lab {

SpreadNic::SpreadNic(const LabPlan& plan, const FlowTable& flows, uint32_t endpoint,
                     const PortContext& context, uint32_t queues)
    : shared_(QueuePairSpread(plan, flows, endpoint, queues)) {
  PortContext of_queue = context;
  of_queue.shared = &shared_;
  first_ = make_port_player(plan, endpoint, flows.size(), of_queue);
  shared_.addresses = &first_->addresses();
  while (++of_queue.queue < queues)
    lanes_.push_back(std::make_unique<QueueLane>(make_port_player(plan, endpoint, flows.size(), of_queue)));
}

bool SpreadNic::poll() {
  bool busy = false;
  if (ranks_ != nullptr)
    for (const auto& lane : lanes_) busy |= lane->tell(*ranks_);
  return first_->poll() || busy;
}

void SpreadNic::add_flows(const LabPlan& plan, const FlowTable& flows, MessageEvents& events) {
  ranks_ = &events;
  first_->add_flows(plan, flows, events);
  for (const auto& lane : lanes_) lane->player().add_flows(plan, flows, *lane);
}

void SpreadNic::post(uint32_t flow, uint64_t bytes, SimTime now) {
  const uint32_t queue = shared_.spread().queue_of_sender(flow);
  if (queue == 0)
    first_->post(flow, bytes, now);
  else
    lanes_[queue - 1]->post(flow, bytes, now);
}

NicReport SpreadNic::report() const {
  NicReport report = first_->report();
  for (const auto& lane : lanes_) add_queue(report, lane->player().report());
  return report;
}

std::vector<const PcapRing*> SpreadNic::captures() const {
  std::vector<const PcapRing*> all = first_->captures();
  for (const auto& lane : lanes_)
    for (const PcapRing* capture : lane->player().captures()) all.push_back(capture);
  return all;
}

}  // namespace railyard::lab
