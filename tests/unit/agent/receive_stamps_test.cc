// SPDX-License-Identifier: BSD-3-Clause
// A NIC on net_pcap, which hands frames out a millisecond after the kernel stamped them, against one on a
// packet socket, which does not wait.
#include <gmock/gmock.h>

#include <chrono>

#include "dpdk-app/agent/port_player.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/tsc_clock.h"
#include "tests/unit/agent/plan_builder.h"
#include "tests/unit/device/veth.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kFrame = 1'500, kMessages = 200;

// One message of a packet after the other.
struct PingPong final : MessageEvents {
  void message_received(uint32_t, SimTime) override {}
  void message_acked(uint32_t flow, SimTime now) override {
    waited.add((now - posted).ps);
    if (waited.total() < kMessages) post(flow, now);
  }
  void queue_pair_failed(uint32_t, SimTime) override { failed = true; }
  void post(uint32_t flow, SimTime now) {
    posted = now;
    sender->post(flow, 1'000, now);
  }

  PortPlayer* sender = nullptr;
  SimTime posted;
  Histogram waited;
  bool failed = false;
};

TEST(ReceiveStamps, RoundTripsEndWhereThePortSawTheAnswer) {
  if (!enter_network_namespace() || !make_cable("veth0", "veth1", kFrame))
    GTEST_SKIP() << "no network namespace";
  EalOptions options;
  options.memory_mb = 128;
  options.ports = {"af_packet:veth1"};
  const auto eal = start_eal(options);
  ASSERT_TRUE(eal) << eal.error();
  const auto pool = make_frame_pool("frames", 4'095, kFrame);
  ASSERT_TRUE(pool) << pool.error();
  auto waiting = EthernetPort::open("net_pcap0,iface=veth0", 1, kFrame, pool->get());
  auto prompt = EthernetPort::open("af_packet:veth1", 1, kFrame, pool->get());
  ASSERT_TRUE(waiting && prompt);
  EXPECT_TRUE(waiting->capabilities().receive_timestamps);
  EXPECT_FALSE(prompt->capabilities().receive_timestamps);

  control::Plan wire = plan_of_hosts(2, "agent");
  add_job(wire, "job", incast(1, 1'000));
  const LabPlan plan = compile_plan(wire).value();
  const FlowTable flows = FlowTable::of(plan).value();
  const TscClock clock = TscClock::calibrate();
  const uint32_t from = flows[0].source;
  const auto sender = make_port_player(plan, from, 1, {*waiting, 0, pool->get(), clock, {}, nullptr});
  const auto receiver = make_port_player(plan, 1 - from, 1, {*prompt, 0, pool->get(), clock, {}, nullptr});
  sender->addresses().resolve(plan.endpoints[1 - from].ip, clock.now());
  receiver->addresses().resolve(plan.endpoints[from].ip, clock.now());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto poll_until = [&](const std::function<bool()>& done) {
    while (!done() && std::chrono::steady_clock::now() < deadline) sender->poll(), receiver->poll();
  };
  poll_until([&] { return sender->addresses().unresolved() + receiver->addresses().unresolved() == 0; });
  PingPong game;
  game.sender = sender.get();
  sender->add_flows(plan, flows, game);
  receiver->add_flows(plan, flows, game);
  game.post(0, clock.now());
  poll_until([&] { return game.waited.total() == kMessages || game.failed; });
  ASSERT_EQ(game.waited.total(), kMessages);

  const Histogram rtt = sender->report().measured.rtt;
  EXPECT_GT(rtt.total(), kMessages / 2);
  EXPECT_GT(rtt.minimum(), SimTime::microseconds(1).ps);
  // By our own clock an answer takes as long as the driver keeps it.
  EXPECT_GT(game.waited.mean(), static_cast<double>(SimTime::microseconds(300).ps));
  EXPECT_LT(rtt.mean(), game.waited.mean() / 2);
}

}  // namespace
}  // namespace railyard::lab
