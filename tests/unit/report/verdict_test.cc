// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
  EXPECT_THAT(words[1],
              HasSubstr("That the differences are normal is assumed, not checked: 3 seeds are too few."));
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
  EXPECT_EQ(near[2],
            "The iteration time does not depend on the seed, of which 3 were run: there is nothing to test.");
  const auto far = verdict_of_times({{1, 1, 1}, {2, 2, 2}});
  EXPECT_EQ(far[0], "a finishes an iteration in 1.000 s: 50 % sooner than b (2.000 s; difference 1.000 s).");
  EXPECT_EQ(far[1],
            "The iteration time does not depend on the seed, of which 3 were run: there is nothing to test.");
}

// Sign flips cannot decide by five seeds, and equal differences are not normal: what was seen is said, and
// what it would take.
TEST(Verdict, SaysWhyAPlainDifferenceIsNotTested) {
  const auto words =
      verdict_of_times({{2.400, 2.401, 2.402, 2.403, 2.404}, {6.329, 6.330, 6.331, 6.332, 6.333}});
  EXPECT_EQ(words[1],
            "b (6.331 s) takes longer than a with each of the 5 seeds, by 3.929 s, which is not tested.");
  EXPECT_EQ(words[2],
            "Not tested: b, since the differences do not look normal, and sign flips, which assume no "
            "distribution, need 6 seeds to reach 5 %.");
}

TEST(Verdict, SaysThatTwoSeedsTellNothingApart) {
  const auto words = verdict_of_times({{1.0, 1.1}, {2.0, 2.3}});
  EXPECT_THAT(words[0], HasSubstr("No setting is shown to finish"));
  EXPECT_THAT(words[1], HasSubstr("b (2.150 s) takes longer than a with each of the 2 seeds"));
  EXPECT_EQ(words[2], "Not tested: b, since fewer than 3 seeds tell nothing apart.");
}

// `ended` are the seeds under which b ended, of four.
std::vector<std::string> verdict_where_b_ended(const std::vector<size_t>& ended) {
  RunSet runs = varied({{1.0, 1.1, 1.2, 1.15}, {0.5, 0.6, 0.7, 0.55}});
  for (size_t i = 0; i < 4; ++i)
    if (std::find(ended.begin(), ended.end(), i) == ended.end())
      runs.settings[1].runs[i].summary.metrics.erase("iteration.time");
  return verdict(comparison_of(runs));
}

TEST(Verdict, NamesWhatNeverFinished) {
  const auto never = verdict_where_b_ended({});
  EXPECT_EQ(never[0], "Only a finishes an iteration in 1.113 s.");
  EXPECT_EQ(never[1], "Under b no iteration was finished.");
  const auto once = verdict_where_b_ended({0, 2, 3});
  EXPECT_THAT(once,
              Contains("Under b no iteration was finished with 1 of the 4 seeds: its figures leave them "
                       "out."));
  EXPECT_THAT(once[0], Not(HasSubstr("b finishes")));
}

TEST(Verdict, ProposesNoNumberOfSeedsThatNobodyRuns) {
  const auto words = verdict_of_times({{1.0, 1.9, 0.8, 1.4, 1.1}, {1.3, 0.9, 1.8, 1.0, 1.25}});
  EXPECT_THAT(words[1], HasSubstr("more than 1000 seeds would decide"));
}

TEST(Verdict, HoldsAllLooksAgainstTheLevelThatWasSet) {
  RunSet runs = varied({{1.0, 1.1, 1.2, 1.3, 1.42}, {1.3, 1.35, 1.5, 1.62, 1.7}});
  runs.rule = {0.004, 0.01, {5}, 0.02};
  EXPECT_THAT(verdict(comparison_of(runs)),
              Contains(HasSubstr("two-sided at 0.4 % (looked at after 5 seeds; all looks together 2 %)")));
}

TEST(Legend, ExplainsTheMarksThatAreShown) {
  RunSet runs = varied({{1.0, 1.1}, {2.0, 2.3}});
  EXPECT_THAT(legend(comparison_of(runs)), AllOf(HasSubstr("* best; "), HasSubstr("? too few seeds"),
                                                 Not(HasSubstr("- no value")), Not(HasSubstr("worse"))));
  runs = varied({{1.0, 1.1, 1.2}, {2.0, 2.3, 2.2}});
  for (auto& run : runs.settings[1].runs) run.summary.metrics.erase("fct.p99");
  EXPECT_THAT(legend(comparison_of(runs)),
              AllOf(HasSubstr("no mark beside a *: worse"), HasSubstr("- no value"), Not(HasSubstr("?"))));
}

TEST(Verdict, GivesMediansOfTwoGroups) {
  const auto words = verdict_of_times({{1.0, 1.01, 1.02, 1.01, 1.0, 1.02, 1.0, 2.0, 2.01, 1.0},
                                       {2.0, 2.01, 2.02, 2.01, 2.0, 2.02, 2.0, 1.0, 3.01, 3.0}});
  EXPECT_THAT(words[0], HasSubstr("(median)"));
  EXPECT_THAT(words, Contains(HasSubstr("lies in two groups with nothing between them")));
}

TEST(Verdict, NamesTheBestAgainstEachOther) {
  const auto words = verdict_of(
      {{"a", 1.0, 0.01}, {"b", 1.1, 0.01}, {"c", 1.2, 0.01}, {"d", 1.3, 0.01}, {"e", 1.4, 0.01}}, 5);
  for (const char* other : {"than b (", "than c (", "than d (", "than e ("})
    EXPECT_THAT(words[0], HasSubstr(other));
  EXPECT_THAT(words, Contains(HasSubstr("p adjusted for 10 comparisons (Holm), intervals widened so that all "
                                        "hold together (Bonferroni)")));
}

TEST(Verdict, NamesSettingsThatAreTheSame) {
  const auto words = verdict_of({{"a", 1.0, 0.01}, {"b", 1.2, 0.01}, {"c", 1.2, 0.01}}, 4);
  EXPECT_THAT(words[0], HasSubstr("17 % sooner than b and c (1.443 ms; "));
  EXPECT_EQ(words[1], "b and c are the same in every seed.");
}

TEST(Verdict, OfAnotherMetricNamesWhatIsNotToldApart) {
  const auto words = verdict_of({{"a", 1.0, 0.01}, {"b", 1.0001, 0.01}, {"c", 2, 0.01}}, 4);
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("Lowest slowdown, p99: "), HasSubstr(" under a, "),
                                    HasSubstr("under c (tested by itself, p"),
                                    HasSubstr("; b is not shown to differ from a."))));
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
