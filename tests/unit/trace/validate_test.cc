// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard::trace {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Trace collectives(uint32_t kind = 0) {
  SingleCollectiveSettings settings;
  settings.kind = kind;
  settings.ranks = 4;
  settings.bytes = {1024};
  settings.iterations = 3;
  return make_single_collective(settings).value();
}

Collective& collective(Trace& trace, int rank, int operation) {
  return *trace.mutable_ranks(rank)->mutable_operations(operation)->mutable_collective();
}

TEST(Validate, GeneratedTracesAreValid) {
  EXPECT_THAT(validate(collectives()), IsEmpty());
  EXPECT_THAT(validate(make_incast({}).value()), IsEmpty());
  EXPECT_THAT(validate(make_training_step({}).value()), IsEmpty());
}

TEST(Validate, EmptyTrace) {
  EXPECT_THAT(validate({}), ElementsAre("the trace has no ranks"));
}

TEST(Validate, RanksOutOfOrder) {
  Trace trace = collectives();
  trace.mutable_ranks(1)->set_rank(7);
  EXPECT_THAT(validate(trace),
              Contains(HasSubstr("the rank at place 1 is number 7: ranks must be 0 to 3, in order")));
}

TEST(Validate, GroupMembers) {
  Trace trace = collectives();
  trace.mutable_header()->mutable_groups(0)->set_ranks(1, 0);
  trace.mutable_header()->mutable_groups(0)->set_ranks(2, 9);
  const auto errors = validate(trace);
  EXPECT_THAT(errors, Contains(HasSubstr("group 0 (world) names rank 0 twice")));
  EXPECT_THAT(errors, Contains(HasSubstr("group 0 (world) names rank 9, but there are only 4")));
  EXPECT_THAT(errors,
              Contains(HasSubstr("rank 1, operation 0 (all-reduce): is no member of its group 0 (world)")));
}

TEST(Validate, DependencyOutsideOfTheList) {
  Trace trace = collectives();
  trace.mutable_ranks(0)->mutable_operations(1)->set_after(0, 2);
  trace.mutable_ranks(1)->mutable_operations(1)->set_after(0, 0);
  EXPECT_THAT(
      validate(trace),
      ElementsAre(HasSubstr("rank 0, operation 1 (all-reduce): waits for the operation 2 before it"),
                  HasSubstr("rank 1, operation 1 (all-reduce): waits for the operation 0 before it")));
}

TEST(Validate, CollectiveFields) {
  Trace trace = collectives();
  collective(trace, 1, 0).set_group(3);
  collective(trace, 2, 0).set_root(4);
  collective(trace, 3, 0).set_kind(COLLECTIVE_UNSPECIFIED);
  EXPECT_THAT(validate(trace),
              ElementsAre(HasSubstr("group 3 does not exist"), HasSubstr("root 4 in a group of 4"),
                          HasSubstr("collective kind 0")));
}

TEST(Validate, SplitSizes) {
  Trace trace = collectives(4);
  for (const uint64_t part : {1024, 0, 0}) collective(trace, 0, 0).add_split_bytes(part);
  for (const uint64_t part : {1000, 0, 0, 0}) collective(trace, 1, 0).add_split_bytes(part);
  EXPECT_THAT(validate(trace),
              ElementsAre(HasSubstr("3 split sizes in a group of 4"),
                          HasSubstr("split sizes add up to 1000 B, the collective has 1024 B")));
}

TEST(Validate, UnevenAllToAllMayDifferByRank) {
  Trace trace = collectives(4);
  for (int rank = 0; rank < 4; ++rank) {
    Collective& c = collective(trace, rank, 0);
    c.set_bytes(400 + static_cast<uint64_t>(rank));
    for (int i = 0; i < 4; ++i) c.add_split_bytes(100 + (i == 3 ? static_cast<uint64_t>(rank) : 0));
  }
  EXPECT_THAT(validate(trace), IsEmpty());
}

TEST(Validate, RanksDisagree) {
  Trace trace = collectives();
  collective(trace, 2, 1).set_bytes(2048);
  trace.mutable_ranks(3)->mutable_operations()->RemoveLast();
  EXPECT_THAT(
      validate(trace),
      ElementsAre(
          HasSubstr(
              "rank 2, operation 1 (all-reduce): collective 1 of group 'world' is all-reduce of 2048 B, "
              "but all-reduce of 1024 B on rank 0"),
          HasSubstr("rank 3 lists 2 collectives of group 'world', rank 0 lists 3")));
}

TEST(Validate, SendWithoutReceive) {
  Trace trace = make_incast({2, {100}, 2, {}}).value();
  trace.mutable_ranks(0)->mutable_operations()->RemoveLast();
  trace.mutable_ranks(1)->mutable_operations(1)->mutable_send()->set_bytes(101);
  EXPECT_THAT(
      validate(trace),
      ElementsAre(
          HasSubstr("message 1 from rank 1 to rank 0 with tag 0 is sent with 101 B and received with 100 B"),
          HasSubstr("rank 2 sends 2 messages to rank 0 with tag 0, which receives 1")));
}

TEST(Validate, PeersAndEmptyOperations) {
  Trace trace = make_incast({2, {100}, 1, {}}).value();
  trace.mutable_ranks(1)->mutable_operations(0)->mutable_send()->set_peer(8);
  trace.mutable_ranks(2)->mutable_operations(0)->mutable_send()->set_peer(2);
  trace.mutable_ranks(2)->add_operations()->set_name("nothing");
  EXPECT_THAT(validate(trace),
              ElementsAre(HasSubstr("peer 8 does not exist"), HasSubstr("sends to or receives from itself"),
                          HasSubstr("rank 2, operation 1 (nothing): is empty")));
}

TEST(Validate, StopsAtTwentyErrors) {
  Trace trace = collectives();
  trace.mutable_ranks(0)->mutable_operations(0)->clear_collective();
  for (int i = 0; i < 30; ++i) trace.mutable_ranks(0)->add_operations();
  const auto errors = validate(trace);
  EXPECT_EQ(errors.size(), kMaxErrors + 1);
  EXPECT_EQ(errors.back(), "... and 11 more");
}

}  // namespace
}  // namespace railyard::trace
