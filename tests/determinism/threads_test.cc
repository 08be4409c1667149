// SPDX-License-Identifier: GPL-2.0-only
// One small run on four threads: what ThreadSanitizer watches (ctest --preset tsan -L threads).
#include <gtest/gtest.h>

#include "tests/determinism/determinism_scenarios.h"

namespace railyard {
namespace {

TEST(Threads, FourRunOneSmallScenario) {
  const Incidents incidents = incidents_of(simulate_with(determinism_scenarios().front().build(1), 4));
  EXPECT_GT(incidents.pauses, 0U);
  EXPECT_GT(incidents.retransmitted, 0U);
}

}  // namespace
}  // namespace railyard
