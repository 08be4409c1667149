// SPDX-License-Identifier: BSD-3-Clause
// Every row of congestion_algorithms() does what NICs and loaders rely on.
#include <gtest/gtest.h>

#include <set>

#include "traffic/protocol/congestion/congestion_settings.h"

namespace railyard {
namespace {

constexpr BitRate kLine = BitRate::gigabits(100);

TEST(AlgorithmTable, NamesAreUniqueAndNoneComesFirst) {
  std::set<std::string_view> names;
  for (const CongestionAlgorithm& row : congestion_algorithms()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_congestion_algorithm(row.name), &row);
  }
  EXPECT_EQ(congestion_algorithms().front().name, "none");
  EXPECT_EQ(find_congestion_algorithm("no such"), nullptr);
}

TEST(AlgorithmTable, EverySenderStartsAbleToSend) {
  const CongestionSettings settings;
  for (size_t i = 0; i < congestion_algorithms().size(); ++i) {
    const CongestionAlgorithm& row = congestion_algorithms()[i];
    SCOPED_TRACE(row.name);
    std::vector<double> state(row.sender.state_bytes / sizeof(double) + 1);
    row.sender.construct(state.data());
    const Allowance a = row.sender.start(state.data(), settings.of(i), {kLine, 1024}, SimTime{0});
    EXPECT_GT(a.rate_bps, 0);
    EXPECT_LE(a.rate_bps, static_cast<double>(kLine.bps));
    row.sender.destroy(state.data());
  }
}

TEST(CongestionSettings, ACopyHasSettingsOfItsOwn) {
  const size_t dcqcn =
      static_cast<size_t>(find_congestion_algorithm("dcqcn") - congestion_algorithms().data());
  CongestionSettings one;
  CongestionSettings other = one;
  ASSERT_TRUE(other.apply_preset(dcqcn, "dcqcn-connectx"));
  EXPECT_NE(one.bind(dcqcn)[0].text(), other.bind(dcqcn)[0].text());
  one = other;
  EXPECT_EQ(one.bind(dcqcn)[0].text(), other.bind(dcqcn)[0].text());
  EXPECT_NE(one.of(dcqcn), other.of(dcqcn));
}

TEST(CongestionSettings, AnUnknownPresetIsAnsweredWithThoseThereAre) {
  const size_t dcqcn =
      static_cast<size_t>(find_congestion_algorithm("dcqcn") - congestion_algorithms().data());
  const auto done = CongestionSettings().apply_preset(dcqcn, "dcqcn-papr");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(),
            "'dcqcn-papr' is not one of dcqcn-paper, dcqcn-connectx, scaled; did you mean 'dcqcn-paper'?");
  EXPECT_FALSE(CongestionSettings().apply_preset(0, "x"));
}

}  // namespace
}  // namespace railyard
