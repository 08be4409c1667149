// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <vector>

#include "dpdk-app/agent/queue_lane.h"
#include "dpdk-app/agent/shared_port.h"

namespace railyard::lab {

// A NIC on several queues of its port: the first is played here, the others by their own lcores. What it says
// while it runs is of the first; its report is of all.
class SpreadNic final : public PortPlayer {
 public:
  // `context` as for the first queue. The plan must outlive it.
  SpreadNic(const LabPlan& plan, const FlowTable& flows, uint32_t endpoint, const PortContext& context,
            uint32_t queues);

  // Of the other queues; each must be polled by one lcore.
  const std::vector<std::unique_ptr<QueueLane>>& lanes() const { return lanes_; }

  bool poll() override;
  SimTime next_due() const override { return first_->next_due(); }
  void add_flows(const LabPlan& plan, const FlowTable& flows, MessageEvents& events) override;
  void post(uint32_t flow, uint64_t bytes, SimTime now) override;
  void start(SimTime at) override { first_->start(at); }
  void stop() override { first_->stop(); }
  void fall_silent() override { first_->fall_silent(); }

  // Over the first queue alone: a pause stops all alike.
  void begin_probe(const LabPlan& plan, const control::Probe& probe, SimTime start) override {
    first_->begin_probe(plan, probe, start);
  }
  void end_probe(control::ProbeResult& result) override { first_->end_probe(result); }

  AddressResolution& addresses() override { return first_->addresses(); }
  const NicCounters& counters() const override { return first_->counters(); }
  uint64_t retransmitted() const override { return first_->retransmitted(); }
  SimTime lateness_p99() const override { return first_->lateness_p99(); }
  NicReport report() const override;
  std::vector<const PcapRing*> captures() const override;

 private:
  SharedPort shared_;
  std::unique_ptr<PortPlayer> first_;
  std::vector<std::unique_ptr<QueueLane>> lanes_;
  MessageEvents* ranks_ = nullptr;
};

}  // namespace railyard::lab
