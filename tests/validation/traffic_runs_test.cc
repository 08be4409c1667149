// SPDX-License-Identifier: BSD-3-Clause
// Traffic patterns, stragglers and jobs beside each other, by the program and from scenarios alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/trace/temporary_folder.h"
#include "tests/validation/row.h"

namespace railyard {
namespace {

using nlohmann::json;

constexpr const char* kScenarios = RAILYARD_SOURCE_DIR "/scenarios/";

struct Outcome {
  int code = -1;
  std::string text;  // of both streams
  json metrics;      // of the run

  double metric(const std::string& name) const { return metrics.at(name).at("value"); }
};

// railyard run `scenario` with these values set.
Outcome run(const std::string& scenario, const std::vector<std::string>& set) {
  const TemporaryFolder folder;
  std::string command = std::string(RAILYARD_PROGRAM) + " run " + scenario + " -o " + folder.file("out");
  for (const std::string& value : set) command += " --set '" + value + "'";
  Outcome outcome;
  FILE* pipe = popen(("COLUMNS=100 " + command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) outcome.text.append(buffer, n);
  const int status = pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (std::ifstream summary(folder.file("out/summary.json")); summary)
    outcome.metrics = json::parse(summary)["settings"][0]["runs"][0]["metrics"];
  return outcome;
}

std::string with(const std::string& text) {
  static int count = 0;
  const std::string file = testing::TempDir() + "railyard-traffic-" + std::to_string(getpid()) + "-" +
                           std::to_string(count++) + ".yaml";
  std::ofstream(file) << text;
  return file;
}

TEST(TwoJobs, ArePushedAsideOnlyWhereTheyShareUplinks) {
  const std::string scenario = std::string(kScenarios) + "two-jobs.yaml";
  // A switch draws its marks from one stream for all ports: on a spine that both cross, one job's frames
  // would change the other's luck, by some percent of its time. Marks that are certain leave none.
  const Outcome packed =
      run(scenario, {"jobs.left.placement.strategy=packed", "jobs.right.placement.strategy=packed",
                     "switch.green_min_threshold=100kB", "switch.green_max_threshold=100kB"});
  const Outcome spread = run(scenario, {});
  ASSERT_TRUE(packed.metrics.contains("interference.left")) << packed.text;
  ASSERT_EQ(spread.code, 0) << spread.text;
  for (const char* job : {"left", "right"}) {
    const std::string name = std::string("interference.") + job;
    const double apart = packed.metric(name), beside = spread.metric(name);
    EXPECT_NEAR(apart, 1, 0.01) << job;
    EXPECT_GT(beside, 1.1) << job;
    EXPECT_THAT(spread.text, testing::HasSubstr("interference factor of " + std::string(job)));
    print_row(fmt::format("T1: two jobs of 64 ranks, 4:1, on leaves of their own: interference of {}", job),
              "1", fmt::format("{:.3f}", apart), relative(apart, 1), "0.01");
    print_row(fmt::format("T1: the same, spread over the leaves: interference of {}", job), "> 1.1",
              fmt::format("{:.2f}", beside), "-", "> 1.1");
  }
}

TEST(AStraggler, IsNamedWithWhatItCosts) {
  // Forward 2 ms and backward 4 ms, three times as long: 12 ms more, until the last bucket.
  const Outcome outcome = run(with("fabric: {kind: leaf-spine, leaves: 16, spines: 8, hosts_per_leaf: 32}\n"
                                   "nic: {congestion_control: none}\n"
                                   "jobs:\n- name: training\n  slow_ranks: {5: 3x}\n"
                                   "  training_step: {ranks: 512, buckets: 2, bucket_bytes: 64KiB, "
                                   "all_to_all_bytes: 0}\n"),
                              {});
  ASSERT_EQ(outcome.code, 0) << outcome.text;
  std::string text = outcome.text;  // as one line
  for (char& c : text) c = c == '\n' ? ' ' : c;
  EXPECT_THAT(text,
              testing::HasSubstr("rank 5 of job 'training' held up the others: it came last to 2 of 2"));
  const std::string before = "the other 511 ranks waited ";
  const size_t at = text.find(before);
  ASSERT_NE(at, std::string::npos) << text;
  const double waited_ms = std::stod(text.substr(at + before.size()));
  EXPECT_NEAR(waited_ms, 12, 1.2);
  const Outcome even = run(with("jobs: [{training_step: {ranks: 8, bucket_bytes: 64KiB}}]\n"), {});
  EXPECT_THAT(even.text, testing::Not(testing::HasSubstr("held up the others")));
  print_row("T2: a rank three times as slow in a step of 512: what each other rank waits for it",
            "12 ms (2 x 6 ms of compute)", fmt::format("{:.2f} ms", waited_ms), relative(waited_ms, 12),
            "10 %");
}

class HpccMix : public testing::TestWithParam<std::tuple<const char*, double>> {};

TEST_P(HpccMix, RunsFromAScenarioAlone) {
  const auto [sizes, load] = GetParam();
  const Outcome outcome =
      run(std::string(kScenarios) + "flow-mix.yaml",
          {fmt::format("jobs.mix.mix.sizes={}", sizes), fmt::format("jobs.mix.mix.load={}", load)});
  ASSERT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_THAT(outcome.text, testing::HasSubstr("slowdown, mean "));
  EXPECT_THAT(outcome.text, testing::HasSubstr("slowdown, p99, to 1MB"));
  EXPECT_THAT(outcome.text, testing::HasSubstr("busbw of send"));
  const double mean = outcome.metric("slowdown.mean"), p99 = outcome.metric("slowdown.p99");
  EXPECT_GT(mean, 1);
  EXPECT_GT(p99, mean);
  const double small = outcome.metric("slowdown.p99.10kB"), large = outcome.metric("slowdown.p99.10MB");
  print_row(fmt::format("T3: {} at {:.0f} % on k = 8, 500 us of arrivals, DCQCN: slowdown, mean; p99; p99 to "
                        "10 kB; p99 to 10 MB",
                        sizes, 100 * load),
            "-", fmt::format("{:.2f}; {:.1f}; {:.1f}; {:.1f}", mean, p99, small, large), "-", "none");
}

INSTANTIATE_TEST_SUITE_P(Loads, HpccMix,
                         testing::Combine(testing::Values("websearch", "fbhdp"), testing::Values(0.3, 0.5)));

TEST(Names, AreReadableWhereTheTraceHasNone) {
  const Outcome outcome = run(with("jobs: [{permutation: {ranks: 8, bytes: 64KiB}}]\n"), {});
  ASSERT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_TRUE(outcome.metrics.contains("busbw.send")) << outcome.text;
}

}  // namespace
}  // namespace railyard
