// SPDX-License-Identifier: BSD-3-Clause
// Both halves of a queue pair over a channel that loses, repeats and reorders: what goes in comes out, in
// order, once.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <optional>
#include <vector>

#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

struct Channel {
  uint32_t lost_percent = 0;
  uint32_t repeated_percent = 0;
  uint32_t reordered_percent = 0;

  std::vector<Packet> packets;

  void put(const Packet& p, RandomStream& random) {
    if (random.below(100) < lost_percent) return;
    packets.push_back(p);
    if (random.below(100) < repeated_percent) packets.push_back(p);
  }

  std::optional<Packet> take(RandomStream& random) {
    if (packets.empty()) return std::nullopt;
    const bool reordered = random.below(100) < reordered_percent;
    const size_t i = reordered ? random.below(static_cast<uint32_t>(packets.size())) : 0;
    const Packet p = packets[i];
    packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(i));
    return p;
  }
};

// One sender and one receiver. A step is: a packet is sent, or one arrives at either end; when nothing is
// left to do and something is unacknowledged, time has passed for the time-out.
class QueuePair {
 public:
  QueuePair(const Channel& like, uint32_t mtu, uint32_t ack_every, uint32_t first_psn, uint64_t seed)
      : to_receiver_(like), to_sender_(like), mtu_(mtu), ack_every_(ack_every), random_(seed, 0) {
    sender_.start_at(first_psn);
    receiver_.expected_psn = first_psn;
    highest_sent_ = first_psn;
  }

  void post(uint64_t bytes) {
    sender_.post(bytes, mtu_);
    posted_.push_back(bytes);
  }

  void run() {
    constexpr uint32_t kSteps = 1'000'000;  // far more than the worst of these channels needs
    for (uint32_t step = 0; !finished(); ++step) {
      RC_ASSERT(step < kSteps);
      ++now_;
      switch (random_.below(3)) {
        case 0:
          send();
          break;
        case 1:
          receive();
          break;
        default:
          hear();
      }
    }
    RC_ASSERT(received_ == posted_);
    RC_ASSERT(acked_ == posted_.size());
    RC_ASSERT(!sender_.in_flight());
    RC_ASSERT(sender_.retransmitted == sent_again_);
  }

  uint64_t retransmitted() const { return sender_.retransmitted; }

 private:
  bool finished() const { return acked_ == posted_.size() && !sender_.has_packet(); }

  void send() {
    if (sender_.has_packet()) {
      Packet p;
      sender_.take_packet(p, mtu_, ecn::kEct0, SimTime{now_});
      RC_ASSERT(p.psn + 1 == sender_.next_psn);
      if (psn_before(p.psn, highest_sent_)) ++sent_again_;
      if (!psn_before(p.psn, highest_sent_)) highest_sent_ = p.psn + 1;
      to_receiver_.put(p, random_);
    } else if (to_receiver_.packets.empty() && to_sender_.packets.empty() && sender_.in_flight()) {
      sender_.go_back();
    }
  }

  void receive() {
    const std::optional<Packet> p = to_receiver_.take(random_);
    if (!p) return;
    const uint32_t expected = receiver_.expected_psn;
    const ReceiveQueue::Verdict v = receiver_.on_data(*p, ack_every_);
    RC_ASSERT(!(v.ack && v.nak));
    if (receiver_.expected_psn != expected) deliver(*p, expected, v.message_complete);
    if (v.ack) reply(PacketKind::Ack, receiver_.expected_psn - 1);
    if (v.nak) reply(PacketKind::Nak, receiver_.expected_psn);
  }

  void deliver(const Packet& p, uint32_t expected, bool complete) {
    RC_ASSERT(p.psn == expected);
    RC_ASSERT(receiver_.expected_psn == expected + 1);
    const bool first = (p.flags & packet_flag::kFirst) != 0;
    RC_ASSERT(first == (packets_of_message_ == 0));
    ++packets_of_message_;
    if (!complete) return;
    // The frames' lengths say how much the message held, but for the padding of the last.
    const uint32_t payload = p.frame_bytes - wire::kRoceOverhead - (first ? wire::kReth : 0);
    const uint64_t bytes = uint64_t{packets_of_message_ - 1} * mtu_ + payload;
    RC_ASSERT(received_.size() < posted_.size());
    const uint64_t posted = posted_[received_.size()];
    RC_ASSERT(bytes >= posted && bytes - posted < 4);
    received_.push_back(posted);
    packets_of_message_ = 0;
  }

  void reply(PacketKind kind, uint32_t psn) {
    Packet p{};
    p.kind = kind;
    p.psn = psn;
    to_sender_.put(p, random_);
  }

  void hear() {
    const std::optional<Packet> p = to_sender_.take(random_);
    if (!p) return;
    acked_ += sender_.on_ack(p->kind == PacketKind::Ack ? p->psn : p->psn - 1, SimTime{now_});
    RC_ASSERT(acked_ <= received_.size());  // nothing is acknowledged that has not arrived
    if (p->kind == PacketKind::Nak) sender_.on_nak(p->psn);
  }

  Channel to_receiver_, to_sender_;
  uint32_t mtu_, ack_every_;
  RandomStream random_;
  SendQueue sender_;
  ReceiveQueue receiver_;
  int64_t now_ = 0;
  std::vector<uint64_t> posted_, received_;
  size_t acked_ = 0;
  uint32_t packets_of_message_ = 0;
  uint32_t highest_sent_ = 0;
  uint64_t sent_again_ = 0;
};

TEST(QueuePair, DeliversEveryMessageOnceAndInOrderOverABadChannel) {
  EXPECT_TRUE(rc::check([] {
    const auto percent = [](int most) { return static_cast<uint32_t>(*rc::gen::inRange(0, most)); };
    Channel like;
    like.lost_percent = percent(40);
    like.repeated_percent = percent(30);
    like.reordered_percent = percent(30);
    const uint32_t mtu = 4 * *rc::gen::inRange<uint32_t>(16, 64);
    const uint32_t first_psn = *rc::gen::element(0u, 0xfffff0u, 0x7ffffff0u, 0xfffffff0u);
    QueuePair pair(like, mtu, *rc::gen::inRange<uint32_t>(1, 20), first_psn, *rc::gen::arbitrary<uint64_t>());
    const auto sizes = *rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(0, 2'000));
    for (uint32_t bytes : sizes) pair.post(bytes);
    pair.run();
  }));
}

TEST(QueuePair, SendsNothingTwiceOverAGoodChannel) {
  EXPECT_TRUE(rc::check([] {
    QueuePair pair({}, 64, *rc::gen::inRange<uint32_t>(1, 20), 0, *rc::gen::arbitrary<uint64_t>());
    const auto sizes = *rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(0, 1'000));
    for (uint32_t bytes : sizes) pair.post(bytes);
    pair.run();
    RC_ASSERT(pair.retransmitted() == 0u);
  }));
}

}  // namespace
}  // namespace railyard
