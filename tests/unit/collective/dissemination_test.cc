// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/dissemination.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/unit/collective/simulated_group.h"

namespace railyard::collective {
namespace {

// Whom each member knows to have come, round after round.
TEST(Dissemination, AfterTheLastRoundEverybodyHasHeardOfEverybody) {
  const Algorithm barrier = dissemination_barrier();
  for (const uint32_t n : {1u, 2u, 3u, 5u, 8u, 13u, 64u, 100u}) {
    std::vector<std::set<uint32_t>> known(n);
    for (uint32_t m = 0; m < n; ++m) known[m] = {m};
    Call call;
    call.size = n;
    for (uint64_t round = 0; round < barrier.step_count(call); ++round) {
      std::vector<std::set<uint32_t>> next = known;
      for (call.me = 0; call.me < n; ++call.me) {
        const Step step = barrier.step(call, round);
        EXPECT_EQ(step.send_needs, round == 0 ? kNoStep : round - 1);
        next[call.me].insert(known[step.receive.peer].begin(), known[step.receive.peer].end());
      }
      known = next;
    }
    for (uint32_t m = 0; m < n; ++m) EXPECT_EQ(known[m].size(), n);
  }
}

TEST(Dissemination, SendsAByteARoundAndEnds) {
  for (const uint32_t n : {1u, 2u, 3u, 5u, 8u, 13u}) {
    Call call;
    call.size = n;
    SimulatedGroup group(dissemination_barrier(), call, std::vector<std::vector<int64_t>>(n, {0}));
    EXPECT_TRUE(group.run(n));
    EXPECT_TRUE(group.sizes_agree());
    EXPECT_TRUE(group.only_sent_to_peers());
    EXPECT_TRUE(group.received_as_counted());
    EXPECT_EQ(group.messages_left(), 0U);
    for (uint32_t m = 0; m < n; ++m) EXPECT_EQ(group.bytes_sent(m), log2_up(n));
  }
}

}  // namespace
}  // namespace railyard::collective
