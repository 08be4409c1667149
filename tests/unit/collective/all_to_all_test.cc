// SPDX-License-Identifier: BSD-3-Clause
// What every all-to-all must do that puts several blocks in a message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/unit/collective/simulated_group.h"
#include "traffic/pattern/collective/blocks.h"

namespace railyard::collective {
namespace {

class AllToAll : public testing::TestWithParam<std::string_view> {
 protected:
  static const Algorithm& algorithm() { return *find_algorithm(Kind::AllToAll, GetParam()); }
};

// Each member has its own blocks of all members' send buffers, and must get those that are for it.
void expect_exchange(const Algorithm& algorithm, const Call& call) {
  const uint32_t n = call.size;
  const Part last = block_of(call, n - 1, n - 1);
  std::vector<int64_t> all(last.offset + last.bytes);
  std::iota(all.begin(), all.end(), 0);
  std::vector<std::vector<int64_t>> buffers(n, std::vector<int64_t>(all.size(), SimulatedGroup::kNothing));
  for (uint32_t source = 0; source < n; ++source)
    for (uint32_t destination = 0; destination < n; ++destination) {
      const Part block = block_of(call, source, destination);
      for (uint64_t i = 0; i < block.bytes; ++i) buffers[source][block.offset + i] = all[block.offset + i];
    }
  SimulatedGroup group(algorithm, call, buffers);
  RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
  RC_ASSERT(group.sizes_agree());
  RC_ASSERT(group.only_sent_to_peers());
  RC_ASSERT(group.sent_what_it_had());
  RC_ASSERT(group.received_as_counted());
  RC_ASSERT(group.messages_left() == 0U);
  for (uint32_t source = 0; source < n; ++source)
    for (uint32_t destination = 0; destination < n; ++destination) {
      const Part block = block_of(call, source, destination);
      for (uint64_t i = block.offset; i < block.offset + block.bytes; ++i)
        RC_ASSERT(group.buffer(destination)[i] == all[i]);
    }
}

Call draw_call() {
  Call call;
  call.per_host = *rc::gen::inRange<uint32_t>(1, 5);
  call.size = call.per_host * *rc::gen::inRange<uint32_t>(1, 8);
  return call;
}

TEST_P(AllToAll, EvenSplitsBringEachBlockToItsMember) {
  EXPECT_TRUE(rc::check([] {
    Call call = draw_call();
    call.bytes = *rc::gen::inRange<uint64_t>(0, 200);
    expect_exchange(algorithm(), call);
  }));
}

TEST_P(AllToAll, UnevenSplitsBringEachBlockToItsMember) {
  EXPECT_TRUE(rc::check([] {
    Call call = draw_call();
    const auto splits =
        *rc::gen::container<std::vector<uint64_t>>(call.size * call.size, rc::gen::inRange<uint64_t>(0, 4));
    std::vector<uint32_t> order(call.size);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(*rc::gen::arbitrary<uint64_t>()));
    call.splits = splits.data();
    call.member_at = order.data();
    expect_exchange(algorithm(), call);
  }));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, AllToAll, testing::Values("bruck", "hierarchical"));

uint64_t bytes_sent(const Algorithm& algorithm, const Call& call) {
  uint64_t bytes = 0;
  for (uint64_t i = 0; i < algorithm.step_count(call); ++i) bytes += algorithm.step(call, i).send.bytes;
  return bytes;
}

// ceil(log2 n) rounds, and half of the buffer in each where n is a power of two [Bruck et al., section 3].
TEST(Bruck, HasLogarithmicallyManyRoundsOfHalfTheBuffer) {
  const Algorithm& bruck = *find_algorithm(Kind::AllToAll, "bruck");
  for (const auto& [n, rounds] : {std::pair{1u, 0u}, {2u, 1u}, {3u, 2u}, {8u, 3u}, {13u, 4u}, {256u, 8u}}) {
    Call call;
    call.size = n;
    call.bytes = n * 1'000;
    EXPECT_EQ(bruck.step_count(call), rounds) << n;
    const bool power_of_two = (n & (n - 1)) == 0;
    if (power_of_two) {
      EXPECT_EQ(bytes_sent(bruck, call), rounds * call.bytes / 2) << n;
    }
  }
}

// Of 4 hosts of 8: 7 messages within the host, of a block for each host, then 3 along the rail, of a block
// from each of the host.
TEST(HierarchicalAllToAll, SendsOneMessageToEachOtherHost) {
  const Algorithm& algorithm = *find_algorithm(Kind::AllToAll, "hierarchical");
  Call call;
  call.size = 32;
  call.per_host = 8;
  call.me = 8 + 3;
  call.bytes = 32 * 1'000;
  ASSERT_EQ(algorithm.step_count(call), 7U + 3);
  EXPECT_EQ(algorithm.step(call, 0).send.bytes, 4'000U);
  EXPECT_EQ(algorithm.step(call, 0).send.peer, 8U + 4);
  EXPECT_EQ(algorithm.step(call, 7).send.bytes, 8'000U);
  EXPECT_EQ(algorithm.step(call, 7).send.peer, 16U + 3);
  EXPECT_EQ(algorithm.step(call, 7).send_needs, 6U);
  EXPECT_THAT(algorithm.peers(call), testing::ElementsAre(3, 8, 9, 10, 12, 13, 14, 15, 19, 27));
}

}  // namespace
}  // namespace railyard::collective
