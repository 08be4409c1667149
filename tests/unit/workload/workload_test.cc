// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>

#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Incast, EverySenderSendsToRankZero) {
  const trace::Trace trace = make_incast({3, {4096}, 2, SimTime::microseconds(5)}).value();
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  ASSERT_EQ(trace.ranks_size(), 4);
  EXPECT_EQ(trace.ranks(0).operations_size(), 6);
  const trace::Rank& sender = trace.ranks(2);
  ASSERT_EQ(sender.operations_size(), 3);
  EXPECT_EQ(sender.operations(0).send().peer(), 0U);
  EXPECT_EQ(sender.operations(1).compute().duration_ns(), 5'000U);
  EXPECT_EQ(sender.operations(2).send().bytes(), 4096U);
  EXPECT_EQ(sender.operations(2).after(0), 1U);
}

TEST(Incast, RefusesNothingToDo) {
  EXPECT_THAT(make_incast({0, {1}, 1, {}}).error(), HasSubstr("senders must be at least 1"));
  EXPECT_THAT(make_incast({1, {0}, 1, {}}).error(), HasSubstr("bytes must be at least 1"));
}

TEST(SingleCollective, RunsOneAfterAnother) {
  for (uint32_t kind = 0; kind < 9; ++kind) {
    const trace::Trace trace = make_single_collective({kind, 8, {1 << 20}, 3}).value();
    EXPECT_THAT(trace::validate(trace), IsEmpty());
    EXPECT_EQ(trace.ranks(7).operations_size(), 3);
    EXPECT_EQ(trace.ranks(7).operations(2).after(0), 1U);
    EXPECT_EQ(trace.ranks(7).operations(2).collective().kind(), static_cast<int>(kind) + 1);
  }
}

TEST(SingleCollective, RefusesWhatDoesNotExist) {
  EXPECT_THAT(make_single_collective({9, 8, {1}, 1}).error(), HasSubstr("kind 9"));
  EXPECT_THAT(make_single_collective({0, 1, {1}, 1}).error(), HasSubstr("ranks must be at least 2"));
}

TEST(Permutation, IsADerangement) {
  for (uint32_t ranks = 2; ranks < 40; ++ranks) {
    const std::vector<uint32_t> destination = random_cycle(ranks, 42);
    EXPECT_EQ(std::set<uint32_t>(destination.begin(), destination.end()).size(), ranks);
    for (uint32_t r = 0; r < ranks; ++r) EXPECT_NE(destination[r], r);
    PermutationSettings settings;
    settings.ranks = ranks;
    EXPECT_THAT(trace::validate(make_permutation(settings).value()), IsEmpty());
  }
}

TEST(Permutation, FollowsTheSeed) {
  EXPECT_EQ(random_cycle(64, 1), random_cycle(64, 1));
  EXPECT_NE(random_cycle(64, 1), random_cycle(64, 2));
}

TEST(Permutation, Shift) {
  PermutationSettings settings;
  settings.ranks = 8;
  settings.shift = 3;
  const trace::Trace trace = make_permutation(settings).value();
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  settings.shift = 16;
  EXPECT_THAT(make_permutation(settings).error(), HasSubstr("shift 16 over 8 ranks sends to itself"));
}

TEST(TrainingStep, BucketsOverlapTheBackwardPass) {
  TrainingStepSettings settings;
  settings.ranks = 4;
  settings.buckets = 3;
  const trace::Trace trace = make_training_step(settings).value();
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  // forward, exchange, forward, 3 x (backward, bucket), optimizer
  const trace::Rank& rank = trace.ranks(1);
  ASSERT_EQ(rank.operations_size(), 10);
  const trace::Operation& second_backward = rank.operations(5);
  EXPECT_EQ(second_backward.name(), "backward 1");
  ASSERT_EQ(second_backward.after_size(), 1) << "waits for compute only, not for the bucket before it";
  EXPECT_EQ(second_backward.after(0), 2U);
  const trace::Operation& second_bucket = rank.operations(6);
  EXPECT_THAT(second_bucket.after(), testing::ElementsAre(1, 2));
  EXPECT_THAT(rank.operations(9).after(), testing::ElementsAre(2, 1));
}

TEST(TrainingStep, SkewIsSeeded) {
  TrainingStepSettings settings;
  settings.skew = SimTime::microseconds(100);
  const auto once = make_training_step(settings).value();
  EXPECT_TRUE(MessageDifferencer::Equals(once, make_training_step(settings).value()));
  settings.seed = 2;
  EXPECT_FALSE(MessageDifferencer::Equals(once, make_training_step(settings).value()));
}

}  // namespace
}  // namespace railyard
