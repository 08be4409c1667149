// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn_notification.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

namespace railyard {
namespace {

// CNPs with their times in microseconds, and queue pairs.
using Cnps = std::vector<std::pair<int64_t, uint32_t>>;

// A port; queue pairs 0 to 9 come from one NIC, 10 to 19 from another, and so on.
class Receiver {
 public:
  explicit Receiver(CnpPacing pacing, bool remember) {
    settings_.cnp_pacing = pacing;
    settings_.cnp_remember_marks = remember;
    settings_.min_time_between_cnps = SimTime::microseconds(50);
  }

  void mark(uint32_t queue_pair, int64_t at_us) {
    run_until(at_us - 1);
    react(queue_pair, at_us,
          DcqcnNotification::arrived(queue_pairs_[queue_pair], peers_[queue_pair / 10], port_, settings_,
                                     {queue_pair, 1'000, true}, SimTime::microseconds(at_us)));
  }

  Cnps sent() {
    run_until(1'000'000);
    return cnps_;
  }

 private:
  void run_until(int64_t us) {
    while (!timers_.empty() && timers_.begin()->first <= us) {
      const auto [at, queue_pair] = *timers_.begin();
      timers_.erase(timers_.begin());
      react(queue_pair, at,
            DcqcnNotification::timer(queue_pairs_[queue_pair], peers_[queue_pair / 10], port_, settings_,
                                     queue_pair, SimTime::microseconds(at)));
    }
  }
  void react(uint32_t queue_pair, int64_t at_us, const ReceiverReaction& reaction) {
    if (reaction.notify) cnps_.push_back({at_us, queue_pair});
    if (reaction.timer_for != kNoQueuePair)
      timers_.emplace(reaction.timer_at.ps / SimTime::microseconds(1).ps, reaction.timer_for);
  }

  DcqcnSettings settings_;
  std::map<uint32_t, DcqcnNotification::QueuePair> queue_pairs_;
  std::map<uint32_t, DcqcnNotification::Peer> peers_;
  DcqcnNotification::Port port_;
  std::multimap<int64_t, uint32_t> timers_;
  Cnps cnps_;
};

TEST(DcqcnNotification, AnswersAtTheWindowsEndIfAnyPacketInItWasMarked) {
  Receiver r(CnpPacing::QueuePair, true);
  for (int64_t at : {10, 11, 59, 200}) r.mark(1, at);
  EXPECT_EQ(r.sent(), (Cnps{{10, 1}, {60, 1}, {200, 1}}));
}

TEST(DcqcnNotification, MarksWithoutEndBringOneCnpAnInterval) {
  Receiver r(CnpPacing::QueuePair, true);
  for (int64_t at = 0; at < 200; ++at) r.mark(1, at);
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {50, 1}, {100, 1}, {150, 1}, {200, 1}}));
}

TEST(DcqcnNotification, AMarkAtTheWindowsEndIsNotAnsweredTwice) {
  Receiver r(CnpPacing::QueuePair, true);
  for (int64_t at : {0, 20, 50}) r.mark(1, at);
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {50, 1}}));
}

TEST(DcqcnNotification, ForgetsWhatComesTooSoonWhereItIsNotToRemember) {
  Receiver r(CnpPacing::QueuePair, false);
  for (int64_t at : {0, 20, 49, 50, 99, 130}) r.mark(1, at);
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {50, 1}, {130, 1}}));
}

TEST(DcqcnNotification, QueuePairsArePacedAlone) {
  Receiver r(CnpPacing::QueuePair, true);
  r.mark(1, 0), r.mark(2, 1), r.mark(1, 2), r.mark(2, 3);
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {1, 2}, {50, 1}, {51, 2}}));
}

TEST(DcqcnNotification, APortAnswersThoseWaitingInTheOrderOfTheirFirstMarks) {
  Receiver r(CnpPacing::Port, true);
  r.mark(1, 0);
  r.mark(12, 5), r.mark(3, 6), r.mark(12, 7), r.mark(1, 8);
  r.mark(24, 120);  // others wait still
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {50, 12}, {100, 3}, {150, 1}, {200, 24}}));
}

TEST(DcqcnNotification, APortThatForgetsAnswersTheFirstMarkAfterTheInterval) {
  Receiver r(CnpPacing::Port, false);
  r.mark(1, 0), r.mark(2, 10), r.mark(3, 49), r.mark(4, 53), r.mark(1, 54);
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {53, 4}}));
}

TEST(DcqcnNotification, PeersArePacedAlone) {
  Receiver r(CnpPacing::Peer, true);
  r.mark(1, 0), r.mark(2, 1), r.mark(11, 2), r.mark(12, 3);
  EXPECT_EQ(r.sent(), (Cnps{{0, 1}, {2, 11}, {50, 2}, {52, 12}}));
}

}  // namespace
}  // namespace railyard
