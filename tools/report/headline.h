// SPDX-License-Identifier: BSD-3-Clause
// What the terminal and the page show of a comparison: the metrics a reader looks at first, as text.
#pragma once

#include <string>
#include <vector>

#include "traffic/record/comparison.h"

namespace railyard::report {

// Tied: not the best mean, but not told apart from it either.
enum class Mark { None, Best, Tied };

struct HeadlineCell {
  std::string mean;      // "1.374"; "-" when the setting lacks the metric
  std::string interval;  // "±0.012"; empty with one seed
  std::string range;     // "1.361..1.390"; empty where all seeds agree
  Mark mark = Mark::None;
};

struct HeadlineRow {
  std::string name;                 // "fct.p99"
  std::string label;                // "flow completion, p99 (ms)"
  std::vector<HeadlineCell> cells;  // by setting
};

// Counters that exist for the rare case (a drop reason, timeouts, unfinished flows) appear when one is not
// zero.
std::vector<HeadlineRow> headline_rows(const record::Comparison& comparison);

// The comparison in words: who finishes first, by how much, whether that is more than chance, and what to
// distrust. Each is a sentence.
std::vector<std::string> verdict(const record::Comparison& comparison);

}  // namespace railyard::report
