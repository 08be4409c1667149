// SPDX-License-Identifier: BSD-3-Clause
// Two queues of one port, each with a queue pair that always has something to send, in virtual time.
#include "dpdk-app/agent/shared_link.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/nic_network.h"

namespace railyard::lab {
namespace {

constexpr SimTime kMicrosecond = SimTime::microseconds(1), kMillisecond = SimTime::milliseconds(1);
constexpr uint32_t kBudget = 32;

class TwoQueues final : public MessageEvents {
 public:
  TwoQueues() {
    const NicConfig config = NicNetwork::config(0, 2);
    ps_per_byte_ = config.ps_per_byte;
    for (uint32_t queue : {0u, 1u}) {
      queues_.push_back(std::make_unique<NicPort>(config, *this, LinkTurn(&link_, queue)));
      queues_[queue]->add_sender(queue, {});
    }
  }

  void message_received(uint32_t, SimTime) override {}
  void message_acked(uint32_t, SimTime) override {}
  void queue_pair_failed(uint32_t, SimTime) override {}

  void post(uint32_t queue) { queues_[queue]->post(queue, 100'000'000, now); }
  void poll(uint32_t queue) {
    queues_[queue]->poll(now, kBudget, [&](const Packet& p, const FlowAddress&, const FrameBody&) {
      link_time[queue] += serialisation_time(p.frame_bytes, ps_per_byte_);
      ++frames[queue];
    });
  }
  // Both, each as often as it is told, until `end`; at the same instant the first goes first.
  void poll_both(SimTime first, SimTime second, SimTime end) {
    for (SimTime due[] = {now, now}; now < end; now = std::min(due[0], due[1]))
      for (uint32_t queue : {0u, 1u}) {
        if (due[queue] > now) continue;
        poll(queue);
        due[queue] = now + (queue == 0 ? first : second);
      }
  }
  SimTime full_frame() const { return serialisation_time(wire::data_frame_bytes(1024, false), ps_per_byte_); }

  SimTime now;
  SimTime link_time[2];
  uint64_t frames[2] = {};

 private:
  SharedLink link_;
  int64_t ps_per_byte_ = 0;
  std::vector<std::unique_ptr<NicPort>> queues_;
};

struct Intervals {
  SimTime first, second;
};

class SharedLinkTest : public ::testing::TestWithParam<Intervals> {};

TEST_P(SharedLinkTest, QueuesShareTheLinkAndFillIt) {
  TwoQueues port;
  port.post(0), port.post(1);
  port.poll_both(GetParam().first, GetParam().second, kMillisecond);
  const SimTime both = port.link_time[0] + port.link_time[1];
  EXPECT_LE(both, port.now + port.full_frame() * 2);
  EXPECT_GE(both, port.now - GetParam().second * 2);
  EXPECT_NEAR(static_cast<double>(port.frames[0]), static_cast<double>(port.frames[1]), 2);
}

INSTANTIATE_TEST_SUITE_P(Polls, SharedLinkTest,
                         ::testing::Values(Intervals{kMicrosecond,
                                                     kMicrosecond},  // the first always comes first
                                           Intervals{SimTime::nanoseconds(100), SimTime::nanoseconds(1'300)},
                                           Intervals{SimTime::nanoseconds(1'700), SimTime::nanoseconds(900)},
                                           Intervals{kMicrosecond * 4, kMicrosecond * 7}));

TEST(SharedLink, OneThatIsAloneHasAllOfIt) {
  TwoQueues port;
  port.post(1);
  port.poll_both(kMicrosecond, kMicrosecond, kMillisecond);
  EXPECT_GE(port.link_time[1], port.now - kMicrosecond * 2);
  EXPECT_LE(port.link_time[1], port.now + port.full_frame());
  port.post(0);
  const SimTime before = port.link_time[0], since = port.now;
  port.poll_both(kMicrosecond, kMicrosecond, kMillisecond * 2);
  EXPECT_NEAR((port.link_time[0] - before).to_seconds(), (port.now - since).to_seconds() / 2,
              (port.full_frame() * 2).to_seconds());
}

// What a stalled queue missed is not sent on top of what the other sent meanwhile.
TEST(SharedLink, AStallOfOneQueueDoesNotOverloadTheLink) {
  TwoQueues port;
  port.post(0), port.post(1);
  port.poll_both(kMicrosecond, kMicrosecond, kMillisecond);
  for (const SimTime end = port.now + kMillisecond; port.now < end; port.now = port.now + kMicrosecond)
    port.poll(0);
  port.poll_both(kMicrosecond, kMicrosecond, kMillisecond * 3);
  EXPECT_LE(port.link_time[0] + port.link_time[1], port.now + port.full_frame() * 2);
}

}  // namespace
}  // namespace railyard::lab
