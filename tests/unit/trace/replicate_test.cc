// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/replicate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Trace step(uint32_t ranks) {
  TrainingStepSettings settings;
  settings.ranks = ranks;
  return make_training_step(settings).value();
}

TEST(Replicate, WorldGroupsGrow) {
  const Trace trace = replicate(step(4), 12).value();
  EXPECT_THAT(validate(trace), IsEmpty());
  EXPECT_EQ(trace.ranks_size(), 12);
  EXPECT_EQ(trace.header().groups_size(), 2);
  EXPECT_EQ(trace.header().groups(0).ranks_size(), 12);
}

TEST(Replicate, OtherGroupsAndMessagesStayWithinTheirReplica) {
  Trace pairs = step(4);
  pairs.mutable_header()->mutable_groups(1)->mutable_ranks()->Truncate(2);
  for (int rank : {2, 3}) pairs.mutable_ranks(rank)->mutable_operations(1)->mutable_compute();
  ASSERT_THAT(validate(pairs), IsEmpty());
  const Trace trace = replicate(pairs, 8).value();
  EXPECT_THAT(validate(trace), IsEmpty());
  ASSERT_EQ(trace.header().groups_size(), 3);
  EXPECT_EQ(trace.header().groups(2).name(), "expert parallel #1");
  EXPECT_THAT(trace.header().groups(2).ranks(), ElementsAre(4, 5));

  EXPECT_THAT(validate(replicate(make_permutation({}).value(), 48).value()), IsEmpty());
}

TEST(Replicate, UnevenSplitsAreSpreadOverTheReplicas) {
  Trace trace = step(2);
  for (Rank& rank : *trace.mutable_ranks()) {
    Collective& exchange = *rank.mutable_operations(1)->mutable_collective();
    exchange.set_bytes(11);
    for (const uint64_t part : {3, 8}) exchange.add_split_bytes(part);
  }
  const Trace wide = replicate(trace, 4).value();
  EXPECT_THAT(validate(wide), IsEmpty());
  EXPECT_THAT(wide.ranks(3).operations(1).collective().split_bytes(), ElementsAre(2, 4, 1, 4));
}

TEST(Replicate, WantsAMultiple) {
  EXPECT_THAT(replicate(step(4), 10).error(), HasSubstr("4 ranks cannot be replicated to 10"));
}

}  // namespace
}  // namespace railyard::trace
