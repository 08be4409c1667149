// SPDX-License-Identifier: BSD-3-Clause
// What every all-reduce must do, whichever way it goes.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/collective/simulated_group.h"
#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {
namespace {

class AllReduce : public testing::TestWithParam<std::string_view> {};

TEST_P(AllReduce, GivesEveryMemberTheSum) {
  EXPECT_TRUE(rc::check([] {
    Call call;
    call.per_host = *rc::gen::inRange<uint32_t>(1, 5);
    call.size = call.per_host * *rc::gen::inRange<uint32_t>(1, 20);
    call.bytes = *rc::gen::inRange<uint64_t>(0, 200);
    call.lane = *rc::gen::inRange<uint32_t>(0, 3);
    call.options.ring_slice_bytes = call.options.chain_slice_bytes = *rc::gen::inRange<uint64_t>(1, 60);
    std::vector<std::vector<int64_t>> buffers(call.size);
    std::vector<int64_t> sum(call.bytes);
    for (uint32_t m = 0; m < call.size; ++m)
      for (uint64_t i = 0; i < call.bytes; ++i) {
        buffers[m].push_back(m * 1'000'003 + static_cast<int64_t>(i) * 17);
        sum[i] += buffers[m][i];
      }
    SimulatedGroup group(*find_algorithm(Kind::AllReduce, GetParam()), call, buffers);
    RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
    RC_ASSERT(group.sizes_agree());
    RC_ASSERT(group.only_sent_to_peers());
    RC_ASSERT(group.received_as_counted());
    RC_ASSERT(group.messages_left() == 0U);
    for (uint32_t m = 0; m < call.size; ++m) RC_ASSERT(group.buffer(m) == sum);
  }));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, AllReduce,
                         testing::Values("ring", "tree", "halving-doubling", "hierarchical"));

// 2 (n-1)/n of the buffer where n is a power of two [Thakur et al., section 4.5].
TEST(HalvingDoubling, SendsTheBytesOfTheFormula) {
  for (const uint32_t n : {2u, 8u, 64u}) {
    Call call;
    call.size = n;
    call.bytes = n * 1'000;
    const Algorithm& algorithm = *find_algorithm(Kind::AllReduce, "halving-doubling");
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < algorithm.step_count(call); ++i) bytes += algorithm.step(call, i).send.bytes;
    EXPECT_EQ(bytes, uint64_t{2} * (n - 1) * 1'000);
  }
}

}  // namespace
}  // namespace railyard::collective
