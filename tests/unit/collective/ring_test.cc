// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/ring.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/collective/simulated_group.h"

namespace railyard::collective {
namespace {

// Small slices, so that small buffers are cut; sizes below the group's size leave chunks empty.
Call draw_call() {
  Call call;
  call.size = *rc::gen::inRange<uint32_t>(1, 20);
  call.bytes = *rc::gen::inRange<uint64_t>(0, 400);
  call.options.ring_slice_bytes = *rc::gen::inRange<uint64_t>(1, 40);
  return call;
}

int64_t value(uint32_t member, uint64_t cell) {
  return member * 1'000'003 + static_cast<int64_t>(cell) * 17;
}

std::vector<std::vector<int64_t>> full_buffers(const Call& call) {
  std::vector<std::vector<int64_t>> buffers(call.size);
  for (uint32_t m = 0; m < call.size; ++m) {
    for (uint64_t i = 0; i < call.bytes; ++i) buffers[m].push_back(value(m, i));
  }
  return buffers;
}

int64_t sum_over_members(const Call& call, uint64_t cell) {
  int64_t sum = 0;
  for (uint32_t m = 0; m < call.size; ++m) sum += value(m, cell);
  return sum;
}

void run_to_the_end(SimulatedGroup& group) {
  RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
  RC_ASSERT(group.sizes_agree());
  RC_ASSERT(group.only_sent_to_peers());
  RC_ASSERT(group.messages_left() == 0U);
}

TEST(Ring, AllReduceGivesEveryMemberTheSum) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    SimulatedGroup group(ring_all_reduce(), call, full_buffers(call));
    run_to_the_end(group);
    for (uint32_t m = 0; m < call.size; ++m) {
      for (uint64_t i = 0; i < call.bytes; ++i) RC_ASSERT(group.buffer(m)[i] == sum_over_members(call, i));
    }
  }));
}

TEST(Ring, ReduceScatterGivesEachMemberTheSumOfItsChunk) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    SimulatedGroup group(ring_reduce_scatter(), call, full_buffers(call));
    run_to_the_end(group);
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i) {
        RC_ASSERT(group.buffer(m)[i] == sum_over_members(call, i));
      }
    }
  }));
}

TEST(Ring, AllGatherGivesEveryMemberEveryChunk) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    std::vector<std::vector<int64_t>> buffers(call.size, std::vector<int64_t>(call.bytes, -1));
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i) buffers[m][i] = value(0, i);
    }
    SimulatedGroup group(ring_all_gather(), call, buffers);
    run_to_the_end(group);
    for (uint32_t m = 0; m < call.size; ++m) {
      for (uint64_t i = 0; i < call.bytes; ++i) RC_ASSERT(group.buffer(m)[i] == value(0, i));
    }
  }));
}

uint64_t bytes_sent(const Algorithm& algorithm, const Call& call) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < algorithm.step_count(call); ++i) sum += algorithm.step(call, i).send.bytes;
  return sum;
}

TEST(Ring, SendsTheBytesOfTheFormulas) {
  EXPECT_TRUE(rc::check([] {
    Call call;
    call.size = *rc::gen::inRange<uint32_t>(1, 64);
    call.me = *rc::gen::inRange<uint32_t>(0, call.size);
    const uint64_t chunk = *rc::gen::inRange<uint64_t>(0, 8 << 20);
    call.bytes = chunk * call.size;
    RC_ASSERT(bytes_sent(ring_all_reduce(), call) == 2 * (call.size - 1) * chunk);
    RC_ASSERT(bytes_sent(ring_all_gather(), call) == (call.size - 1) * chunk);
    RC_ASSERT(bytes_sent(ring_reduce_scatter(), call) == (call.size - 1) * chunk);
  }));
}

TEST(Ring, UnevenChunksAddUpOverTheGroup) {
  Call call;
  call.size = 7;
  call.bytes = 1'000'003;
  uint64_t sum = 0;
  for (call.me = 0; call.me < call.size; ++call.me) sum += bytes_sent(ring_all_reduce(), call);
  EXPECT_EQ(sum, 2 * (call.size - 1) * call.bytes);
}

TEST(Ring, CutsChunksIntoSlicesOfAtMostOneMebibyteAndFillsABufferOfFour) {
  Call call;
  call.size = 4;
  call.bytes = 10 << 20;
  EXPECT_EQ(ring_all_gather().step_count(call), 3U * 3);  // chunks of 2.5 MiB
  for (uint64_t i = 0; i < 9; ++i) EXPECT_LE(ring_all_gather().step(call, i).send.bytes, 1U << 20);
  EXPECT_EQ(ring_all_gather().window(call), 4U);
}

TEST(Ring, ASliceIsPassedOnOnceItIsInWhileItsChunkIsStillOnItsWay) {
  Call call;
  call.size = 4;
  call.bytes = 16 << 20;  // 4 slices a chunk
  const Algorithm ring = ring_all_reduce();
  EXPECT_EQ(ring.step(call, 2).send_needs, kNoStep);
  EXPECT_EQ(ring.step(call, 4).send_needs, 0U);
  EXPECT_EQ(ring.step(call, 4).send.offset, ring.step(call, 0).receive.offset);
}

TEST(Ring, TheLargestStepIsReachedWithoutExpandingTheOthers) {
  Call call;
  call.size = 1024;
  call.me = 1023;
  call.bytes = uint64_t{1} << 44;
  const uint64_t last = ring_all_reduce().step_count(call) - 1;
  EXPECT_EQ(last + 1, uint64_t{2} * 1023 * (uint64_t{1} << 14));
  EXPECT_EQ(ring_all_reduce().step(call, last).send.bytes, 1U << 20);
}

}  // namespace
}  // namespace railyard::collective
