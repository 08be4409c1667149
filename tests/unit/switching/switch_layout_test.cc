// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/switch_layout.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

// 65 ports at 800 Gb/s and 100 m need more than the pool that a Tomahawk 2 is shipped with: the default takes
// it from the shared pool.
TEST(BufferShares, GiveEveryLosslessGroupItsHeadroomAtOnce) {
  const SwitchSettings settings;
  const BufferShares shares = buffer_shares_of(settings, std::vector<Bytes>(65, Bytes{200'000}));
  EXPECT_EQ(shares.lossless_groups, 65u);
  EXPECT_EQ(shares.needed.n, 13'000'000u);
  EXPECT_EQ(shares.headroom.n, shares.needed.n);
  EXPECT_EQ(shares.shared.n, 42'228'160u - 13'000'000 - 65 * 1'248);
  EXPECT_EQ(shares.missing.n, 0u);
}

TEST(BufferShares, LeaveThePoolAsItIsWhereThereIsRoom) {
  const SwitchSettings settings;
  EXPECT_EQ(buffer_shares_of(settings, std::vector<Bytes>(32, Bytes{60'000})).shared.n, settings.pool_size.n);
}

TEST(BufferShares, StayWhatTheyAreHoweverLongTheLink) {
  SwitchSettings settings;
  settings.mmu_size = Bytes{~uint64_t{0}};
  const Bytes of_seconds{uint64_t{3} << 30};
  EXPECT_GT(buffer_profile_of(settings, 3, of_seconds).headroom, 1'000'000'000);
  EXPECT_LT(buffer_shares_of(settings, {of_seconds}).needed.n, uint64_t{1} << 31);
}

TEST(BufferShares, SayWhatIsMissing) {
  const SwitchSettings settings;
  const BufferShares shares = buffer_shares_of(settings, std::vector<Bytes>(64, Bytes{1'000'000}));
  EXPECT_EQ(shares.shared.n, 0u);
  EXPECT_EQ(shares.missing.n, 64u * (1'000'000 + 1'248) - 42'228'160);
}

TEST(BufferShares, FollowTheRatioAndThePoolThatAreGiven) {
  SwitchSettings settings;
  settings.over_subscribe_ratio = 2;
  const std::vector<Bytes> ports(10, Bytes{100'001});
  EXPECT_EQ(buffer_shares_of(settings, ports).headroom.n, 500'005u);
  settings.pool_xoff = Bytes{70'000};
  EXPECT_EQ(buffer_shares_of(settings, ports).headroom.n, 70'000u);
  settings.pfc_enable = PrioritySet{0};
  EXPECT_EQ(buffer_shares_of(settings, ports).needed.n, 0u);
}

TEST(EcnMarkers, AreOfTheTimeThatAQueueTakesWhereThresholdsScale) {
  SwitchSettings settings;
  settings.green_min_threshold = {100'000};
  settings.green_max_threshold = {400'000};
  EXPECT_EQ(ecn_markers_of(settings, MarkingPoint::Enqueue)[3].minimum, 100'000u);
  settings.green_reference_rate = BitRate::gigabits(100);  // 80 ps a byte
  const EcnMarker marker = ecn_markers_of(settings, MarkingPoint::Enqueue)[3];
  EXPECT_EQ(marker.minimum, 8'000'000u);
  EXPECT_EQ(marker.maximum, 32'000'000u);
}

}  // namespace
}  // namespace railyard
