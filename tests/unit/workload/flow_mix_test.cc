// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/flow_mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/flow_sizes.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using workload::find_flow_sizes;

struct Arrivals {
  std::vector<double> start_ns, bytes;  // in the order of the starts
  std::set<uint32_t> tags;
};

// As the ranks would send them.
Arrivals arrivals_of(const trace::Trace& trace) {
  std::vector<std::pair<double, double>> flows;
  Arrivals arrivals;
  for (const trace::Rank& rank : trace.ranks())
    for (int i = 0; i < rank.operations_size(); ++i) {
      const trace::Operation& operation = rank.operations(i);
      if (!operation.has_send()) continue;
      const bool waits = !operation.after().empty();
      flows.emplace_back(waits ? rank.operations(i - 1).compute().duration_ns() : 0,
                         operation.send().bytes());
      arrivals.tags.insert(operation.send().tag());
    }
  std::sort(flows.begin(), flows.end());
  for (const auto& [start, bytes] : flows)
    arrivals.start_ns.push_back(start), arrivals.bytes.push_back(bytes);
  return arrivals;
}

FlowMixSettings settings_of(const std::string& sizes, double load) {
  FlowMixSettings settings;
  settings.sizes = sizes;
  settings.load = load;
  settings.ranks = 128;
  settings.duration = SimTime::milliseconds(sizes == "websearch" ? 100 : 10);
  return settings;
}

WorkloadContext context_of(uint64_t seed) {
  return {seed, "mix", "", BitRate::gigabits(100)};
}

class Mix : public testing::TestWithParam<std::tuple<std::string, double, uint64_t>> {};

TEST_P(Mix, OffersItsLoadByPoissonArrivals) {
  const auto& [sizes, load, seed] = GetParam();
  const FlowMixSettings settings = settings_of(sizes, load);
  const Arrivals arrivals = arrivals_of(make_flow_mix(settings, context_of(seed)).value());
  double sum = 0;
  for (const double bytes : arrivals.bytes) sum += bytes;
  const double offered = sum * 8 / (128 * 100e9 * settings.duration.to_seconds());
  EXPECT_NEAR(offered / load, 1, 0.02);

  double gaps = 0, squares = 0;
  const size_t n = arrivals.start_ns.size() - 1;
  for (size_t i = 0; i < n; ++i) {
    const double gap = arrivals.start_ns[i + 1] - arrivals.start_ns[i];
    gaps += gap, squares += gap * gap;
  }
  const double mean = gaps / static_cast<double>(n);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(n) - mean * mean) / mean, 1, 0.05);
}

TEST_P(Mix, DrawsSizesAsTheyAreDistributed) {
  const auto& [sizes, load, seed] = GetParam();
  Arrivals arrivals = arrivals_of(make_flow_mix(settings_of(sizes, load), context_of(seed)).value());
  std::sort(arrivals.bytes.begin(), arrivals.bytes.end());
  for (const auto& [bytes, percent] : find_flow_sizes(sizes)->points) {
    const auto above = std::upper_bound(arrivals.bytes.begin(), arrivals.bytes.end(), bytes);
    const double share =
        static_cast<double>(above - arrivals.bytes.begin()) / static_cast<double>(arrivals.bytes.size());
    EXPECT_NEAR(100 * share, percent, 0.5) << bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Figures, Mix,
                         testing::Combine(testing::Values("websearch", "fbhdp", "alistorage"),
                                          testing::Values(0.3, 0.5), testing::Values(1, 2)));

// By the trapezoids of the published points.
TEST(FlowSizes, HaveTheMeansOfTheirFigures) {
  EXPECT_NEAR(find_flow_sizes("websearch")->mean(), 1'711'250, 1);
  EXPECT_NEAR(find_flow_sizes("fbhdp")->mean(), 120'420.75, 1);
  EXPECT_NEAR(find_flow_sizes("alistorage")->mean(), 40'869.8, 1);
  EXPECT_EQ(find_flow_sizes("unknown"), nullptr);
}

TEST(Mix, StartsEveryFlowByItself) {
  const trace::Trace trace = make_flow_mix(settings_of("websearch", 0.3), context_of(1)).value();
  EXPECT_TRUE(trace::validate(trace).empty());
  for (const trace::Rank& rank : trace.ranks())
    for (int i = 0; i < rank.operations_size(); ++i) {
      const trace::Operation& operation = rank.operations(i);
      const bool waits = operation.has_send() && !operation.after().empty();
      EXPECT_EQ(operation.after_size(), waits ? 1 : 0);
      EXPECT_TRUE(!waits || operation.after(0) == 1U);
      EXPECT_TRUE(!operation.has_compute() || operation.compute().wait());
    }
}

TEST(Mix, HasAQueuePairForEachFlowOrPair) {
  FlowMixSettings settings = settings_of("websearch", 0.3);
  const Arrivals own = arrivals_of(make_flow_mix(settings, context_of(1)).value());
  EXPECT_EQ(own.tags.size(), own.bytes.size());
  settings.queue_pairs = workload::QueuePairsOfFlows::Pair;
  EXPECT_EQ(arrivals_of(make_flow_mix(settings, context_of(1)).value()).tags.size(), 1U);
}

TEST(Mix, TakesADistributionFromAFile) {
  TemporaryFolder folder;
  std::ofstream(folder.file("sizes.txt")) << "# bytes percent\n0 0\n1000\t50\n\n3000 100\n";
  FlowMixSettings settings = settings_of("sizes.txt", 0.001);
  WorkloadContext context = context_of(1);
  context.folder = folder.file("");
  const Arrivals arrivals = arrivals_of(make_flow_mix(settings, context).value());
  EXPECT_NEAR(static_cast<double>(arrivals.bytes.size()), 0.001 * 12.5e9 * 128 * 0.01 / 1250, 1);
  EXPECT_LE(*std::max_element(arrivals.bytes.begin(), arrivals.bytes.end()), 3000);
}

TEST(Mix, RefusesAFileByItsLine) {
  TemporaryFolder folder;
  const auto error_of = [&](const std::string& text) {
    std::ofstream(folder.file("sizes.txt")) << text;
    WorkloadContext context = context_of(1);
    context.folder = folder.file("");
    const auto made = make_flow_mix(settings_of("sizes.txt", 0.3), context);
    return made ? "made" : made.error();
  };
  EXPECT_THAT(error_of("0 0\n100 x\n"), HasSubstr("sizes.txt:2: a line has two numbers"));
  EXPECT_THAT(error_of("10 5\n100 100\n"), HasSubstr("sizes.txt:1: the first line must be of 0 percent"));
  EXPECT_THAT(error_of("0 0\n100 50\n100 100\n"), HasSubstr("sizes.txt:3: bytes and percentage must both"));
  EXPECT_THAT(error_of("0 0\n100 101\n"), HasSubstr("sizes.txt:2: a percentage is at most 100"));
  EXPECT_THAT(error_of("0 0\n100 99\n"), HasSubstr("the last line must be of 100 percent"));
}

TEST(Mix, RefusesLoadsWithoutFlowsOrWithTooMany) {
  FlowMixSettings settings = settings_of("websearch", 0.3);
  settings.duration = SimTime::nanoseconds(10);
  EXPECT_THAT(make_flow_mix(settings, context_of(1)).error(), HasSubstr("raise duration or load"));
  settings.duration = SimTime::seconds(1000);
  EXPECT_THAT(make_flow_mix(settings, context_of(1)).error(), HasSubstr("lower duration, load or ranks"));
}

}  // namespace
}  // namespace railyard
