// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "dpdk-app/agent/port_player.h"
#include "traffic/pattern/schedule/rank_host.h"

namespace railyard::lab {

// A host's ranks and NICs, joined: the NICs count time from the agent's start, the ranks from the run's.
class HostLane final : public MessageEvents, private schedule::HostEnvironment {
 public:
  HostLane(const LabPlan& plan, const FlowTable& flows, uint32_t host, std::vector<schedule::JobLog>& logs)
      : plan_(plan), flows_(flows), host_(host), ranks_(plan.played, host, logs, *this) {}

  // In order of NIC.
  void add_nic(std::unique_ptr<PortPlayer> nic) { nics_.push_back(std::move(nic)); }
  // Builds the queue pairs: every next hop must be known.
  void connect();
  void start(SimTime at);
  // Ranks and NICs send no more.
  void stop();
  bool poll(SimTime now);
  SimTime next_due() const;

  uint32_t host() const { return host_; }
  const schedule::RankHost& ranks() const { return ranks_; }
  SimTime finished_at() const { return finished_at_; }   // the last rank that ended
  uint32_t failed_flow() const { return failed_flow_; }  // kNoFlow: none
  const std::vector<std::unique_ptr<PortPlayer>>& nics() const { return nics_; }

  void message_received(uint32_t flow, SimTime now) override {
    if (!stopped_) ranks_.message_received(flow, of_run(now));
  }
  void message_acked(uint32_t flow, SimTime now) override {
    if (!stopped_) ranks_.message_acked(flow, of_run(now));
  }
  void queue_pair_failed(uint32_t flow, SimTime) override {
    if (failed_flow_ == kNoFlow) failed_flow_ = flow;
  }

 private:
  void post(uint32_t flow, Bytes bytes, SimTime now) override;
  void wake_at(SimTime) override {}  // the lcore looks at next_due()
  void rank_ended(SimTime now) override { finished_at_ = now; }

  // What other lcores tell happened a little earlier than what the ranks know already; their time does not go
  // back.
  SimTime of_run(SimTime now) { return latest_ = std::max(latest_, now - origin_); }
  bool ranks_act() const { return started_ && !stopped_; }

  const LabPlan& plan_;
  const FlowTable& flows_;
  const uint32_t host_;
  schedule::RankHost ranks_;
  std::vector<std::unique_ptr<PortPlayer>> nics_;
  bool started_ = false, stopped_ = false;
  SimTime origin_;  // of the run
  SimTime latest_;  // that the ranks were told, from there
  SimTime finished_at_;
  uint32_t failed_flow_ = kNoFlow;
};

}  // namespace railyard::lab
