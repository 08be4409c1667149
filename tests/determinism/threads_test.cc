// SPDX-License-Identifier: GPL-2.0-only
// Small runs on four threads: what ThreadSanitizer watches (ctest --preset tsan -L threads).
#include <gtest/gtest.h>

#include "tests/determinism/determinism_scenarios.h"

namespace railyard {
namespace {

constexpr uint32_t kThreads = 4;

TEST(Threads, FourRunEveryScenario) {
  for (const DeterminismScenario& scenario : determinism_scenarios()) {
    const Incidents incidents = incidents_of(simulate_with(scenario.build(1), kThreads));
    EXPECT_GT(incidents.pauses, 0U) << scenario.name;
    EXPECT_GT(incidents.retransmitted, 0U) << scenario.name;
  }
}

TEST(Threads, FourTakeOverEachOthersNodes) {
  EXPECT_GT(incidents_of(simulate_with(long_scenario(1), kThreads)).retransmitted, 0U);
}

}  // namespace
}  // namespace railyard
