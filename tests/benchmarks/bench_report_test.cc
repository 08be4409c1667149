// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/bench_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/bench/bench_compare.h"

namespace railyard::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

CaseSamples measured(uint32_t threads) {
  CaseSamples samples{find_engine_case("W1"), threads, {}};
  for (const double cpu : {0.7, 0.9, 0.5}) {
    Sample sample;
    sample.packet_hops = 10'000'000;
    sample.data_hops = 5'000'000;
    sample.events = 15'000'000;
    sample.cpu_seconds = cpu;
    sample.wall_seconds = cpu + 0.1;
    sample.set_up_seconds = 0.02;
    sample.peak_bytes = static_cast<uint64_t>(cpu * (100 << 20));
    samples.samples.push_back(sample);
  }
  return samples;
}

BenchReport report_with(std::vector<double> ns_per_hop, uint64_t hops = 1000) {
  BenchReport report;
  report.machine.cpu = "a CPU";
  CaseFigures figures;
  figures.name = "W1";
  figures.ns_per_hop = std::move(ns_per_hop);
  figures.packet_hops = hops;
  figures.data_hops = hops / 2;
  report.cases = {figures};
  return report;
}

TEST(CaseFigures, TakeProcessorTimeOfOneThreadAndWallClockOfSeveral) {
  EXPECT_THAT(figures_of(measured(1)).ns_per_hop,
              testing::Pointwise(testing::DoubleEq(), std::vector<double>{70, 90, 50}));
  EXPECT_THAT(figures_of(measured(2)).ns_per_hop,
              testing::Pointwise(testing::DoubleEq(), std::vector<double>{80, 100, 60}));
  const CaseFigures figures = figures_of(measured(1));
  EXPECT_DOUBLE_EQ(figures.cpu_seconds, 0.7);
  EXPECT_DOUBLE_EQ(figures.events_per_hop, 1.5);
  EXPECT_EQ(figures.peak_bytes, 90U << 20);
}

TEST(BenchReport, TheTableHasTheFiguresOfEveryCase) {
  CaseFigures figures = figures_of(measured(1));
  figures.notice = "threads waited";
  const std::string table = to_table({figures});
  for (const char* expected : {"W1", "10.00 M", "5.00 M", "70.0", "50.0 .. 90.0", "140.0", "14.3", "1.50",
                               "0.80", "0.020", " 90", "threads waited"})
    EXPECT_THAT(table, HasSubstr(expected));
}

TEST(BenchReport, JsonComesBackAsItWas) {
  BenchReport report = report_with({70.5, 71.25});
  report.machine.cores = 2;
  report.machine.build_type = "Release";
  report.cases.front().notice = "fell back";
  report.cases.front().pfc_pauses = 3;
  const auto back = from_json(to_json(report));
  ASSERT_TRUE(back.has_value()) << back.error();
  EXPECT_EQ(to_json(*back), to_json(report));
  EXPECT_THAT(to_json(report), HasSubstr("\"ns_per_hop\": 70.875"));
}

TEST(BenchReport, WrongJsonSaysWhatIsWrong) {
  EXPECT_THAT(from_json("{").error(), HasSubstr("parse error"));
  EXPECT_THAT(from_json("{}").error(), HasSubstr("schema"));
  EXPECT_EQ(from_json(R"({"schema": "railyard-summary", "version": 1})").error(),
            "not version 1 of what railyard bench engine --json writes");
  std::string json = to_json(report_with({1}));
  json.replace(json.find("packet_hops"), 11, "packet_hips");
  EXPECT_THAT(from_json(json).error(), HasSubstr("packet_hops"));
}

TEST(BenchCompare, AChangeIsWhatNoRunOfTheOtherReaches) {
  const BenchReport before = report_with({50, 52, 54});
  EXPECT_EQ(changes_between(before, report_with({53, 55, 57})).front().change, Change::None);
  EXPECT_EQ(changes_between(before, report_with({55, 56, 57})).front().change, Change::Slower);
  EXPECT_EQ(changes_between(before, report_with({40, 41, 49})).front().change, Change::Faster);
  EXPECT_EQ(changes_between(before, report_with({10})).front().change, Change::Unknown);
  EXPECT_DOUBLE_EQ(changes_between(before, report_with({26, 26, 26})).front().ratio, 0.5);
}

TEST(BenchCompare, TheTextNamesWhatDiffersBesidesSpeed) {
  const BenchReport before = report_with({50, 52});
  EXPECT_THAT(comparison_text(before, report_with({60, 61}, 2000)), HasSubstr("SLOWER; 1000 -> 2000 hops"));
  BenchReport after = report_with({50, 52});
  after.cases.front().threads = 2;
  EXPECT_THAT(comparison_text(before, after), HasSubstr("only in the first: W1/1\nonly in the second: W1/2"));
  after = report_with({50, 52});
  EXPECT_THAT(comparison_text(before, after), Not(HasSubstr("machines")));
  after.machine.cpu = "another CPU";
  EXPECT_THAT(comparison_text(before, after), HasSubstr("machines or builds differ"));
}

TEST(Machine, DoubtsAreAboutTheBuildAndTheLoad) {
  Machine machine;
  machine.cores = 2;
  machine.optimised = true;
  machine.load_average = 0.2;
  EXPECT_TRUE(doubts_about(machine, 1).empty());
  EXPECT_TRUE(doubts_about(machine, 2).empty());
  EXPECT_THAT(doubts_about(machine, 3), testing::ElementsAre("3 threads share 2 cores"));
  machine.load_average = 1.2;
  EXPECT_TRUE(doubts_about(machine, 1).empty());
  EXPECT_THAT(doubts_about(machine, 2), testing::ElementsAre(HasSubstr("load average of 1.2")));
  machine.optimised = false;
  machine.build_type = "Debug";
  EXPECT_THAT(doubts_about(machine, 1), testing::ElementsAre(HasSubstr("not optimised (Debug)")));
}

TEST(Machine, ThisOneIsKnown) {
  const Machine machine = describe_this_machine();
  EXPECT_GE(machine.cores, 1U);
  EXPECT_FALSE(machine.cpu.empty());
  EXPECT_THAT(to_text(machine), HasSubstr("load average"));
}

}  // namespace
}  // namespace railyard::bench
