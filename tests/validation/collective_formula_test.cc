// SPDX-License-Identifier: GPL-2.0-only
#include "tests/validation/collective_formula.h"

#include <gtest/gtest.h>

#include "tests/validation/row.h"

namespace railyard {
namespace {

class Formula : public testing::TestWithParam<FormulaCase> {};

TEST_P(Formula, IsMetOnOneSwitch) {
  expect_formula(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Collectives, Formula, testing::ValuesIn(formula_cases({8, 64}, {4, 64})));

// Half of the buffer crosses the oversubscribed links in the first exchange, a quarter in the second, ...; of
// a ring one flow does for each leaf.
TEST(Oversubscribed, HalvingDoublingIsSlowerThanARing) {
  constexpr uint32_t kSpinesForFourToOne = 2;
  const auto time = [](std::string_view algorithm) {
    const FormulaCase of{collective::Kind::AllReduce, algorithm, 64, 16 << 20};
    return simulated_time(clos(of, kSpinesForFourToOne), of);
  };
  const double ring = time("ring"), halving = time("halving-doubling");
  print_row("C3: all_reduce of 16 MiB, 64 ranks on 8 leaves, 4:1, halving-doubling over ring", "> 1",
            fmt::format("{:.2f}", halving / ring), "", "> 1");
  EXPECT_GT(halving, ring);
}

}  // namespace
}  // namespace railyard
