// SPDX-License-Identifier: BSD-3-Clause
// What the terminal and the page show of a comparison: the metrics a reader looks at first, as text.
#pragma once

#include <string>
#include <vector>

#include "traffic/record/comparison.h"

namespace railyard::report {

// Best: the best value of the row. Tied: not told apart from it. Same: shown to be the same within the least
// difference that matters. Untested: too few seeds to tell. Worse: shown to be, beside a Best. None: nothing
// is said of it.
enum class Mark { None, Best, Tied, Same, Untested, Worse };

// Beside a figure; a space where there is nothing to say, and for what is worse.
char sign_of(Mark mark);

struct HeadlineCell {
  std::string center;    // "1.374", the mean or the median; "-" when the setting lacks the metric
  std::string interval;  // "±0.012"; empty with one seed, where all agree, and beside medians
  std::string range;     // "1.361..1.390"; empty where all seeds agree as far as the digits go
  Mark mark = Mark::None;
};

struct HeadlineRow {
  std::string name;                 // "fct.p99"
  std::string label;                // "flow completion, p99 (ms)"
  bool medians = false;             // of values in two groups, of which a mean would be no summary
  std::vector<HeadlineCell> cells;  // by setting
};

// Counters that exist for the rare case (a drop reason, timeouts, unfinished flows) appear when one is not
// zero.
std::vector<HeadlineRow> headline_rows(const record::Comparison& comparison);

// What the marks and intervals that the rows show mean.
std::string legend(const record::Comparison& comparison);

// The comparison in words: which setting is recommended, how it compares with each other one, how that was
// tested, and what to distrust. Each is a sentence.
std::vector<std::string> verdict(const record::Comparison& comparison);

// How the setting with the best primary metric compares with each other one, as text; empty where nothing was
// tested.
struct DifferenceRow {
  std::string setting;
  std::string center;
  std::string difference;
  std::string interval;
  std::string t;  // probabilities, not adjusted; "-" where the test is not offered
  std::string sign_flip;
  std::string decider;  // "paired t, p = 0.032 adjusted"
  std::string
      outcome;  // "worse", "not told apart: about 40 seeds would decide", "not tested: at least 6 seeds"
};
std::vector<DifferenceRow> difference_rows(const record::Comparison& comparison);

// How the differences were tested, what that takes for granted, which settings and which test were left out
// and why, as sentences.
std::string method(const record::Comparison& comparison);

// "about 40 seeds would decide"; empty where nothing is proposed.
std::string proposal(const record::Difference& difference, const record::ComparisonRule& rule);

}  // namespace railyard::report
