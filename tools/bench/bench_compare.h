// SPDX-License-Identifier: GPL-2.0-only
// `railyard bench compare`: what changed between two reports, as of two commits.
#pragma once

#include <string>
#include <vector>

#include "tools/bench/bench_report.h"

namespace railyard::bench {

enum class Change : uint8_t {
  None,     // the runs of one lie among those of the other
  Faster,   // every run of the second took less than any of the first
  Slower,   // ... or more
  Unknown,  // fewer than two runs, so that their spread is not known
};

struct CaseChange {
  CaseFigures before, after;
  double ratio = 1;  // of the median ns/hop: after over before
  Change change = Change::None;
  bool same_work =
      true;  // the same packet-hops: otherwise the model's behaviour changed, not its speed alone
};

// The cases that both have, in the order of the second.
std::vector<CaseChange> changes_between(const BenchReport& before, const BenchReport& after);

// The table; with it the cases that only one has, and a warning where the machines differ.
std::string comparison_text(const BenchReport& before, const BenchReport& after);

}  // namespace railyard::bench
