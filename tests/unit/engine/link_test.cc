// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/engine/model/link.h"

#include <gtest/gtest.h>

#include <deque>

#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr uint32_t kFirstCapacity = 16;  // LinkSender's own

struct Link {
  ns3::LinkSender sender;
  ns3::LinkReceiver receiver;
  uint32_t sent = 0;

  void send(uint32_t count) {
    for (; count > 0; --count) {
      sender.Next(receiver).psn = sent++;
      sender.Append();
    }
  }
  bool publish() {
    receiver.PublishHead();
    return sender.PublishTail(receiver);
  }
  uint32_t waiting() const { return receiver.Tail() - receiver.Head(); }
  uint32_t psn_at(uint32_t position) const { return receiver.At(receiver.IndexOf(position)).psn; }
  void consume(uint32_t count) { receiver.ConsumeTo(receiver.Head() + count); }
};

TEST(Link, ShowsNothingBeforeItIsPublished) {
  Link link;
  EXPECT_FALSE(link.publish());
  link.send(3);
  EXPECT_TRUE(link.receiver.Empty());
  EXPECT_TRUE(link.publish());
  EXPECT_EQ(link.waiting(), 3U);
  link.send(2);
  EXPECT_EQ(link.waiting(), 3U);
  EXPECT_TRUE(link.publish());
  EXPECT_EQ(link.waiting(), 5U);
  EXPECT_FALSE(link.publish());
}

TEST(Link, WrapsAroundItsRing) {
  Link link;
  uint32_t expected = 0;
  for (uint32_t window = 0; window < 10 * kFirstCapacity; ++window) {
    link.send(kFirstCapacity / 2 - 1);
    link.publish();
    for (; !link.receiver.Empty(); link.consume(1)) ASSERT_EQ(link.psn_at(link.receiver.Head()), expected++);
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
    link.consume(7);
    link.publish();
    link.send(before);
    link.publish();
    const uint32_t head = link.receiver.Head();
    for (uint32_t i = 0; i < before; ++i) {
      link.send(5 * kFirstCapacity / before + 1);
      ASSERT_EQ(link.psn_at(head + i), 7 + i) << before;
    }
    link.consume(before);
    link.publish();
    for (uint32_t expected = 7 + before; expected != link.sent; ++expected, link.consume(1))
      ASSERT_EQ(link.psn_at(link.receiver.Head()), expected) << before;
    EXPECT_TRUE(link.receiver.Empty());
  }
}

// What was consumed in this window may still be read in it: its place is not free before it is published.
TEST(Link, DoesNotReuseWhatWasConsumedInTheSameWindow) {
  Link link;
  link.send(kFirstCapacity);
  link.publish();
  const uint32_t head = link.receiver.Head();
  link.consume(kFirstCapacity);
  link.send(kFirstCapacity);
  for (uint32_t i = 0; i < kFirstCapacity; ++i) ASSERT_EQ(link.psn_at(head + i), i);
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
      ASSERT_EQ(link.psn_at(link.receiver.Head()), published.front());
      published.pop_front();
      link.consume(1);
    }
    link.publish();
    published.insert(published.end(), appended.begin(), appended.end());
    appended.clear();
    ASSERT_EQ(link.waiting(), published.size());
  }
}

}  // namespace
}  // namespace railyard
