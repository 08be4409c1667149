// SPDX-License-Identifier: GPL-2.0-only
// With a simulator that answers at once: what a run's process hands back.
#include "tools/bench/case_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

namespace railyard::bench {
namespace {

const EngineCase& small_case() {
  return *find_engine_case("W2-16");
}

TEST(CaseRunner, HandsBackWhatTheRunMeasured) {
  const auto simulate = [](const CompiledRun& run, const ns3::ProgressCallback&,
                           ns3::SimulationCost& cost) -> tl::expected<record::Record, std::string> {
    cost.setUpSeconds = 1;
    cost.runSeconds = 3;
    cost.runCpuSeconds = 2;
    cost.events = 1000;
    cost.notice = "one thread would do";
    record::Record record;
    record.totals.packet_hops = 100 * run.input.threads;
    record.totals.data_hops = 50;
    record.ports.resize(2);
    record.ports[0].ecn_marked = record.ports[1].ecn_marked = 4;
    record.ports[1].drops[0] = 7;
    return record;
  };
  const auto sample = run_once(small_case(), 2, simulate);
  ASSERT_TRUE(sample.has_value()) << sample.error();
  EXPECT_EQ(sample->packet_hops, 200U);
  EXPECT_EQ(sample->data_hops, 50U);
  EXPECT_EQ(sample->events, 1000U);
  EXPECT_EQ(sample->ecn_marked, 8U);
  EXPECT_EQ(sample->drops, 7U);
  EXPECT_GE(sample->set_up_seconds, 1);
  EXPECT_EQ(sample->wall_seconds, 3);
  EXPECT_EQ(sample->cpu_seconds, 2);
  EXPECT_EQ(sample->notice, "one thread would do");
}

TEST(CaseRunner, CountsTheMemoryOfThatRunAlone) {
  constexpr size_t kMiB = 1 << 20;
  const auto simulate_with = [&](size_t mebibytes) {
    return [=](const auto&, const auto&, auto&) -> tl::expected<record::Record, std::string> {
      std::vector<char> memory(mebibytes * kMiB);
      std::memset(memory.data(), 1, memory.size());
      record::Record record;
      record.totals.packet_hops = static_cast<uint64_t>(memory[mebibytes]);
      return record;
    };
  };
  const auto large = run_once(small_case(), 1, simulate_with(100));
  const auto small = run_once(small_case(), 1, simulate_with(1));
  ASSERT_TRUE(large.has_value() && small.has_value());
  EXPECT_GE(large->peak_bytes, small->peak_bytes + 90 * kMiB);
}

TEST(CaseRunner, NamesTheCaseThatFailed) {
  const auto fail = [](const auto&, const auto&, auto&) -> tl::expected<record::Record, std::string> {
    return tl::make_unexpected("cancelled");
  };
  EXPECT_EQ(run_once(small_case(), 1, fail).error(), "case W2-16, 1 threads: cancelled");
  const auto die = [](const auto&, const auto&, auto&) -> tl::expected<record::Record, std::string> {
    std::_Exit(3);
  };
  EXPECT_EQ(run_once(small_case(), 1, die).error(),
            "case W2-16, 1 threads: its process ended with no answer");
}

TEST(CaseRunner, GoesThroughAllCasesBeforeItRepeats) {
  const auto simulate = [](const auto&, const auto&, auto&) {
    return tl::expected<record::Record, std::string>(record::Record{});
  };
  std::vector<std::string> order;
  const Selection selection{{find_engine_case("W2-16"), find_engine_case("W2-64")}, {1, 2}, 2};
  const auto results = run_cases(selection, simulate, [&](const CaseSamples& next) {
    order.push_back(std::string(next.engine_case->name) + "/" + std::to_string(next.threads));
  });
  ASSERT_TRUE(results.has_value()) << results.error();
  EXPECT_THAT(order, testing::ElementsAre("W2-16/1", "W2-16/2", "W2-64/1", "W2-64/2", "W2-16/1", "W2-16/2",
                                          "W2-64/1", "W2-64/2"));
  for (const CaseSamples& result : *results) EXPECT_EQ(result.samples.size(), 2U);
}

}  // namespace
}  // namespace railyard::bench
