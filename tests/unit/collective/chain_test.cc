// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/chain.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/collective/simulated_group.h"

namespace railyard::collective {
namespace {

TEST(Chain, BroadcastGivesEveryMemberTheRootsBuffer) {
  EXPECT_TRUE(rc::check([] {
    Call call;
    call.size = *rc::gen::inRange<uint32_t>(1, 20);
    call.root = *rc::gen::inRange<uint32_t>(0, call.size);
    call.bytes = *rc::gen::inRange<uint64_t>(0, 400);
    call.options.chain_slice_bytes = *rc::gen::inRange<uint64_t>(1, 100);
    std::vector<std::vector<int64_t>> buffers(call.size, std::vector<int64_t>(call.bytes, -1));
    for (uint64_t i = 0; i < call.bytes; ++i) buffers[call.root][i] = static_cast<int64_t>(i);
    const std::vector<int64_t> expected = buffers[call.root];

    SimulatedGroup group(chain_broadcast(), call, buffers);
    RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
    RC_ASSERT(group.sizes_agree());
    RC_ASSERT(group.only_sent_to_peers());
    RC_ASSERT(group.messages_left() == 0U);
    const uint32_t last = (call.root + call.size - 1) % call.size;
    for (uint32_t m = 0; m < call.size; ++m) {
      RC_ASSERT(group.buffer(m) == expected);
      RC_ASSERT(group.bytes_sent(m) == (m == last ? 0 : call.bytes));
    }
  }));
}

TEST(Chain, ReduceGivesTheRootTheSum) {
  EXPECT_TRUE(rc::check([] {
    Call call;
    call.size = *rc::gen::inRange<uint32_t>(1, 20);
    call.root = *rc::gen::inRange<uint32_t>(0, call.size);
    call.bytes = *rc::gen::inRange<uint64_t>(0, 400);
    call.options.chain_slice_bytes = *rc::gen::inRange<uint64_t>(1, 100);
    std::vector<std::vector<int64_t>> buffers(call.size);
    std::vector<int64_t> sum(call.bytes);
    for (uint32_t m = 0; m < call.size; ++m)
      for (uint64_t i = 0; i < call.bytes; ++i) {
        buffers[m].push_back(m * 1'000'003 + static_cast<int64_t>(i) * 17);
        sum[i] += buffers[m][i];
      }
    SimulatedGroup group(chain_reduce(), call, buffers);
    RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
    RC_ASSERT(group.sizes_agree());
    RC_ASSERT(group.only_sent_to_peers());
    RC_ASSERT(group.received_as_counted());
    RC_ASSERT(group.messages_left() == 0U);
    RC_ASSERT(group.buffer(call.root) == sum);
    for (uint32_t m = 0; m < call.size; ++m)
      RC_ASSERT(group.bytes_sent(m) == (m == call.root ? 0 : call.bytes));
  }));
}

TEST(Chain, SlicesHalfAMebibyteAndPassesEachOnOnceItIsIn) {
  Call call;
  call.size = 3;
  call.me = 1;
  call.bytes = 2 << 20;
  const Algorithm chain = chain_broadcast();
  ASSERT_EQ(chain.step_count(call), 4U);
  EXPECT_EQ(chain.step(call, 3).send.bytes, 512U << 10);
  EXPECT_EQ(chain.step(call, 3).send_needs, 3U);
  EXPECT_EQ(chain.window(call), 8U);
}

}  // namespace
}  // namespace railyard::collective
