// SPDX-License-Identifier: BSD-3-Clause
// Every algorithm on one switch against its formula on docs/validation.md: n ranks of one NIC each, S bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/pattern/collective/collective.h"
#include "traffic/run/run_input.h"

namespace railyard {

struct FormulaCase {
  collective::Kind kind;
  std::string_view algorithm;
  uint32_t ranks;
  uint64_t bytes;
};

std::string name_of(const FormulaCase& of);

// Each algorithm at those sizes; a barrier has none.
std::vector<FormulaCase> formula_cases(const std::vector<uint32_t>& ranks,
                                       const std::vector<uint64_t>& mebibytes);

// Every rank with a NIC of its own: on one switch, or on 8 leaves under so many spines.
RunInput one_switch(const FormulaCase& of);
RunInput clos(const FormulaCase& of, uint32_t spines);

// What a run sends, and how long until the last of it is there.
struct TrafficOf {
  double seconds = 0;
  uint64_t messages = 0, bytes = 0;
};
TrafficOf simulated(RunInput input, const FormulaCase& of);
double simulated_time(RunInput input, const FormulaCase& of);

// In seconds.
double formula_time(const FormulaCase& of);

// What the formula may be away.
double tolerance(const FormulaCase& of);

// Prints the row.
void expect_formula(const FormulaCase& of);

}  // namespace railyard
