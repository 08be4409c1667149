// SPDX-License-Identifier: BSD-3-Clause
// An agent without devices: what LabAgent plays over DPDK ports, all hosts of a plan in one thread and in
// virtual time, joined by cables that lose nothing. Captures are those of LabAgent, with a text for frames.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "dpdk-app/agent/lcore_work.h"
#include "dpdk-app/session/capture_folder.h"
#include "dpdk-app/session/player_session.h"

namespace railyard::fuzz {

struct Cables {
  SimTime now;
  std::vector<std::deque<std::vector<uint8_t>>> frames;  // to each endpoint
};

class PlayedPlan final : public lab::RunPlayer {
 public:
  // Without `captures`, plans that ask for captures are refused.
  explicit PlayedPlan(const lab::CaptureFolder* captures = nullptr) : captures_(captures) {}

  lab::control::Identity identity() override { return {}; }
  tl::expected<lab::PreparedRun, std::string> prepare(const lab::control::Plan& plan,
                                                      const std::atomic<bool>& cancelled) override;
  tl::expected<lab::control::ProbeResult, std::string> probe(const lab::control::Probe&) override {
    return {};
  }
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
    std::vector<lab::CaptureFile> captures;  // of every endpoint
  };
  const lab::CaptureFolder* captures_;
  std::unique_ptr<Run> run_;
};

}  // namespace railyard::fuzz
