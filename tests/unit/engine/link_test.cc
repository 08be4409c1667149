// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/engine/model/link.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr uint32_t kFirstCapacity = 16;  // LinkSender's own

struct Link {
  ns3::LinkSender sender;
  ns3::LinkReceiver receiver;
  uint32_t sent = 0, taken = 0;

  void send(uint32_t count) {
    for (; count > 0; --count) {
      Packet& next = sender.Next(receiver);
      next.time = SimTime{sent};
      next.psn = sent++;
      sender.Append();
    }
  }
  bool publish() {
    receiver.PublishHead();
    return sender.PublishTail(receiver);
  }
  // At most so many; their places in the ring.
  std::vector<uint32_t> take(uint32_t count) {
    std::vector<uint32_t> places;
    receiver.ConsumeBefore(SimTime{taken + count}, [&](SimTime, uint32_t index) { places.push_back(index); });
    taken += static_cast<uint32_t>(places.size());
    return places;
  }
  // The next one.
  uint32_t take_psn() { return psn_at(take(1).at(0)); }
  uint32_t psn_at(uint32_t index) const { return receiver.At(index).psn; }
};

TEST(Link, ShowsNothingBeforeItIsPublished) {
  Link link;
  EXPECT_FALSE(link.publish());
  link.send(3);
  EXPECT_TRUE(link.receiver.Empty());
  EXPECT_TRUE(link.publish());
  EXPECT_EQ(link.receiver.Waiting(), 3U);
  link.send(2);
  EXPECT_EQ(link.receiver.Waiting(), 3U);
  EXPECT_TRUE(link.publish());
  EXPECT_EQ(link.receiver.Waiting(), 5U);
  EXPECT_FALSE(link.publish());
}

TEST(Link, WrapsAroundItsRing) {
  Link link;
  uint32_t expected = 0;
  for (uint32_t window = 0; window < 10 * kFirstCapacity; ++window) {
    link.send(kFirstCapacity / 2 - 1);
    link.publish();
    while (!link.receiver.Empty()) ASSERT_EQ(link.take_psn(), expected++);
  }
  EXPECT_EQ(expected, link.sent);
}

// In one window the receiver reads what the last one left while the sender fills its ring, grows it, and
// grows it again.
TEST(Link, GrowsWhileTheReceiverReads) {
  for (uint32_t before = 1; before <= kFirstCapacity; ++before) {
    Link link;
    link.send(7);  // so that what is copied wraps
    link.publish();
    link.take(7);
    link.publish();
    link.send(before);
    link.publish();
    for (uint32_t i = 0; i < before; ++i) {
      link.send(5 * kFirstCapacity / before + 1);
      ASSERT_EQ(link.take_psn(), 7 + i) << before;
    }
    link.publish();
    for (uint32_t expected = 7 + before; expected != link.sent; ++expected)
      ASSERT_EQ(link.take_psn(), expected) << before;
    EXPECT_TRUE(link.receiver.Empty());
  }
}

// What was consumed in this window may still be read in it: its place is not free before it is published.
TEST(Link, DoesNotReuseWhatWasConsumedInTheSameWindow) {
  Link link;
  link.send(kFirstCapacity);
  link.publish();
  const std::vector<uint32_t> taken = link.take(kFirstCapacity);
  ASSERT_EQ(taken.size(), kFirstCapacity);
  link.send(kFirstCapacity);
  for (uint32_t i = 0; i < kFirstCapacity; ++i) ASSERT_EQ(link.psn_at(taken[i]), i);
}

TEST(Link, IsAQueueWhateverIsSentAndConsumed) {
  RandomStream random(1, 0);
  Link link;
  std::deque<uint32_t> published, appended;
  for (uint32_t window = 0; window < 20'000; ++window) {
    const uint32_t consumed = random.below(static_cast<uint32_t>(published.size()) + 1);
    const uint32_t sent = random.below(100) == 0 ? random.below(200) : random.below(20);
    for (uint32_t i = 0; i < consumed + sent; ++i) {  // the two interleave
      if (i < sent) {
        appended.push_back(link.sent);
        link.send(1);
      }
      if (i >= consumed) continue;
      ASSERT_EQ(link.take_psn(), published.front());
      published.pop_front();
    }
    link.publish();
    published.insert(published.end(), appended.begin(), appended.end());
    appended.clear();
    ASSERT_EQ(link.receiver.Waiting(), published.size());
  }
}

}  // namespace
}  // namespace railyard
