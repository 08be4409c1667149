// SPDX-License-Identifier: BSD-3-Clause
// Two NICs with two queues each over one cable, all four queues polled by this thread: what a frame's queue
// pair gets does not depend on the queue that it came in on.
#include "dpdk-app/agent/spread_nic.h"

#include <gmock/gmock.h>
#include <rte_mbuf.h>

#include <chrono>
#include <set>
#include <thread>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/tsc_clock.h"
#include "tests/unit/agent/plan_builder.h"
#include "tests/unit/device/veth.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kQueues = 2, kFrame = 1'500, kJobs = 16;
constexpr uint64_t kMessage = 200'000;

using Frames = std::vector<rte_mbuf*>;

// kJobs queue pairs from host 1 to host 0.
LabPlan make_plan(uint64_t rate_bps) {
  control::Plan wire = plan_of_hosts(2, "agent");
  for (control::Endpoint& e : *wire.mutable_endpoints()) e.set_rate_bps(rate_bps);
  for (uint32_t i = 0; i < kJobs; ++i) add_job(wire, fmt::format("job{}", i), incast(1, kMessage));
  return compile_plan(wire).value();
}

struct Nic final : MessageEvents {
  Nic(const LabPlan& plan, const FlowTable& flows, uint32_t endpoint, const PortContext& context)
      : nic(plan, flows, endpoint, context, kQueues) {
    nic.addresses().resolve(plan.endpoints[1 - endpoint].ip, context.clock.now());
  }
  bool poll() {
    bool busy = nic.poll();
    for (const auto& lane : nic.lanes()) busy |= lane->poll();
    return busy;
  }
  void message_received(uint32_t, SimTime) override { ++received; }
  void message_acked(uint32_t, SimTime) override { ++acked; }
  void queue_pair_failed(uint32_t, SimTime) override { ++failed; }

  SpreadNic nic;
  uint32_t received = 0, acked = 0, failed = 0;
};

class SpreadNicTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    has_cable_ = enter_network_namespace() && make_cable("veth0", "veth1", kFrame);
    EalOptions options;
    options.memory_mb = 256;
    if (has_cable_) options.ports = {"af_packet:veth0", "af_packet:veth1"};
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    pool_ = make_frame_pool("frames", 16'383, kFrame)->release();
    clock_ = new TscClock(TscClock::calibrate());
  }

  void open(const std::string& one, const std::string& other, uint64_t rate_bps) {
    plan_ = std::make_unique<LabPlan>(make_plan(rate_bps));
    flows_ = std::make_unique<FlowTable>(FlowTable::of(*plan_).value());
    for (const std::string& name : {one, other}) {
      auto port = EthernetPort::open(name, kQueues, kFrame, pool_);
      ASSERT_TRUE(port) << port.error();
      ports_.push_back(std::make_unique<EthernetPort>(std::move(*port)));
    }
  }
  std::unique_ptr<Nic> make_nic(uint32_t endpoint) {
    return std::make_unique<Nic>(*plan_, *flows_, endpoint, context(*ports_[endpoint]));
  }
  static PortContext context(EthernetPort& port) { return {port, 0, pool_, *clock_, {}, nullptr}; }
  void post_all(Nic& sender) {
    for (uint32_t flow = 0; flow < flows_->size(); ++flow) sender.nic.post(flow, kMessage, clock_->now());
  }

  static bool within(std::chrono::milliseconds time, const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!done())
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }

  // Both NICs, until all messages are acknowledged. What is between the ports is `carry`'s.
  void play_all(
      Nic& a, Nic& b, const std::function<void()>& carry = [] {}) {
    constexpr std::chrono::seconds kPatience(30);
    const auto poll = [&] { a.poll(), b.poll(), carry(); };
    ASSERT_TRUE(within(kPatience, [&] {
      poll();
      return a.nic.addresses().unresolved() + b.nic.addresses().unresolved() == 0;
    }));
    a.nic.add_flows(*plan_, *flows_, a);
    b.nic.add_flows(*plan_, *flows_, b);
    Nic& sender = flows_->sent_by(0).empty() ? b : a;
    post_all(sender);
    EXPECT_TRUE(within(kPatience, [&] {
      poll();
      return sender.acked + sender.failed == flows_->size();
    }));
  }

  void expect_all_in_order(const Nic& a, const Nic& b) {
    NicCounters sum = a.nic.report().counters;
    add_queue(sum, b.nic.report().counters);
    EXPECT_EQ(a.received + b.received, flows_->size());
    EXPECT_EQ(a.failed + b.failed, 0u);
    EXPECT_EQ(sum.reordered, 0u);
    EXPECT_EQ(sum.unknown_queue_pair, 0u);
  }

  // Plays the sender against a port that only looks; returns by which queues data came.
  std::set<uint32_t> sending_queues(Nic& sender, EthernetPort& peer, std::chrono::milliseconds time) {
    std::set<uint32_t> queues;
    within(time, [&] {
      sender.poll();
      for (uint16_t queue = 0; queue < kQueues; ++queue) {
        rte_mbuf* frames[32];
        const uint16_t count = peer.receive(queue, frames, 32);
        if (count > 0) queues.insert(queue);
        rte_pktmbuf_free_bulk(frames, count);
      }
      return false;
    });
    return queues;
  }

  static void send(EthernetPort& port, uint16_t queue, const std::vector<uint8_t>& bytes) {
    rte_mbuf* frame = rte_pktmbuf_alloc(pool_);
    std::copy(bytes.begin(), bytes.end(), rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes.size())));
    ASSERT_EQ(port.transmit(queue, &frame, 1), 1);
  }

  static bool has_cable_;
  static rte_mempool* pool_;
  static TscClock* clock_;
  std::unique_ptr<LabPlan> plan_;
  std::unique_ptr<FlowTable> flows_;
  std::vector<std::unique_ptr<EthernetPort>> ports_;
};

bool SpreadNicTest::has_cable_ = false;
rte_mempool* SpreadNicTest::pool_ = nullptr;
TscClock* SpreadNicTest::clock_ = nullptr;

uint64_t rx_packets(const PortPlayer& player) {
  return player.counters().rx_packets;
}

TEST_F(SpreadNicTest, BothQueuesPlayTheirQueuePairs) {
  open("ring:spread,a", "ring:spread,b", 10'000'000'000);
  const auto a = make_nic(0), b = make_nic(1);
  play_all(*a, *b);
  expect_all_in_order(*a, *b);
  for (const auto* nic : {a.get(), b.get()}) {
    EXPECT_GT(rx_packets(nic->nic), 0u);
    EXPECT_GT(rx_packets(nic->nic.lanes()[0]->player()), 0u);
  }
}

// As a NIC whose hash knows nothing of our queues: everything comes in on the wrong one.
TEST_F(SpreadNicTest, FramesOfAnotherQueueAreHandedOverInOrder) {
  open("ring:one,a", "ring:other,a", 10'000'000'000);
  auto one = EthernetPort::open("ring:one,b", kQueues, kFrame, pool_);
  auto other = EthernetPort::open("ring:other,b", kQueues, kFrame, pool_);
  ASSERT_TRUE(one && other);
  uint64_t carried = 0;
  const auto carry = [&](EthernetPort& from, EthernetPort& to) {
    for (uint16_t queue = 0; queue < kQueues; ++queue) {
      rte_mbuf* frames[32];
      const uint16_t count = from.receive(queue, frames, 32);
      const uint16_t taken = to.transmit(1 - queue, frames, count);
      rte_pktmbuf_free_bulk(frames + taken, count - taken);
      carried += taken;
    }
  };
  const auto a = make_nic(0), b = make_nic(1);
  play_all(*a, *b, [&] { carry(*one, *other), carry(*other, *one); });
  expect_all_in_order(*a, *b);
  EXPECT_GT(carried, kJobs * kMessage / 1024);
  EXPECT_GT(rx_packets(b->nic.lanes()[0]->player()), 0u);
  EXPECT_GT(rx_packets(a->nic.lanes()[0]->player()), 0u);
}

// The socket's fanout spreads flows by a hash, and puts all of what is not IP on one queue.
TEST_F(SpreadNicTest, PacketSocketsFanOutIsPutRight) {
  if (!has_cable_) GTEST_SKIP() << "no network namespace";
  open("af_packet:veth0", "af_packet:veth1", 500'000'000);
  const auto a = make_nic(0), b = make_nic(1);
  play_all(*a, *b);
  expect_all_in_order(*a, *b);
}

std::vector<uint8_t> pause_frame(uint16_t quanta) {
  PauseFrame pause;
  pause.enable_vector = 0xff;
  pause.quanta.fill(quanta);
  std::vector<uint8_t> frame(ethernet::kMinimumNoFcs);
  encode(pause, frame.data(), frame.size());
  return frame;
}

TEST_F(SpreadNicTest, APauseOnEitherQueueStopsBoth) {
  using std::chrono::milliseconds;
  // Slow enough that quanta last, and that the messages are under way for the whole test.
  open("ring:pause,a", "ring:pause,b", 100'000'000);
  const uint32_t from = flows_->sent_by(0).empty() ? 1 : 0;
  const auto sender = make_nic(from);
  EthernetPort& peer = *ports_[1 - from];
  // The peer only looks: its address is told, and nothing is acknowledged.
  std::vector<uint8_t> answer;
  AddressResolution there(plan_->endpoints[1 - from].mac, plan_->endpoints[1 - from].ip, 0);
  ASSERT_TRUE(within(milliseconds(10'000), [&] {
    sender->poll();
    rte_mbuf* frame = nullptr;
    for (uint16_t queue = 0; queue < kQueues; ++queue)
      while (peer.receive(queue, &frame, 1) == 1) {
        there.on_frame(rte_pktmbuf_mtod(frame, const uint8_t*), rte_pktmbuf_data_len(frame));
        rte_pktmbuf_free(frame);
      }
    // ARP comes in on the second queue, and is answered for by the first.
    there.poll(clock_->now(), [&](const uint8_t* bytes, size_t size) {
      send(peer, 1, std::vector<uint8_t>(bytes, bytes + size));
    });
    return sender->nic.addresses().unresolved() == 0;
  }));
  sender->nic.add_flows(*plan_, *flows_, *sender);
  post_all(*sender);
  ASSERT_THAT(sending_queues(*sender, peer, milliseconds(20)), ::testing::ElementsAre(0, 1));
  constexpr uint16_t kLongest = 0xffff;  // 335 ms at 100 Mb/s
  for (uint16_t queue = 0; queue < kQueues; ++queue) {
    send(peer, queue, pause_frame(kLongest));
    for (uint32_t i = 0; i < 4; ++i) sender->poll();
    sending_queues(*sender, peer, milliseconds(2));  // what was on its way
    const auto paused_at = std::chrono::steady_clock::now();
    const std::set<uint32_t> sent = sending_queues(*sender, peer, milliseconds(20));
    // On a machine that stalls the pause may be over: then nothing was seen.
    const bool stalled = std::chrono::steady_clock::now() - paused_at > milliseconds(250);
    EXPECT_TRUE(sent.empty() || stalled) << "paused on queue " << queue;
    send(peer, static_cast<uint16_t>(1 - queue), pause_frame(0));
    EXPECT_THAT(sending_queues(*sender, peer, milliseconds(20)), ::testing::ElementsAre(0, 1));
  }
  const NicReport report = sender->nic.report();
  EXPECT_EQ(report.counters.pfc_frames, 4u);  // not once a queue
  EXPECT_EQ(report.counters.pauses[3], 2u);
}

}  // namespace
}  // namespace railyard::lab
