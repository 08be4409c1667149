// SPDX-License-Identifier: BSD-3-Clause
// Whether pauses are obeyed at each end of each endpoint's link. Steady streams of a lossless and of another
// class run between endpoints; for a while one end of a link sends PFC frames for the lossless priority, then
// resumes it. Obeyed: the stream stops, the other class runs on, and the stream goes on afterwards.
//
// A switch that can be commanded pauses the endpoints. One that cannot is made to: all send to one endpoint
// at line rate, which is paused.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/pfc_judgement.h"
#include "dpdk-app/controller/players.h"
#include "dpdk-app/controller/switch_collector.h"
#include "tools/scenario/lab_settings.h"

namespace railyard::lab {

struct PfcLab {
  const control::Plan& plan;  // that all players have prepared
  const RunInput& input;
  const FabricPlan& fabric;
  const LabSettings& settings;
  const SshOptions& ssh;
  std::vector<Player>& players;
  const std::atomic<bool>& cancelled;
};

// Two verdicts a link, one a direction. The error is of a player that did not answer.
tl::expected<std::vector<PauseVerdict>, std::string> pfc_self_test(const PfcLab& lab);

}  // namespace railyard::lab
