// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/p2p_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <vector>

namespace railyard::collective {
namespace {

using testing::ElementsAre;

std::vector<uint32_t> sends(const P2pRanks& ranks, uint32_t me) {
  std::vector<uint32_t> peers;
  for (uint32_t round = 0; round < ranks.size; ++round) peers.push_back(p2p_peers(ranks, me, round).send);
  return peers;
}

// The order of 16 that NCCL's own comment in init.cc gives.
TEST(P2pSchedule, VisitsSixteenGroupsInNcclsOrder) {
  EXPECT_THAT(sends({16, 1}, 0), ElementsAre(0, 1, 3, 6, 10, 15, 5, 12, 4, 13, 7, 2, 14, 11, 9, 8));
}

// By hand, of the eight that hold six: 0, 1, 3, 6, 2, 7, 5, 4 without 6 and 7.
TEST(P2pSchedule, LeavesOutGroupsThatAreNotThere) {
  EXPECT_THAT(sends({6, 1}, 0), ElementsAre(0, 1, 3, 2, 5, 4));
  EXPECT_THAT(sends({6, 1}, 4), ElementsAre(4, 5, 1, 0, 3, 2));
}

// Three hosts of four: of the four that hold three, 0, 1, 3, 2 without 3; on each host one after another from
// one's own place on.
TEST(P2pSchedule, TakesTheRanksOfAHostTogether) {
  EXPECT_THAT(sends({12, 4}, 5), ElementsAre(5, 6, 7, 4, 9, 10, 11, 8, 1, 2, 3, 0));
  EXPECT_EQ(p2p_group(8), 8U);
  EXPECT_EQ(p2p_group(16), 8U);
  EXPECT_EQ(p2p_group(12), 4U);
  EXPECT_EQ(p2p_group(3), 1U);
}

TEST(P2pSchedule, InEveryRoundAllSendToOthersAndKnowFromWhomTheyGet) {
  EXPECT_TRUE(rc::check([] {
    P2pRanks ranks;
    ranks.group = *rc::gen::element<uint32_t>(1, 2, 4, 8);
    ranks.size = ranks.group * *rc::gen::inRange<uint32_t>(1, 12);
    for (uint32_t round = 0; round < ranks.size; ++round) {
      std::set<uint32_t> receivers;
      for (uint32_t me = 0; me < ranks.size; ++me) {
        const P2pPeers peers = p2p_peers(ranks, me, round);
        receivers.insert(peers.send);
        RC_ASSERT(p2p_peers(ranks, peers.send, round).receive == me);
        RC_ASSERT(p2p_round(ranks, me, peers.send) == round);
        RC_ASSERT((round == 0) == (peers.send == me));
      }
      RC_ASSERT(receivers.size() == ranks.size);
    }
  }));
}

// By hand from addP2pToPlan and sendProxyProgress: a channel has a batch of eight rounds, which share 16
// slots.
TEST(P2pSchedule, AChannelHasEightRoundsAtOnceWhichShareItsSlots) {
  const auto limits = [](uint32_t channels, uint32_t of_pair, uint32_t group) {
    const P2pLimits l = p2p_limits(channels, of_pair, 16, group);
    return std::pair{l.rounds, l.steps};
  };
  EXPECT_EQ(limits(1, 1, 1), std::pair(8U, 2U));
  EXPECT_EQ(limits(2, 1, 1), std::pair(8U, 4U)) << "four rounds of a batch are the other channel's";
  EXPECT_EQ(limits(16, 1, 1), std::pair(16U, 8U));
  EXPECT_EQ(limits(16, 1, 8), std::pair(128U, 2U)) << "a batch a channel";
  EXPECT_EQ(limits(12, 1, 8), std::pair(128U, 2U)) << "channels are rounded up to a power of two";
  EXPECT_EQ(limits(8, 4, 8), std::pair(16U, 8U)) << "a pair uses four";
}

TEST(P2pSchedule, CutsShorterMessagesInSmallerChunks) {
  constexpr uint64_t kKi = 1 << 10, kLargest = 128 * kKi;
  EXPECT_EQ(p2p_chunk(64 * kKi, kLargest), 32 * kKi);
  EXPECT_EQ(p2p_chunk(kLargest - 1, kLargest), 32 * kKi);
  EXPECT_EQ(p2p_chunk(kLargest, kLargest), 64 * kKi);
  EXPECT_EQ(p2p_chunk(8 * kLargest - 1, kLargest), 64 * kKi);
  EXPECT_EQ(p2p_chunk(8 * kLargest, kLargest), kLargest);
  EXPECT_EQ(p2p_chunk(5'000'000, 0), 5'000'000U) << "whole";
  EXPECT_EQ(p2p_chunks(0, kLargest), 1U);
  EXPECT_EQ(p2p_chunks(8 * kLargest + 1, kLargest), 9U);
  EXPECT_EQ(p2p_chunks(5'000'000, 0), 1U);
}

}  // namespace
}  // namespace railyard::collective
