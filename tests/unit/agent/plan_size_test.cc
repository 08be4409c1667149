// SPDX-License-Identifier: BSD-3-Clause
// What a plan of 400 kB can make an agent hold and do before it is refused, or played.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <iostream>

#include "tests/fuzz/played_plan.h"
#include "tests/unit/agent/plan_builder.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;

constexpr size_t kPlanBytes = 400'000;
constexpr uint64_t kMostMemory = uint64_t{1} << 30;
constexpr auto kPatience = 20s;  // it takes some tenths of one; the machine may be loaded
#ifdef __SANITIZE_ADDRESS__
constexpr bool kMemoryIsOurs = false;  // the sanitizer takes a multiple of it
#else
constexpr bool kMemoryIsOurs = true;
#endif

struct Cost {
  bool ended = false, accepted = false;
  double seconds = 0;
  uint64_t memory = 0;
};

// Prepared in a process of its own, which has no more memory than it may take.
Cost cost_of(const control::Plan& plan) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const rlimit memory{kMostMemory, kMostMemory};
    if (kMemoryIsOurs) setrlimit(RLIMIT_AS, &memory);
    alarm(static_cast<unsigned>(kPatience / 1s));
    fuzz::PlayedPlan player;
    const std::atomic<bool> never = false;
    const auto prepared = player.prepare(plan, never);
    if (!prepared) std::cout << "refused: " << prepared.error().substr(0, 160) << std::endl;
    _exit(prepared ? 0 : 1);
  }
  Cost cost;
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  cost.ended = WIFEXITED(status) && WEXITSTATUS(status) <= 1;
  cost.accepted = cost.ended && WEXITSTATUS(status) == 0;
  cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  cost.memory = static_cast<uint64_t>(used.ru_maxrss) * 1'024;
  std::cout << fmt::format("{} B of plan: {:.2f} s, {} MiB\n", plan.ByteSizeLong(), cost.seconds,
                           cost.memory >> 20);
  return cost;
}

void expect_cheap(const Cost& cost) {
  EXPECT_TRUE(cost.ended) << "it took more than 1 GiB, or " << kPatience / 1s << " s";
  if (kMemoryIsOurs) {
    EXPECT_LT(cost.memory, kMostMemory);
  }
}

control::Job& add_job_of(control::Plan& plan, const trace::Trace& trace) {
  control::Job& job = *plan.add_jobs();
  job.set_name("hostile");
  job.set_iterations(~uint32_t{0});
  job.set_trace(*trace::encode_trace(trace));
  for (int rank = 0; rank < trace.ranks_size(); ++rank)
    job.add_placement()->set_host(static_cast<uint32_t>(rank % plan.endpoints_size()));
  return job;
}

control::Plan base() {
  control::Plan plan = plan_of_hosts(4, "agent");
  plan.set_gpus_per_host(1);
  plan.set_scale_up_bps(1'000'000'000'000);
  return plan;
}

trace::Trace ranks(uint32_t count) {
  trace::Trace trace;
  trace.mutable_header()->set_rank_count(count);
  for (uint32_t rank = 0; rank < count; ++rank) trace.add_ranks()->set_rank(rank);
  return trace;
}

void add_collective(trace::Trace& trace, uint32_t group, trace::CollectiveKind kind, uint64_t bytes) {
  for (const uint32_t rank : trace.header().groups(static_cast<int>(group)).ranks()) {
    trace::Collective& call =
        *trace.mutable_ranks(static_cast<int>(rank))->add_operations()->mutable_collective();
    call.set_kind(kind);
    call.set_group(group);
    call.set_bytes(bytes);
  }
}

trace::Trace all_to_all(uint32_t count) {
  trace::Trace trace = ranks(count);
  trace::Group& all = *trace.mutable_header()->add_groups();
  for (uint32_t rank = 0; rank < count; ++rank) all.add_ranks(rank);
  add_collective(trace, 0, trace::ALL_TO_ALL, uint64_t{64} * count);
  return trace;
}

// The largest `count` whose plan still has the size.
template <class Make>
control::Plan largest(Make make) {
  uint32_t count = 1;
  for (uint32_t step = 1 << 16; step > 0; step /= 2)
    if (make(count + step).ByteSizeLong() <= kPlanBytes) count += step;
  return make(count);
}

TEST(PlanSize, AnAllToAllOfThousandsOfRanks) {
  const Cost cost = cost_of(largest([](uint32_t count) {
    control::Plan plan = base();
    add_job_of(plan, all_to_all(count));
    return plan;
  }));
  expect_cheap(cost);
  EXPECT_FALSE(cost.accepted);
}

TEST(PlanSize, SplitsOfMembersThatAreToldByOne) {
  const Cost cost = cost_of(largest([](uint32_t count) {
    control::Plan plan = base();
    constexpr uint32_t kRanks = 500;
    trace::Trace trace = all_to_all(kRanks);
    for (uint32_t i = 0; i < count / kRanks; ++i) {
      add_collective(trace, 0, trace::ALL_TO_ALL, kRanks);
      auto& operations = *trace.mutable_ranks(0)->mutable_operations();
      for (uint32_t to = 0; to < kRanks; ++to)
        operations[operations.size() - 1].mutable_collective()->add_split_bytes(1);
    }
    add_job_of(plan, trace);
    return plan;
  }));
  expect_cheap(cost);
  EXPECT_FALSE(cost.accepted);
}

TEST(PlanSize, JobsThatAreSmallOneByOne) {
  const Cost cost = cost_of(largest([](uint32_t count) {
    control::Plan plan = base();
    static const trace::Trace kTrace = all_to_all(256);
    for (uint32_t i = 0; i < count / 256; ++i) add_job_of(plan, kTrace);
    return plan;
  }));
  expect_cheap(cost);
  EXPECT_FALSE(cost.accepted);
}

TEST(PlanSize, GroupsThatAreMany) {
  const Cost cost = cost_of(largest([](uint32_t count) {
    control::Plan plan = base();
    trace::Trace trace = ranks(2);
    for (uint32_t i = 0; i < count; ++i) {
      trace.mutable_header()->add_groups()->add_ranks(0);
      add_collective(trace, i, trace::ALL_REDUCE, 1);
    }
    add_job_of(plan, trace);
    return plan;
  }));
  expect_cheap(cost);
}

TEST(PlanSize, MessagesThatHaveATagEach) {
  const Cost cost = cost_of(largest([](uint32_t count) {
    control::Plan plan = base();
    trace::Trace trace = ranks(2);
    for (uint32_t i = 0; i < count; ++i) {
      trace::Send& send = *trace.mutable_ranks(0)->add_operations()->mutable_send();
      send.set_peer(1), send.set_bytes(1), send.set_tag(i);
      trace::Receive& receive = *trace.mutable_ranks(1)->add_operations()->mutable_receive();
      receive.set_bytes(1), receive.set_tag(i);
    }
    add_job_of(plan, trace);
    return plan;
  }));
  expect_cheap(cost);
}

TEST(PlanSize, TheLargestThatIsPlayed) {
  constexpr uint32_t kRanks = 512;  // and so kMostPairs, less the ranks themselves
  control::Plan plan = base();
  plan.set_gpus_per_host(kRanks);
  control::Job& job = add_job_of(plan, all_to_all(kRanks));
  for (int rank = 0; rank < job.placement_size(); ++rank)
    job.mutable_placement(rank)->set_gpu(static_cast<uint32_t>(rank));
  const Cost cost = cost_of(plan);
  expect_cheap(cost);
  EXPECT_TRUE(cost.accepted);
}

TEST(PlanSize, PreparingIsGivenUpWithinASecond) {
  control::Plan plan = base();
  trace::Trace trace = ranks(4);
  trace.mutable_header()->add_groups()->add_ranks(0);
  for (uint32_t i = 0; i < 400'000; ++i) add_collective(trace, 0, trace::ALL_REDUCE, 1);
  for (int i = 0; i < 10; ++i) add_job_of(plan, trace);
  std::atomic<bool> cancelled = false;
  fuzz::PlayedPlan player;
  auto preparing = std::async(std::launch::async, [&] { return player.prepare(plan, cancelled); });
  EXPECT_EQ(preparing.wait_for(200ms), std::future_status::timeout) << "it is too small to see anything";
  const auto begin = std::chrono::steady_clock::now();
  cancelled = true;
  const auto prepared = preparing.get();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << fmt::format("given up after {:.2f} s\n", seconds);
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().find("cancelled"), std::string::npos) << prepared.error();
  EXPECT_LT(seconds, 5);
}

}  // namespace
}  // namespace railyard::lab
