// SPDX-License-Identifier: BSD-3-Clause
// How often a verdict is wrong: settings that are one setting are drawn, without overlap, from 400 runs of
// the quickstart, and whatever is then called better is called so by mistake.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

#include "tests/validation/row.h"
#include "traffic/record/comparison.h"
#include "traffic/record/seed_plan.h"

namespace railyard {
namespace {

using record::ComparedMetric;
using record::ComparisonRule;
using record::Outcome;

constexpr int kTrials = 1'000;
constexpr int kMostPositive = 70;  // 50 expected at 5 %, and three standard deviations
constexpr size_t kPool = 400;
const record::MetricInfo kMetric = {"study", "study", record::Unit::Time, record::Better::Lower, ""};
// Nothing is small enough not to matter: the tests alone decide.
const ComparisonRule kTestsAlone = {0.05, 0, {}, 0.05};

constexpr std::array<size_t, 5> kSizes = {3, 5, 8, 12, 20};

using Pool = std::vector<double>;

// Shapes of spread, and which of the quickstart's metrics has them over 400 seeds (quickstart_seeds.py).
const std::map<std::string, std::string> kColumns = {
    {"near_normal", "pfc-only slowdown.p99 (1)"},
    {"two_humped", "dcqcn-connectx fct.max (s)"},
    {"skewed", "pfc-only busbw.allreduce (bit/s)"},
    // 6 % of the seeds meet a collision that costs 3 to 34 %.
    {"heavy_tailed", "dcqcn-paper iteration.time (s)"},
};

Pool read_pool(const std::string& column) {
  std::ifstream file(RAILYARD_SOURCE_DIR "/tests/validation/data/quickstart_400_seeds.csv");
  std::string line;
  std::string cell;
  std::getline(file, line);
  std::istringstream heads(line);
  size_t index = 0;
  while (std::getline(heads, cell, ',') && cell != column) ++index;
  EXPECT_EQ(cell, column);
  Pool pool;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    for (size_t i = 0; i <= index; ++i) std::getline(cells, cell, ',');
    pool.push_back(std::stod(cell));
  }
  return pool;
}

// Of every seed either no two flows collide or some do, and little varies beside.
Pool tight_humps() {
  std::mt19937_64 random(7);
  Pool pool;
  for (size_t i = 0; i < kPool; ++i) {
    const double noise = static_cast<double>(random() >> 11) * 0x1p-53;
    pool.push_back((random() % 5 < 3 ? 1.0 : 2.0) + 0.001 * noise);
  }
  return pool;
}

Pool pool_named(const std::string& shape) {
  Pool pool = shape == "tight_humps" ? tight_humps() : read_pool(kColumns.at(shape));
  EXPECT_EQ(pool.size(), kPool);
  return pool;
}

// Settings with `n` seeds each, no run in two of them.
class Draw {
 public:
  explicit Draw(Pool pool) : pool_(std::move(pool)), random_(1) {}

  std::vector<std::vector<double>> operator()(size_t settings, size_t n) {
    // Fisher and Yates by hand: std::shuffle differs between libraries.
    for (size_t i = 0; i < settings * n; ++i) std::swap(pool_[i], pool_[i + random_() % (pool_.size() - i)]);
    std::vector<std::vector<double>> values;
    for (size_t s = 0; s < settings; ++s)
      values.emplace_back(pool_.begin() + static_cast<ptrdiff_t>(s * n),
                          pool_.begin() + static_cast<ptrdiff_t>((s + 1) * n));
    return values;
  }

 private:
  Pool pool_;
  std::mt19937_64 random_;
};

std::vector<std::vector<double>> first_of(const std::vector<std::vector<double>>& values, size_t n) {
  std::vector<std::vector<double>> firsts;
  for (const auto& of_setting : values)
    firsts.emplace_back(of_setting.begin(), of_setting.begin() + static_cast<ptrdiff_t>(n));
  return firsts;
}

// Judges at each look of the plan as far as it goes; the values hold all seeds that may be asked for.
ComparedMetric until_decided(const std::vector<std::vector<double>>& values, size_t first,
                             const ComparisonRule& rule, size_t* seeds = nullptr) {
  record::SeedPlan plan(first, values.front().size(), rule);
  while (true) {
    auto metric = record::compare_values(kMetric, first_of(values, plan.seeds()), plan.rule());
    if (seeds != nullptr) *seeds = plan.seeds();
    if (!plan.go_on(metric)) return metric;
  }
}

struct Counts {
  int decided = 0, t = 0, sign_flip = 0;
};

Counts count_positives(const std::string& shape, size_t settings, size_t n) {
  Draw draw(pool_named(shape));
  Counts counts;
  for (int trial = 0; trial < kTrials; ++trial) {
    const ComparedMetric metric = record::compare_values(kMetric, draw(settings, n), kTestsAlone);
    counts.decided += metric.some_outcome(Outcome::Worse) ? 1 : 0;
    if (settings > 2) continue;
    for (const record::Difference& d : metric.from_best) {
      if (d.t && d.t->p < 0.05) ++counts.t;
      if (d.sign_flip_p && *d.sign_flip_p < 0.05) ++counts.sign_flip;
      EXPECT_EQ(d.sign_flip_p.has_value(), d.pairs >= 6);
    }
  }
  return counts;
}

class SettingAgainstItself : public testing::TestWithParam<std::string> {};

TEST_P(SettingAgainstItself, IsSeldomCalledBetter) {
  const std::string shape = GetParam();
  std::string decided;
  std::string t;
  for (const size_t n : kSizes) {
    const Counts counts = count_positives(shape, 2, n);
    EXPECT_LE(counts.decided, kMostPositive) << shape << ", n = " << n;
    EXPECT_LE(counts.sign_flip, kMostPositive) << shape << ", n = " << n;
    if (shape == "near_normal" && n >= 5) {
      EXPECT_GE(counts.t, 30) << "n = " << n;
      EXPECT_LE(counts.t, 70) << "n = " << n;
    }
    decided += fmt::format("{}{}", decided.empty() ? "" : " ", counts.decided);
    t += fmt::format("{}{}", t.empty() ? "" : " ", counts.t);
  }
  print_row(
      fmt::format("V1: a setting against itself, {}: called better in 1000 trials, n = 3 5 8 12 20; by t "
                  "alone",
                  shape),
      "<= 50", decided + "; " + t, "-", shape == "near_normal" ? "<= 70; 30 to 70" : "<= 70");
}

// Two seeds cannot tell a setting from itself: no verdict is given.
TEST_P(SettingAgainstItself, IsNeverCalledBetterByTwoSeeds) {
  EXPECT_EQ(count_positives(GetParam(), 2, 2).decided, 0);
}

TEST_P(SettingAgainstItself, IsSeldomCalledBetterAmongFive) {
  std::string decided;
  for (const size_t n : kSizes) {
    const Counts counts = count_positives(GetParam(), 5, n);
    EXPECT_LE(counts.decided, kMostPositive) << "n = " << n;
    decided += fmt::format("{}{}", decided.empty() ? "" : " ", counts.decided);
  }
  print_row(fmt::format("V2: five times one setting, {}: any called worse in 1000 trials, n = 3 5 8 12 20",
                        GetParam()),
            "<= 50", decided, "-", "<= 70");
}

TEST_P(SettingAgainstItself, IsSeldomCalledBetterHoweverOftenOneLooks) {
  constexpr size_t kMostSeeds = 64;
  Draw draw(pool_named(GetParam()));
  std::string decided;
  for (const double least_difference : {0.0, 0.01}) {
    int positive = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      const auto metric = until_decided(draw(2, kMostSeeds), 5, {0.05, least_difference, {}, 0.05});
      positive += metric.some_outcome(Outcome::Worse) ? 1 : 0;
    }
    EXPECT_LE(positive, kMostPositive) << "least difference " << least_difference;
    decided += fmt::format("{}{}", decided.empty() ? "" : " ", positive);
  }
  print_row(fmt::format("V3: a setting against itself until decided, {}: called better in 1000 trials; least "
                        "difference 0, 1 %",
                        GetParam()),
            "<= 50", decided, "-", "<= 70");
}

INSTANTIATE_TEST_SUITE_P(Shapes, SettingAgainstItself,
                         testing::Values("near_normal", "two_humped", "skewed", "heavy_tailed",
                                         "tight_humps"),
                         [](const auto& shape) { return shape.param; });

// A pilot of five seeds at the spread of the quickstart's own iteration time; where it does not decide it
// proposes n, and a true difference of 2 % is looked for with those.
class TwoPercent : public testing::TestWithParam<double> {};

TEST_P(TwoPercent, AreFoundWithTheSeedsProposed) {
  const ComparisonRule rule = {0.05, GetParam(), {}, 0.05};
  Draw draw(pool_named("heavy_tailed"));
  int found = 0;
  int proposed = 0;
  double seeds = 0;
  while (proposed < kTrials) {
    auto values = draw(2, kPool / 2);
    for (double& value : values[1]) value *= 1.02;
    size_t n = 0;
    for (const record::Difference& d : record::compare_values(kMetric, first_of(values, 5), rule).from_best)
      if (d.seeds_to_decide) n = std::min(*d.seeds_to_decide, kPool / 2);
    if (n == 0) continue;  // decided by the pilot
    ++proposed;
    seeds += static_cast<double>(n) / kTrials;
    const auto metric = record::compare_values(kMetric, first_of(values, n), rule);
    found += metric.from_best[1].outcome == Outcome::Worse ? 1 : 0;
  }
  EXPECT_GE(found, 800);
  print_row(
      fmt::format("V4: 2 % at the quickstart's spread, least difference {:.0f} %: found in 1000 trials in "
                  "which five seeds proposed more, with those; seeds",
                  100 * GetParam()),
      ">= 800", fmt::format("{}; {:.0f} on average", found, seeds), "-", ">= 800");
}

INSTANTIATE_TEST_SUITE_P(LeastDifferences, TwoPercent, testing::Values(0.01, 0.02));

// The near-normal shape, drawn in to a deviation of 1 % of the mean.
Pool narrow() {
  Pool pool = pool_named("near_normal");
  const record::Spread spread = record::spread_of(pool);
  for (double& value : pool) value = 1 + 0.01 * (value - spread.mean) / *spread.deviation;
  return pool;
}

struct Decisions {
  int found = 0, same = 0;  // with a true difference of 2 %, with none
  double seeds = 0;         // for the former, on average
};

Decisions decide(Pool pool) {
  Draw draw(std::move(pool));
  Decisions decisions;
  for (int trial = 0; trial < kTrials; ++trial) {
    auto values = draw(2, kPool / 2);
    decisions.same += until_decided(values, 5, {}).some_outcome(Outcome::Same) ? 1 : 0;
    for (double& value : values[1]) value *= 1.02;
    size_t used = 0;
    decisions.found += until_decided(values, 5, {}, &used).from_best[1].outcome == Outcome::Worse ? 1 : 0;
    decisions.seeds += static_cast<double>(used) / kTrials;
  }
  return decisions;
}

TEST(UntilDecided, FindsTwoPercentAtTheQuickstartsSpread) {
  const Decisions decisions = decide(pool_named("heavy_tailed"));
  EXPECT_GE(decisions.found, 800);
  print_row(
      "V5: until decided, at most 200 seeds, at the quickstart's spread: 2 % found; no difference called "
      "the same within 1 %; seeds for the 2 %",
      ">= 800; -", fmt::format("{}; {}; {:.0f}", decisions.found, decisions.same, decisions.seeds), "-",
      ">= 800; none");
}

TEST(UntilDecided, StopsForTheSame) {
  const Decisions decisions = decide(narrow());
  EXPECT_GE(decisions.found, 800);
  EXPECT_GE(decisions.same, 800);
  print_row(
      "V5: until decided, at most 200 seeds, near-normal with a deviation of 1 %: 2 % found; no difference "
      "called the same within 1 %; seeds for the 2 %",
      ">= 800; >= 800", fmt::format("{}; {}; {:.0f}", decisions.found, decisions.same, decisions.seeds), "-",
      ">= 800; >= 800");
}

// Settings that differ by just what matters: "the same within 1 %" is then said by mistake.
TEST(Same, IsSeldomSaidOfADifferenceThatMatters) {
  std::string said;
  for (const size_t n : {5u, 20u, 100u, 200u}) {
    Draw draw(narrow());
    int same = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      auto values = draw(2, n);
      for (double& value : values[1]) value /= 0.99;
      same += record::compare_values(kMetric, values, {}).some_outcome(Outcome::Same) ? 1 : 0;
    }
    EXPECT_LE(same, kMostPositive) << "n = " << n;
    said += fmt::format("{}{}", said.empty() ? "" : " ", same);
  }
  print_row(
      "V6: a true difference of 1 %, near-normal with a deviation of 1 %: called the same within 1 % in "
      "1000 trials, n = 5 20 100 200",
      "<= 50", said, "-", "<= 70");
}

}  // namespace
}  // namespace railyard
