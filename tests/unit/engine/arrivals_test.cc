// SPDX-License-Identifier: GPL-2.0-only
// What a window gathers from a node's links, and in which order.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "ns3-modules/engine/model/window-context.h"
#include "tests/unit/engine/idle_node.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

using Arrival = std::tuple<SimTime, uint32_t, uint32_t>;  // time, rank, psn

class Arrivals : public testing::Test {
 protected:
  explicit Arrivals(uint32_t ports = 9)
      : node_(0, std::vector<ns3::DatapathPort>(ports), ranks_as_numbered(ports)), senders_(ports) {}

  // Times of one rank must increase.
  void send(uint32_t rank, int64_t time) {
    Packet& packet = senders_[rank].Next(node_.in[rank]);
    packet.time = {time};
    packet.psn = sent_++;
    senders_[rank].Append();
    expected_.emplace_back(packet.time, rank, packet.psn);
  }

  void publish() {
    for (uint32_t rank = 0; rank < senders_.size(); ++rank) {
      node_.in[rank].PublishHead();
      senders_[rank].PublishTail(node_.in[rank]);
    }
  }

  std::vector<Arrival> gather(int64_t start, int64_t end) {
    context_.windowStart = {start};
    context_.windowEnd = {end};
    std::vector<Arrival> gathered;
    const uint64_t* key = context_.GatherArrivals(node_);
    for (; *key != ns3::WindowContext::END_OF_ARRIVALS; ++key) {
      const uint32_t rank = ns3::WindowContext::ArrivalRank(*key);
      const Packet& packet = node_.in[rank].At(ns3::WindowContext::ArrivalIndex(*key));
      EXPECT_EQ(packet.time, context_.ArrivalTime(*key));
      gathered.emplace_back(packet.time, rank, packet.psn);
    }
    return gathered;
  }

  // Of what was sent, what arrives before `end`; taken off.
  std::vector<Arrival> take_expected(int64_t end) {
    std::sort(expected_.begin(), expected_.end());
    const auto first_later = std::find_if(expected_.begin(), expected_.end(),
                                          [&](const Arrival& a) { return std::get<0>(a) >= SimTime{end}; });
    const std::vector<Arrival> due(expected_.begin(), first_later);
    expected_.erase(expected_.begin(), first_later);
    return due;
  }

  SimTime next_expected() const {
    const auto first = std::min_element(expected_.begin(), expected_.end());
    return first == expected_.end() ? SimTime::never() : std::get<0>(*first);
  }

  IdleNode node_;
  std::vector<ns3::LinkSender> senders_;
  ns3::WindowContext context_;
  std::vector<Arrival> expected_;
  uint32_t sent_ = 0;
};

TEST_F(Arrivals, AreNoneOnIdleLinks) {
  EXPECT_TRUE(gather(0, 100).empty());
  EXPECT_EQ(context_.NextArrival(), SimTime::never());
}

TEST_F(Arrivals, OfOneInstantComeInTheOrderOfRank) {
  for (uint32_t rank : {5U, 0U, 8U, 2U}) send(rank, 50);
  publish();
  const std::vector<Arrival> gathered = gather(0, 100);
  EXPECT_EQ(gathered, take_expected(100));
  EXPECT_EQ(gathered.size(), 4U);
}

TEST_F(Arrivals, BeyondTheWindowWaitOnTheirLinks) {
  send(1, 99);
  send(1, 100);
  send(4, 250);
  publish();
  EXPECT_EQ(gather(0, 100), take_expected(100));
  EXPECT_EQ(context_.NextArrival(), SimTime{100});
  publish();
  EXPECT_EQ(gather(100, 200), take_expected(200));
  EXPECT_EQ(context_.NextArrival(), SimTime{250});
  send(4, 260);  // behind the one that is known to wait
  publish();
  EXPECT_EQ(gather(200, 250), take_expected(250));
  EXPECT_EQ(context_.NextArrival(), SimTime{250});
  publish();
  EXPECT_EQ(gather(250, 300), take_expected(300));
  EXPECT_EQ(context_.NextArrival(), SimTime::never());
}

// Few and many, on one link and on all, with many at the same instant, in windows of any length: all ways to
// sort.
TEST_F(Arrivals, AreSortedHoweverManyThereAre) {
  RandomStream random(4, 0);
  std::vector<int64_t> last(senders_.size(), 0);
  int64_t start = 0;
  for (uint32_t window = 0; window < 400; ++window) {
    const int64_t end = start + 1 + random.below(window % 2 == 0 ? 100 : 1'400'000);
    const uint32_t links = window % 3 == 0 ? 1 : static_cast<uint32_t>(senders_.size());
    const uint32_t most = window % 5 == 0 ? 400 : 5;
    for (uint32_t rank = 0; rank < links; ++rank) {
      last[rank] = std::max(last[rank], start);
      for (uint32_t n = random.below(most); n > 0; --n)
        send(rank, last[rank] += 1 + random.below(static_cast<uint32_t>(2 * (end - start) / most + 1)));
    }
    publish();
    const std::vector<Arrival> expected = take_expected(end);
    ASSERT_EQ(gather(start, end), expected) << window;
    ASSERT_EQ(context_.NextArrival(), next_expected());
    start = end;
  }
  EXPECT_GT(sent_, 20'000U);
}

}  // namespace
}  // namespace railyard
