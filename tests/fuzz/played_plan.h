// SPDX-License-Identifier: BSD-3-Clause
// An agent without devices: what LabAgent plays over DPDK ports, all hosts of a plan in one thread and in
// virtual time, joined by cables that lose nothing.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "dpdk-app/agent/lcore_work.h"
#include "dpdk-app/session/player_session.h"

namespace railyard::fuzz {

struct Cables {
  SimTime now;
  std::vector<std::deque<std::vector<uint8_t>>> frames;  // to each endpoint
};

class PlayedPlan final : public lab::RunPlayer {
 public:
  lab::control::Identity identity() override { return {}; }
  tl::expected<lab::PreparedRun, std::string> prepare(const lab::control::Plan& plan) override;
  // Plays so many steps as a fuzzer has patience for.
  tl::expected<void, std::string> start(int64_t at_ns) override;
  lab::RunStatus status() override;
  void stop(const std::string& why) override;
  tl::expected<lab::control::Measurements, std::string> collect() override;
  void release() override { run_.reset(); }

 private:
  struct Run {
    lab::LabPlan plan;
    lab::FlowTable flows;
    std::vector<schedule::JobLog> logs;
    Cables cables;
    std::vector<std::unique_ptr<lab::HostLane>> hosts;
  };
  std::unique_ptr<Run> run_;
};

}  // namespace railyard::fuzz
