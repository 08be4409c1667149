// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/ecn_marker.h"

#include <gtest/gtest.h>

#include <cmath>

#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr uint64_t kGibibyte = uint64_t{1} << 30;

double share_marked(const EcnMarker& marker, uint64_t depth, uint32_t draws, uint64_t seed = 1) {
  RandomStream random(seed, 0);
  uint32_t marked = 0;
  for (uint32_t i = 0; i < draws; ++i) marked += marker.marks(depth, random) ? 1 : 0;
  return static_cast<double>(marked) / draws;
}

// Five standard deviations of a binomial share: exceeded once in two million tests.
double tolerance(double probability, uint32_t draws) {
  return 5 * std::sqrt(probability * (1 - probability) / draws);
}

TEST(EcnMarker, NeverMarksUpToTheMinimumAndAlwaysBeyondTheMaximum) {
  const EcnMarker marker = EcnMarker::from_profile(5'000, 200'000, 1);
  for (uint64_t depth : {0u, 4'999u, 5'000u}) EXPECT_EQ(share_marked(marker, depth, 100'000), 0) << depth;
  for (uint64_t depth : {uint64_t{200'001}, uint64_t{1'000'000}, ~uint64_t{0}})
    EXPECT_EQ(share_marked(marker, depth, 1'000), 1) << depth;
}

TEST(EcnMarker, MarksByTheRampBetween) {
  constexpr uint32_t kDraws = 1'000'000;
  for (double percent : {1.0, 5.0, 20.0, 100.0}) {
    const EcnMarker marker = EcnMarker::from_profile(5'000, 200'000, percent);
    for (uint64_t depth : {24'500u, 102'500u, 180'500u, 200'000u}) {
      const double expected = percent / 100 * static_cast<double>(depth - 5'000) / 195'000;
      EXPECT_NEAR(share_marked(marker, depth, kDraws), expected, tolerance(expected, kDraws) + 1e-9)
          << percent << " % at " << depth;
    }
  }
}

TEST(EcnMarker, IsAStepWhereTheThresholdsAreEqual) {  // DCTCP's K
  const EcnMarker marker = EcnMarker::from_profile(60'000, 60'000, 100);
  EXPECT_EQ(share_marked(marker, 60'000, 1'000), 0);
  EXPECT_EQ(share_marked(marker, 60'001, 1'000), 1);
}

TEST(EcnMarker, HoldsAtTheEndsOfItsRange) {
  constexpr uint32_t kDraws = 100'000;
  // The narrowest and the widest ramp that switch_parameters.cc allows.
  for (const uint64_t width : {uint64_t{1}, kGibibyte}) {
    const EcnMarker certain = EcnMarker::from_profile(0, width, 100);
    EXPECT_EQ(share_marked(certain, width, kDraws), 1) << width;
    const EcnMarker half = EcnMarker::from_profile(0, width, 50);
    EXPECT_NEAR(share_marked(half, width, kDraws), 0.5, tolerance(0.5, kDraws)) << width;
  }
  const EcnMarker rare = EcnMarker::from_profile(0, kGibibyte, 0.1);
  EXPECT_NEAR(share_marked(rare, kGibibyte, 10 * kDraws), 0.001, tolerance(0.001, 10 * kDraws));
  const EcnMarker never = EcnMarker::from_profile(0, kGibibyte, 0);
  EXPECT_EQ(share_marked(never, kGibibyte, kDraws), 0);
}

TEST(EcnMarker, WithoutAProfileMarksNothing) {
  EXPECT_EQ(share_marked(EcnMarker{}, ~uint64_t{0}, 1'000), 0);
}

}  // namespace
}  // namespace railyard
