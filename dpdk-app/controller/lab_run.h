// SPDX-License-Identifier: BSD-3-Clause
// One run: the players are prepared, started at a common time, watched, stopped, and asked what they
// measured.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/players.h"
#include "dpdk-app/controller/preparation.h"

namespace railyard::lab {

// A player as the live table shows it.
struct PlayerState {
  std::string name;
  control::PlayerKind kind = control::AGENT;
  control::Progress progress;  // the latest
  bool finished = false;
  std::string lost;  // why; empty while it is there
};

struct PlayerResult {
  PlayerState state;
  std::optional<control::Measurements> measurements;  // what a lost player measured is lost with it
  std::vector<std::string> events;                    // its failures, and what became of it
  ClockOffset clock_before, clock_after;
  // By how much its clock runs faster than the controller's; 0 where the two offsets do not tell it.
  double drift_ppm = 0;
};

struct LabRun {
  std::vector<PlayerResult> players;  // in the order in which they were given
  std::vector<std::string> warnings;  // of the players, when they prepared
  bool complete = false;              // every agent's ranks ended their iterations
  bool interrupted = false;
  std::string stopped_by;  // where it is not complete
};

struct PlayTimes {
  std::chrono::milliseconds prepare = kPrepareTimeout;
  std::chrono::milliseconds lead{500};  // from the Start message to the start
  std::chrono::milliseconds stop{5'000};
  std::chrono::milliseconds drain{10'000};  // until nothing is under way any more
  std::chrono::milliseconds collect{120'000};
  std::chrono::milliseconds collect_interrupted{3'000};  // of all players together, once the user interrupts
  std::chrono::milliseconds grace{10'000};               // beyond the plan's maximum_duration
  std::chrono::milliseconds poll{20};
};

using Watch = std::function<void(const std::vector<PlayerState>&)>;

// The error is of a run that never started: a player that could not be prepared.
tl::expected<LabRun, std::string> play(const control::Plan& plan, std::vector<Player>& players,
                                       const PlayTimes& times, const std::atomic<bool>& cancelled,
                                       const Watch& watch);

}  // namespace railyard::lab
