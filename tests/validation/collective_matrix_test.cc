// SPDX-License-Identifier: BSD-3-Clause
// The rest of collective_formula_test.cc, which takes minutes.
#include <gtest/gtest.h>

#include "tests/validation/collective_formula.h"
#include "tests/validation/row.h"

namespace railyard {
namespace {

class Matrix : public testing::TestWithParam<FormulaCase> {};

TEST_P(Matrix, IsMetOnOneSwitch) {
  expect_formula(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Few, Matrix, testing::ValuesIn(formula_cases({8, 64}, {16, 256})));
INSTANTIATE_TEST_SUITE_P(Many, Matrix, testing::ValuesIn(formula_cases({256}, {4, 16, 64, 256})));

class Clos : public testing::TestWithParam<FormulaCase> {};

// Shown: flows that share a link go slower than the formula has it.
TEST_P(Clos, IsShownWithEcmp) {
  constexpr uint32_t kSpines = 8;
  const FormulaCase of = GetParam();
  const double expected = formula_time(of), ours = simulated_time(clos(of, kSpines), of);
  print_row(fmt::format("C2: {}, 8 leaves, 8 spines, ECMP", name_of(of)),
            fmt::format("{:.1f} us", 1e6 * expected), fmt::format("{:.1f} us", 1e6 * ours),
            relative(ours, expected), "none");
}

INSTANTIATE_TEST_SUITE_P(Ecmp, Clos, testing::ValuesIn(formula_cases({64}, {16})));

}  // namespace
}  // namespace railyard
