// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/engine/model/node-agenda.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

TEST(TransmitAgenda, IsEmptyAtFirst) {
  for (uint32_t ports : {1U, 2U, 3U, 256U})
    EXPECT_GE(ns3::TransmitAgenda(ports).FirstTime(), ns3::TransmitAgenda::MAX_TIME) << ports;
}

TEST(TransmitAgenda, OrdersByTimeThenByRank) {
  ns3::TransmitAgenda agenda(5);
  agenda.Set(3, {100});
  agenda.Set(4, {90});
  agenda.Set(1, {100});
  agenda.Set(0, {101});
  for (uint32_t rank : {4U, 1U, 3U, 0U}) {
    EXPECT_EQ(agenda.FirstRank(), rank);
    agenda.Clear(rank);
  }
  EXPECT_GE(agenda.FirstTime(), ns3::TransmitAgenda::MAX_TIME);
}

TEST(TransmitAgenda, KeepsTheLatestTimeItCan) {
  constexpr uint32_t kLast = ns3::TransmitAgenda::MAX_PORTS - 1;
  ns3::TransmitAgenda agenda(kLast + 1);
  agenda.Set(kLast, ns3::TransmitAgenda::MAX_TIME - SimTime{1});
  EXPECT_EQ(agenda.FirstTime(), ns3::TransmitAgenda::MAX_TIME - SimTime{1});
  EXPECT_EQ(agenda.FirstRank(), kLast);
}

TEST(TransmitAgenda, IsTheMinimumOfWhatIsSet) {
  RandomStream random(2, 0);
  for (uint32_t ports : {1U, 2U, 7U, 8U, 33U, 256U, 320U}) {
    ns3::TransmitAgenda agenda(ports);
    std::map<uint32_t, SimTime> pending;
    for (uint32_t step = 0; step < 5'000; ++step) {
      const uint32_t rank = random.below(ports);
      if (random.below(3) == 0) {
        agenda.Clear(rank);
        pending.erase(rank);
      } else {
        pending[rank] = SimTime{random.below(50)};
        agenda.Set(rank, pending[rank]);
      }
      if (pending.empty()) {
        ASSERT_GE(agenda.FirstTime(), ns3::TransmitAgenda::MAX_TIME);
        continue;
      }
      const auto first = std::min_element(pending.begin(), pending.end(), [](const auto& a, const auto& b) {
        return std::make_pair(a.second, a.first) < std::make_pair(b.second, b.first);
      });
      ASSERT_EQ(agenda.FirstTime(), first->second);
      ASSERT_EQ(agenda.FirstRank(), first->first);
    }
  }
}

TEST(TimerAgenda, OrdersByTimeThenById) {
  ns3::TimerAgenda agenda;
  EXPECT_EQ(agenda.FirstTime(), SimTime::never());
  RandomStream random(3, 0);
  std::multiset<std::pair<SimTime, uint32_t>> pending;
  for (uint32_t step = 0; step < 20'000; ++step) {
    if (random.below(2) == 0) {
      const std::pair timer{SimTime{random.below(30)}, random.below(4)};  // the same may come twice
      pending.insert(timer);
      agenda.Set(timer.first, timer.second);
    } else if (!pending.empty()) {
      ASSERT_EQ(agenda.PopFirst(), pending.begin()->second);
      pending.erase(pending.begin());
    }
    ASSERT_EQ(agenda.FirstTime(), pending.empty() ? SimTime::never() : pending.begin()->first);
  }
}

}  // namespace
}  // namespace railyard
