// SPDX-License-Identifier: BSD-3-Clause
#include "tests/validation/collective_formula.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/validation/row.h"

namespace railyard {
namespace {

class Formula : public testing::TestWithParam<FormulaCase> {};

TEST_P(Formula, IsMetOnOneSwitch) {
  expect_formula(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Collectives, Formula, testing::ValuesIn(formula_cases({8, 64}, {4, 64})));

std::vector<FormulaCase> larger_in_network() {
  constexpr uint64_t kMi = 1 << 20;
  std::vector<FormulaCase> cases;
  for (const uint32_t ranks : {8u, 64u, 256u})
    for (const uint64_t mi : {4u, 64u, 256u})
      if (ranks == 256 || mi == 256)
        cases.push_back({collective::Kind::AllReduce, "in-network", ranks, mi * kMi});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(InNetwork, Formula, testing::ValuesIn(larger_in_network()));

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

// The XML is for LL128; both go by it.
TEST(CustomAlgorithm, AstraSimsRingIsAsLongAsTheRing) {
  const std::string path = RAILYARD_SOURCE_DIR
      "/../shared/data/traces/chakra-microbenchmarks/custom_ring_allreduce_8npus_1MB/custom_allreduce.xml";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << path << " is not here";
  const FormulaCase of{collective::Kind::AllReduce, "ring", 8, 1 << 20};
  RunInput input = one_switch(of);
  input.collectives.protocol = ProtocolChoice::LL128;
  const TrafficOf own = simulated(input, of);
  input.collectives.custom.assign(std::istreambuf_iterator<char>(file), {});
  const TrafficOf given = simulated(input, of);
  print_row("C4: ASTRA-sim's ring all-reduce of 8 GPUs in XML, 1 MiB, LL128",
            fmt::format("{:.1f} us", 1e6 * own.seconds), fmt::format("{:.1f} us", 1e6 * given.seconds),
            relative(given.seconds, own.seconds), "3 %; same bytes");
  EXPECT_EQ(given.bytes, own.bytes);
  EXPECT_EQ(given.messages, own.messages);
  EXPECT_NEAR(given.seconds, own.seconds, 0.03 * own.seconds);
}

}  // namespace
}  // namespace railyard
