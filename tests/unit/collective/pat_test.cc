// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/pat.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/unit/collective/simulated_group.h"

namespace railyard::collective {
namespace {

int64_t value(uint32_t member, uint64_t cell) {
  return member * 1'000'003 + static_cast<int64_t>(cell) * 17;
}

// Slots from less than a block to as much as all of them.
Call draw_call() {
  Call call;
  call.size = *rc::gen::inRange<uint32_t>(1, 40);
  call.bytes = *rc::gen::inRange<uint64_t>(0, 400);
  call.options.chain_slice_bytes = *rc::gen::inRange<uint64_t>(1, 200);
  return call;
}

void run_to_the_end(SimulatedGroup& group) {
  RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
  RC_ASSERT(group.sizes_agree());
  RC_ASSERT(group.only_sent_to_peers());
  RC_ASSERT(group.sent_what_it_had());
  RC_ASSERT(group.received_as_counted());
  RC_ASSERT(group.messages_left() == 0U);
}

TEST(Pat, AllGatherGivesEveryMemberEachBlock) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    std::vector<std::vector<int64_t>> buffers(call.size,
                                              std::vector<int64_t>(call.bytes, SimulatedGroup::kNothing));
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i) buffers[m][i] = value(m, i);
    }
    SimulatedGroup group(pat_all_gather(), call, buffers);
    run_to_the_end(group);
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      if (call.bytes % call.size == 0) RC_ASSERT(group.bytes_sent(m) == call.bytes - call.bytes / call.size);
      for (uint32_t other = 0; other < call.size; ++other)
        for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i)
          RC_ASSERT(group.buffer(other)[i] == value(m, i));
    }
  }));
}

TEST(Pat, ReduceScatterGivesEachMemberTheSumOfItsBlock) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    std::vector<std::vector<int64_t>> buffers(call.size);
    std::vector<int64_t> sum(call.bytes);
    for (uint32_t m = 0; m < call.size; ++m)
      for (uint64_t i = 0; i < call.bytes; ++i) {
        buffers[m].push_back(value(m, i));
        sum[i] += value(m, i);
      }
    SimulatedGroup group(pat_reduce_scatter(), call, buffers);
    run_to_the_end(group);
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i)
        RC_ASSERT(group.buffer(m)[i] == sum[i]);
    }
  }));
}

struct Shape {
  uint32_t ranks;
  uint64_t block;
  uint64_t messages;           // that a member sends, where the ranks are a power of two
  uint64_t first, next, most;  // blocks of the first message, of the second, of the longest one
};

Call call_of(const Shape& of) {
  Call call;
  call.size = of.ranks;
  call.me = of.ranks / 3;
  call.bytes = of.ranks * of.block;
  return call;
}

// What PatAGAlgorithm of NCCL 2.30 gives with slots of 512 KiB, 8 of them: log2 n messages that double while
// half of all blocks fit a slot; then as many blocks as fit, in up to 8 messages a step, and in the linear
// part one step for every distance below nrPow2 / aggFactor.
TEST(Pat, SendsAsManyMessagesAsNccl) {
  constexpr uint64_t kKi = 1 << 10;
  const Shape shapes[] = {
      {2, 4 * kKi, 1, 1, 0, 1},
      {8, 4 * kKi, 3, 1, 2, 4},
      {64, kKi, 6, 1, 2, 32},
      {256, kKi, 8, 1, 2, 128},
      // aggFactor 32 of the slot, 128 with the slots: tree 1 + 1 + ... + 2, then 4.
      {256, 16 * kKi, 1 + 1 + 1 + 1 + 1 + 1 + 2 + 4, 1, 2, 32},
      // One block a message, 8 in a step: tree 1 + 2 + 4, then 8 for each of 7 distances.
      {64, 512 * kKi, 63, 1, 1, 1},
      // Two slots.
      {8, 1024 * kKi, 14, 0, 0, 0},
  };
  for (const Shape& shape : shapes)
    for (const Algorithm& algorithm : {pat_all_gather(), pat_reduce_scatter()}) {
      const Call call = call_of(shape);
      std::vector<uint64_t> sent;
      uint64_t bytes = 0;
      for (uint64_t i = 0; i < algorithm.step_count(call); ++i) {
        const Message message = algorithm.step(call, i).send;
        if (!message.exists()) continue;
        sent.push_back(message.bytes / shape.block);
        bytes += message.bytes;
      }
      if (algorithm.kind == Kind::ReduceScatter) std::reverse(sent.begin(), sent.end());
      EXPECT_EQ(sent.size(), shape.messages) << shape.ranks << " ranks, " << shape.block << " B";
      EXPECT_EQ(bytes, (shape.ranks - 1) * shape.block);
      EXPECT_EQ(sent[0], shape.first);
      if (sent.size() > 1) {
        EXPECT_EQ(sent[1], shape.next);
      }
      EXPECT_EQ(*std::max_element(sent.begin(), sent.end()), shape.most);
    }
}

// The order of the linear part is that of nextAs() in NCCL's PatAGAlgorithm: from 8 on 4, 6, 7, 5, 2, 3, 1.
TEST(Pat, TakesTheDistancesOfTheLinearPartDownTheTree) {
  Call call;
  call.size = 8;
  call.me = 0;
  call.bytes = 8;
  call.options.chain_slice_bytes = 1;
  const Algorithm pat = pat_all_gather();
  // A byte a slot: four blocks in a step, so that the tree has distances 4, 2 and 6, the linear part 1.
  std::vector<uint64_t> arrived;
  for (uint64_t i = 0; i < pat.step_count(call); ++i) arrived.push_back(pat.pieces(call, i, false)[0].offset);
  EXPECT_EQ(arrived, (std::vector<uint64_t>{4, 2, 6, 1, 3, 5, 7}));
  call.size = 128;
  call.bytes = 128;
  // Eight blocks in a step, 16 apart.
  arrived.clear();
  for (uint64_t i = 0; i < pat.step_count(call); ++i) {
    const uint64_t distance = pat.pieces(call, i, false)[0].offset;
    if (distance < 16) arrived.push_back(distance);
  }
  EXPECT_EQ(arrived, (std::vector<uint64_t>{8, 12, 14, 15, 13, 10, 11, 9, 4, 6, 7, 5, 2, 3, 1}));
}

}  // namespace
}  // namespace railyard::collective
