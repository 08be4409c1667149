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
  EXPECT_THAT(words[0], AllOf(HasSubstr("dcqcn finishes an iteration in 1.2"),
                              HasSubstr("20 % sooner than pfc-only (1.5"), HasSubstr("difference 300"),
                              HasSubstr("95 % interval"), HasSubstr("p < 0.001")));
  EXPECT_THAT(words[1],
              HasSubstr("the differences within each of the 3 seeds: paired t-test, two-sided at 5 %"));
  EXPECT_THAT(words[1], HasSubstr("sign-flip test, which assumes no distribution, is not offered"));
}

RunSet varied(const std::vector<std::vector<double>>& iteration_times) {
  RunSet runs = synthetic_runs({{"a", 1}, {"b", 1}}, static_cast<unsigned>(iteration_times[0].size()), 10, 1);
  for (size_t s = 0; s < 2; ++s)
    for (size_t i = 0; i < iteration_times[s].size(); ++i)
      runs.settings[s].runs[i].summary.metrics["iteration.time"].value = iteration_times[s][i];
  return runs;
}

std::vector<std::string> verdict_of_times(const std::vector<std::vector<double>>& iteration_times) {
  return verdict(comparison_of(varied(iteration_times)));
}

TEST(Verdict, SaysWhenADifferenceIsNotShownAndWhatWouldDecide) {
  const auto words = verdict_of_times({{1.0, 1.1, 1.2}, {1.21, 1.02, 1.1}});
  EXPECT_EQ(
      words[0],
      "No setting is shown to finish an iteration sooner than another: a has the lowest mean, 1.100 s.");
  EXPECT_THAT(words[1], AllOf(HasSubstr("b (1.110 s) is not told apart from a: difference 10.00 ms"),
                              HasSubstr("p = "), HasSubstr("seeds would decide")));
}

TEST(Verdict, SaysThatTwoAreTheSameWithinWhatMatters) {
  const auto words = verdict_of_times({{1.0, 1.1, 1.2}, {1.0002, 1.1001, 1.2002}});
  EXPECT_THAT(words[0], HasSubstr("No setting finishes an iteration sooner than another by 1 % or more"));
  EXPECT_THAT(words[1], HasSubstr("b (1.100 s) is the same as a within 1 %: difference"));
}

TEST(Verdict, SaysWhatDoesNotDependOnTheSeed) {
  const auto near = verdict_of_times({{1, 1, 1}, {1.002, 1.002, 1.002}});
  EXPECT_EQ(near[1], "b (1.002 s) is the same as a within 1 %: difference 2.000 ms, below what matters.");
  EXPECT_EQ(near[2], "The iteration time does not depend on the seed: there is nothing to test.");
  const auto far = verdict_of_times({{1, 1, 1}, {2, 2, 2}});
  EXPECT_EQ(far[0], "a finishes an iteration in 1.000 s: 50 % sooner than b (2.000 s; difference 1.000 s).");
  EXPECT_EQ(far[1], "The iteration time does not depend on the seed: there is nothing to test.");
}

TEST(Verdict, GivesMediansOfTwoGroups) {
  const auto words = verdict_of_times({{1.0, 1.01, 1.02, 1.01, 1.0, 1.02, 1.0, 2.0, 2.01, 1.0},
                                       {2.0, 2.01, 2.02, 2.01, 2.0, 2.02, 2.0, 1.0, 3.01, 3.0}});
  EXPECT_THAT(words[0], HasSubstr("(median)"));
  EXPECT_THAT(words, Contains(HasSubstr("lies in two groups with nothing between them")));
}

TEST(Verdict, NamesTheBestAgainstEachOther) {
  const auto words = verdict_of(
      {{"a", 1.0, 0.01}, {"b", 1.1, 0.01}, {"c", 1.2, 0.01}, {"d", 1.3, 0.01}, {"e", 1.4, 0.01}}, 4);
  for (const char* other : {"than b (", "than c (", "than d (", "than e ("})
    EXPECT_THAT(words[0], HasSubstr(other));
  EXPECT_THAT(words, Contains(HasSubstr("p adjusted for 10 comparisons (Holm)")));
}

TEST(Verdict, OfAnotherMetricNamesWhatIsNotToldApart) {
  const auto words = verdict_of({{"a", 1.0, 0.01}, {"b", 1.0001, 0.01}, {"c", 2, 0.01}}, 4);
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("a has the lowest slowdown, p99"),
                                    HasSubstr("under c; b not told apart from it."))));
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
  EXPECT_THAT(verdict_of({{"a", 1}, {"b", 1}}, 2)[0],
              HasSubstr("All settings finish an iteration in the same time, seed by seed: 1.2"));
  EXPECT_THAT(verdict_of({{"a", 1}}, 2), Not(Contains(HasSubstr("sooner"))));
}

}  // namespace
}  // namespace railyard::report
