// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/report/synthetic_runs.h"
#include "tools/report/headline.h"

namespace railyard::report {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> verdict_of(const std::vector<SyntheticSetting>& settings, unsigned seeds) {
  return verdict(comparison_of(synthetic_runs(settings, seeds, 100, 10)));
}

TEST(Verdict, SaysWhoFinishesSoonerByHowMuchAndThatItIsReal) {
  const auto words = verdict_of({{"pfc-only", 1.25, 0.01}, {"dcqcn", 1.0, 0.01}}, 3);
  EXPECT_THAT(words[0],
              AllOf(HasSubstr("dcqcn finishes an iteration in 1.2"), HasSubstr("20 % sooner than pfc-only")));
  EXPECT_EQ(words[1], "The difference exceeds the seed spread (Welch's t-test, 5 %, 3 seeds).");
}

TEST(Verdict, SaysWhenADifferenceIsNotProved) {
  const auto words = verdict_of({{"a", 1.0, 0.2}, {"b", 1.001, 0.2}}, 3);
  EXPECT_THAT(words[1], HasSubstr("That is not proved: the difference lies within the seed spread"));
}

TEST(Verdict, TellsTheSettingsApartOneByOne) {
  const auto words = verdict_of({{"a", 1.0, 0.01}, {"b", 1.0001, 0.01}, {"c", 2, 0.01}}, 4);
  EXPECT_THAT(words[1], HasSubstr("The difference from c exceeds the seed spread, that from b does not"));
}

TEST(Verdict, OnlyTheBestHasTheLowest) {
  const auto words = verdict_of({{"a", 1.0, 0.01}, {"b", 1.0001, 0.01}, {"c", 2, 0.01}}, 4);
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("a has the lowest slowdown, p99"),
                                    HasSubstr("under c; b cannot be told apart from it."))));
}

TEST(Verdict, WarnsOfOneSeed) {
  EXPECT_THAT(verdict_of({{"a", 1}, {"b", 2}}, 1), Contains(HasSubstr("run more seeds")));
}

TEST(Verdict, NamesDropsAndFlowsThatWereCutOff) {
  RunSet runs = synthetic_runs({{"a", 1, 0, 0, 0, 12}, {"b", 2}}, 2, 100, 10);
  for (auto& run : runs.settings[1].runs) {
    run.record.messages[0].received = SimTime::never();
    run.summary = record::summarise(run.record);
  }
  const auto words = verdict(comparison_of(runs));
  EXPECT_THAT(words, Contains("Frames were dropped under a (12)."));
  EXPECT_THAT(words, Contains(HasSubstr("cut off by the end of the run under b (1)")));
}

TEST(Verdict, OfOneSettingOrEqualOnesClaimsNothing) {
  EXPECT_THAT(verdict_of({{"a", 1}}, 2)[0], HasSubstr("a finishes an iteration in 1.2"));
  EXPECT_EQ(verdict_of({{"a", 1}, {"b", 1}}, 2)[0], "No setting finishes an iteration sooner than another.");
  EXPECT_THAT(verdict_of({{"a", 1}}, 2), Not(Contains(HasSubstr("sooner"))));
}

}  // namespace
}  // namespace railyard::report
