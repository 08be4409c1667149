// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/direct.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/collective/simulated_group.h"

namespace railyard::collective {
namespace {

Call draw_call() {
  Call call;
  call.size = *rc::gen::inRange<uint32_t>(1, 20);
  call.root = *rc::gen::inRange<uint32_t>(0, call.size);
  call.bytes = *rc::gen::inRange<uint64_t>(0, 60);
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

int64_t number(uint64_t cell) {
  return static_cast<int64_t>(cell) + 7;
}

TEST(Direct, GatherGivesTheRootEachMembersBlock) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    std::vector<std::vector<int64_t>> buffers(call.size,
                                              std::vector<int64_t>(call.bytes, SimulatedGroup::kNothing));
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i) buffers[m][i] = number(i);
    }
    SimulatedGroup group(direct_gather(), call, buffers);
    run_to_the_end(group);
    for (uint64_t i = 0; i < call.bytes; ++i) RC_ASSERT(group.buffer(call.root)[i] == number(i));
  }));
}

TEST(Direct, ScatterGivesEachMemberItsBlock) {
  EXPECT_TRUE(rc::check([] {
    const Call call = draw_call();
    std::vector<std::vector<int64_t>> buffers(call.size,
                                              std::vector<int64_t>(call.bytes, SimulatedGroup::kNothing));
    for (uint64_t i = 0; i < call.bytes; ++i) buffers[call.root][i] = number(i);
    SimulatedGroup group(direct_scatter(), call, buffers);
    run_to_the_end(group);
    for (uint32_t m = 0; m < call.size; ++m) {
      const Part mine = part_of(call.bytes, call.size, m);
      for (uint64_t i = mine.offset; i < mine.offset + mine.bytes; ++i)
        RC_ASSERT(group.buffer(m)[i] == number(i));
    }
  }));
}

}  // namespace
}  // namespace railyard::collective
