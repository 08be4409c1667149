// SPDX-License-Identifier: GPL-2.0-only
// Small scenarios in which everything happens that could depend on the order of events: packets meet at
// ports, are marked, pause their senders, are lost and sent again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ns3-modules/replay/model/replay.h"

namespace railyard {

struct DeterminismScenario {
  std::string name;
  RunInput (*build)(uint64_t seed);
};

// Some hundred windows each: several threads cost little even where they have to share a core.
const std::vector<DeterminismScenario>& determinism_scenarios();

// More than a thousand windows of kLongScenarioLookahead, so that the engine divides the nodes among its
// threads anew.
constexpr SimTime kLongScenarioLookahead = SimTime::nanoseconds(115);
RunInput long_scenario(uint64_t seed);

// What simulate_with takes for the number of threads to use the reference engine.
constexpr uint32_t kReferenceEngine = 0;

// Simulates with the window engine on so many threads, come what may unless it may fall back to one. A run
// that fails is a failure of the test.
record::Record simulate_with(RunInput input, uint32_t threads, bool may_fall_back = false);

// The record as it would be on disk.
std::string bytes_of(const record::Record& record);

// The first part in which two records differ, in words; for the message of a test that failed.
std::string first_difference(const record::Record& a, const record::Record& b);

struct Incidents {
  uint64_t marks = 0, pauses = 0, drops = 0, retransmitted = 0;
};
Incidents incidents_of(const record::Record& record);

}  // namespace railyard
