// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/shared_buffer.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>
#include <deque>
#include <vector>

namespace railyard {
namespace {

BufferProfile lossless(int32_t dynamic_th, int64_t headroom = 0) {
  BufferProfile profile;
  profile.lossless = true;
  profile.dynamic = DynamicThreshold::from_exponent(dynamic_th);
  profile.headroom = headroom;
  return profile;
}

// How many frames go in before the sender is told to pause.
int64_t fill(BufferPool& pool, PriorityGroup& group, const BufferProfile& profile, int64_t frame) {
  for (int64_t frames = 0;; ++frames) {
    if (admit(pool, group, profile, frame).pause) return frames;
  }
}

TEST(DynamicThreshold, IsAPowerOfTwoOfWhatIsFree) {
  EXPECT_EQ(DynamicThreshold::from_exponent(0).of(1'000), 1'000);
  EXPECT_EQ(DynamicThreshold::from_exponent(-8).of(25'600), 100);
  EXPECT_EQ(DynamicThreshold::from_exponent(7).of(int64_t{1} << 30), int64_t{1} << 37);
  EXPECT_EQ(DynamicThreshold{}.of(1'000), 1'000);
}

// sonic-mgmt's figures for a Tomahawk 5: packets until the first, second, ... priority group is paused, each
// of which stays full. With alpha = 1 each takes half of what the last left.
TEST(SharedBuffer, SuccessiveFullGroupsHalveAsOnATomahawk5) {
  constexpr std::array<int64_t, 4> kTomahawk5 = {120'117, 60'096, 30'085, 15'079};
  constexpr int64_t kCell = 254;
  BufferPool pool;
  pool.size = 2 * kTomahawk5[0] * kCell;
  for (const int64_t reference : kTomahawk5) {
    PriorityGroup group;
    const int64_t packets = fill(pool, group, lossless(0), kCell);
    EXPECT_NEAR(static_cast<double>(packets), static_cast<double>(reference), 0.005 * reference);
  }
}

TEST(SharedBuffer, GroupsThatGrowTogetherShareByAlpha) {
  constexpr int64_t kPool = 10'000'000, kFrame = 100;
  for (int32_t exponent : {-3, -1, 0, 1, 3}) {
    for (int64_t k : {1, 2, 5}) {
      BufferPool pool;
      pool.size = kPool;
      const BufferProfile profile = lossless(exponent);
      std::vector<PriorityGroup> groups(k);
      for (bool paused = false; !paused;) {
        for (PriorityGroup& group : groups) paused = admit(pool, group, profile, kFrame).pause || paused;
      }
      const double alpha = std::ldexp(1, exponent);
      const double expected = alpha * kPool / (1 + k * alpha);  // Choudhury and Hahne, equation 2
      for (const PriorityGroup& group : groups) {
        EXPECT_NEAR(static_cast<double>(group.used), expected, (1 + alpha * k) * kFrame)
            << "alpha " << alpha << ", " << k << " groups";
      }
    }
  }
}

TEST(SharedBuffer, GuaranteedBytesAreNotOfThePool) {
  BufferPool pool;
  pool.size = 1'000;
  PriorityGroup hog;
  fill(pool, hog, lossless(7), 1'000);
  EXPECT_EQ(pool.used, 1'000);
  BufferProfile profile = lossless(0);
  profile.guaranteed = 500;
  PriorityGroup group;
  EXPECT_FALSE(admit(pool, group, profile, 500).pause);
  EXPECT_EQ(pool.used, 1'000);
  EXPECT_TRUE(admit(pool, group, profile, 1).pause);
}

TEST(SharedBuffer, AStaticLimitTakesThePlaceOfTheDynamicOne) {
  BufferPool pool;
  pool.size = 1'000'000;
  BufferProfile profile = lossless(-8);
  profile.static_limit = 64'000;
  PriorityGroup group;
  EXPECT_EQ(fill(pool, group, profile, 1'000), 64);
}

TEST(SharedBuffer, ThePoolIsNeverExceeded) {
  BufferPool pool;
  pool.size = 10'000;
  PriorityGroup group;
  EXPECT_EQ(fill(pool, group, lossless(7), 300), 33);  // alpha = 128 lets it take all
  EXPECT_LE(pool.used, pool.size);
}

TEST(SharedBuffer, HeadroomTakesWhatComesAfterThePauseThenDrops) {
  BufferPool pool;
  pool.size = 2'000;
  const BufferProfile profile = lossless(0, 250);
  PriorityGroup group;
  fill(pool, group, profile, 100);  // 10 shared, the eleventh in the headroom
  EXPECT_EQ(group.used, 1'000);
  EXPECT_EQ(group.headroom_used, 100);
  const Admission second = admit(pool, group, profile, 100);
  EXPECT_TRUE(second.admitted);
  EXPECT_FALSE(second.pause);  // it has been told
  const Admission third = admit(pool, group, profile, 100);
  EXPECT_FALSE(third.admitted);
  EXPECT_EQ(third.reason, DropReason::HeadroomFull);
  EXPECT_EQ(group.headroom_used, 200);
  EXPECT_TRUE(admit(pool, group, profile, 50).admitted);
}

TEST(SharedBuffer, TheHeadroomPoolIsSharedByItsGroups) {
  BufferPool pool;
  pool.headroom_size = 500;
  const BufferProfile profile = lossless(0, 400);
  std::array<PriorityGroup, 2> groups;
  for (PriorityGroup& group : groups) {
    for (int i = 0; i < 3; ++i) admit(pool, group, profile, 100);
  }
  EXPECT_EQ(groups[0].headroom_used, 300);
  EXPECT_EQ(groups[1].headroom_used, 200);
  EXPECT_EQ(pool.headroom_used, 500);
  EXPECT_EQ(admit(pool, groups[0], profile, 100).reason, DropReason::HeadroomFull);
  release(pool, groups[1], profile, 100);
  EXPECT_TRUE(admit(pool, groups[0], profile, 100).admitted);
}

TEST(SharedBuffer, ALossyGroupDropsWhereALosslessOnePauses) {
  BufferPool pool;
  pool.size = 2'000;
  BufferProfile profile = lossless(0, 10'000);
  profile.lossless = false;
  PriorityGroup group;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(admit(pool, group, profile, 100).admitted);
  const Admission a = admit(pool, group, profile, 100);
  EXPECT_FALSE(a.admitted);
  EXPECT_FALSE(a.pause);
  EXPECT_EQ(a.reason, DropReason::SharedFull);
  EXPECT_EQ(group.headroom_used, 0);
}

TEST(SharedBuffer, ResumesBelowXonOrTheLimitLessItsOffset) {
  for (const bool by_xon : {true, false}) {
    BufferPool pool;
    pool.size = 1'000'000;
    BufferProfile profile = lossless(0, 1'000);
    profile.static_limit = 10'000;
    profile.xon = by_xon ? 3'000 : 0;
    profile.xon_offset = by_xon ? 9'000 : 2'000;
    PriorityGroup group;
    fill(pool, group, profile, 500);
    EXPECT_EQ(group.used, 10'000);
    EXPECT_FALSE(release(pool, group, profile, 500));  // the headroom is free again
    int released = 0;
    while (!release(pool, group, profile, 500)) ++released;
    EXPECT_EQ(group.used, by_xon ? 3'000 : 8'000);
    EXPECT_FALSE(group.paused);
    EXPECT_FALSE(release(pool, group, profile, 500));  // it is told once
  }
}

TEST(SharedBuffer, StaysPausedWhileHeadroomIsUsed) {
  BufferPool pool;
  pool.size = 1'000;
  BufferProfile profile = lossless(0, 2'000);
  profile.xon = 100'000;
  PriorityGroup group;
  fill(pool, group, profile, 500);
  admit(pool, group, profile, 600);
  EXPECT_EQ(group.headroom_used, 1'100);
  EXPECT_FALSE(release(pool, group, profile, 500));
  EXPECT_FALSE(release(pool, group, profile, 500));
  EXPECT_TRUE(release(pool, group, profile, 600));
}

// Its sender would wait for ever: a resume comes when a frame of the group leaves.
TEST(SharedBuffer, AGroupThatHoldsNothingIsNotPaused) {
  BufferPool pool;
  pool.size = 1'000;
  pool.headroom_size = 500;
  PriorityGroup hog;
  const BufferProfile greedy = lossless(7, 500);
  fill(pool, hog, greedy, 500);
  EXPECT_EQ(pool.headroom_used, pool.headroom_size);
  PriorityGroup group;
  const Admission a = admit(pool, group, lossless(0, 500), 100);
  EXPECT_FALSE(a.admitted);
  EXPECT_EQ(a.reason, DropReason::HeadroomFull);
  EXPECT_FALSE(a.pause);
  EXPECT_FALSE(group.paused);
}

// Frames of several groups come and go in any order; what is left when all have gone is nothing, nobody is
// left paused, and no limit was ever exceeded.
TEST(SharedBuffer, ConservesBytesAndLeavesNobodyPaused) {
  EXPECT_TRUE(rc::check([] {
    BufferPool pool;
    pool.size = *rc::gen::inRange<int64_t>(0, 50'000);
    pool.headroom_size = *rc::gen::element<int64_t>(0, 3'000, 20'000);
    constexpr size_t kGroups = 4;
    std::array<BufferProfile, kGroups> profiles;
    for (BufferProfile& profile : profiles) {
      profile = lossless(*rc::gen::inRange(-8, 8), *rc::gen::inRange<int64_t>(0, 10'000));
      profile.lossless = *rc::gen::arbitrary<bool>();
      profile.guaranteed = *rc::gen::element<int64_t>(0, 1'248, 9'000);
      profile.static_limit = *rc::gen::element<int64_t>(0, 0, 5'000);
      profile.xon = *rc::gen::element<int64_t>(0, 1'248, 20'000);
      profile.xon_offset = *rc::gen::element<int64_t>(0, 2'496);
    }
    std::array<PriorityGroup, kGroups> groups;
    std::array<std::deque<int64_t>, kGroups> held;
    std::array<bool, kGroups> told_to_pause{};
    const auto leave = [&](size_t g) {
      const bool resume = release(pool, groups[g], profiles[g], held[g].front());
      held[g].pop_front();
      if (resume) RC_ASSERT(told_to_pause[g]);
      if (resume) told_to_pause[g] = false;
    };
    for (const uint32_t x : *rc::gen::container<std::vector<uint32_t>>(300, rc::gen::arbitrary<uint32_t>())) {
      const size_t g = x % kGroups;
      if (x / kGroups % 5 < 3) {
        const int64_t bytes = 64 + x / 64 % 4'115;
        const Admission a = admit(pool, groups[g], profiles[g], bytes);
        RC_ASSERT(a.admitted == (a.reason == DropReason::Count));
        if (a.pause) RC_ASSERT(profiles[g].lossless && !told_to_pause[g]);
        if (a.pause) told_to_pause[g] = true;
        if (a.admitted) held[g].push_back(bytes);
      } else if (!held[g].empty()) {
        leave(g);
      }
      RC_ASSERT(pool.used >= 0 && pool.used <= pool.size);
      RC_ASSERT(pool.headroom_size == 0 || pool.headroom_used <= pool.headroom_size);
      for (size_t i = 0; i < kGroups; ++i) {
        RC_ASSERT(groups[i].headroom_used >= 0 && groups[i].headroom_used <= profiles[i].headroom);
        RC_ASSERT(groups[i].paused == told_to_pause[i]);
      }
    }
    for (size_t g = 0; g < kGroups; ++g) {
      while (!held[g].empty()) leave(g);
      RC_ASSERT(groups[g].used == 0 && groups[g].headroom_used == 0);
      RC_ASSERT(!groups[g].paused);
    }
    RC_ASSERT(pool.used == 0 && pool.headroom_used == 0);
  }));
}

}  // namespace
}  // namespace railyard
