// SPDX-License-Identifier: BSD-3-Clause
// What the compiler promises: a trace that it accepts ends.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>

#include "tests/unit/schedule/ideal_network.h"
#include "tests/unit/schedule/trace_builder.h"
#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {
namespace {

constexpr uint64_t kBytes = 100;  // of everything, so that any order matches

struct Drawn {
  enum { Compute, Collective, Send, Receive } what;
  uint32_t which;  // group or peer
};

// Sends with their receives, collectives in three overlapping groups; each rank lists its part in an order of
// its own (often near the common one, so that some traces can progress) with dependencies drawn at random.
TraceBuilder draw_trace(uint32_t ranks, uint32_t events, bool shuffled, std::mt19937_64& random) {
  TraceBuilder builder(ranks);
  std::vector<std::vector<uint32_t>> groups(3);
  for (uint32_t r = 0; r < ranks; ++r) {
    groups[0].push_back(r);
    groups[1 + r % 2].push_back(r);
  }
  builder.add_group("even", groups[1]);
  builder.add_group("odd", groups[2]);
  std::vector<std::vector<Drawn>> lists(ranks);
  for (uint32_t i = 0; i < events; ++i) {
    if (random() % 2 == 0) {
      const uint32_t group = static_cast<uint32_t>(random() % 3);
      for (uint32_t r : groups[group]) lists[r].push_back({Drawn::Collective, group});
    } else {
      const uint32_t src = static_cast<uint32_t>(random() % ranks);
      const uint32_t dst = static_cast<uint32_t>((src + 1 + random() % (ranks - 1)) % ranks);
      lists[src].push_back({Drawn::Send, dst});
      lists[dst].push_back({Drawn::Receive, src});
    }
    lists[random() % ranks].push_back({Drawn::Compute, 0});
  }
  for (uint32_t r = 0; r < ranks; ++r) {
    const size_t swaps = shuffled ? lists[r].size() : 0;
    for (size_t i = 0; i < swaps; ++i) {
      const size_t left = random() % lists[r].size();
      std::swap(lists[r][left], lists[r][std::min(left + 2, lists[r].size() - 1)]);
    }
    for (uint32_t i = 0; i < lists[r].size(); ++i) {
      std::vector<uint32_t> after;
      for (uint64_t n = random() % 3; i > 0 && n > 0; --n) {
        after.push_back(static_cast<uint32_t>(1 + random() % std::min(i, 4U)));
      }
      const Drawn& drawn = lists[r][i];
      if (drawn.what == Drawn::Compute) builder.compute(r, random() % 3'000, after);
      if (drawn.what == Drawn::Collective)
        builder.collective(r, trace::ALL_REDUCE, kBytes, after, drawn.which);
      if (drawn.what == Drawn::Send) builder.send(r, drawn.which, kBytes, after);
      if (drawn.what == Drawn::Receive) builder.receive(r, drawn.which, kBytes, after);
    }
  }
  return builder;
}

size_t parts_with_an_operation(const Schedule& schedule) {
  size_t parts = 0;
  for (uint32_t rank = 0; rank < schedule.rank_count(); ++rank)
    parts += schedule.program_of(rank).in_order.size();
  return parts;
}

void check_one_trace(bool shuffled) {
  std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
  const uint32_t ranks = *rc::gen::inRange<uint32_t>(2, 6);
  TraceBuilder builder = draw_trace(ranks, *rc::gen::inRange<uint32_t>(1, 20), shuffled, random);
  const auto schedule = compile(builder.trace());
  RC_CLASSIFY(schedule.has_value(), "accepted");
  if (!schedule) {
    RC_ASSERT(shuffled);
    RC_ASSERT(schedule.error().find("operations wait for each other") == 0U);
    return;
  }
  constexpr uint32_t kIterations = 3;
  IdealNetwork network(*schedule, kIterations, SimTime::nanoseconds(500), 20);
  for (uint32_t r = 0; r < ranks; ++r) {
    network.delay_start(r, SimTime::nanoseconds(static_cast<int64_t>(random() % 20'000)));
  }
  RC_ASSERT(network.run());
  RC_ASSERT(network.spans.size() == kIterations * parts_with_an_operation(*schedule));
  RC_ASSERT(network.iterations.size() == kIterations * ranks);
}

TEST(Progress, ATraceInOneOrderForAllRanksCompilesAndEnds) {
  EXPECT_TRUE(rc::check([] { check_one_trace(false); }));
}

TEST(Progress, ATraceInAnyOrderIsRefusedOrEnds) {
  EXPECT_TRUE(rc::check([] { check_one_trace(true); }));
}

}  // namespace
}  // namespace railyard::schedule
