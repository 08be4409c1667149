// SPDX-License-Identifier: BSD-3-Clause
// Several soft switches as one fabric, joined in virtual time.
#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dpdk-app/softswitch/emulated_switch.h"
#include "tests/unit/softswitch/memory_store.h"
#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/spanning_tree.h"
#include "traffic/protocol/switching/equal_cost.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {
namespace {

using testing::ElementsAre;

constexpr SimTime kStep = SimTime::microseconds(20);
constexpr uint8_t kLossless = 26 << 2;
constexpr uint64_t kSeed = 3;

// Host i has MAC and IP address i + 1.
class Fabric {
 public:
  explicit Fabric(const FabricSettings& shape, const SwitchSettings& switching = {})
      : plan_(build_fabric(shape).value()), adjacency_(plan_) {
    received.resize(plan_.host_count);
    const auto tree = spanning_tree(plan_);
    for (uint32_t node = plan_.host_count; node < plan_.nodes.size(); ++node) {
      EmulatedSwitchSettings settings;
      settings.switching = switching;
      settings.node = node;
      settings.seed = kSeed;
      settings.max_frame_bytes = 4'200;
      for (uint32_t port = 0; port < plan_.nodes[node].port_count; ++port) {
        settings.rates.push_back(plan_.links[adjacency_.link_of({node, port})].rate);
        settings.to_switch.push_back(adjacency_.peer_of({node, port}).node >= plan_.host_count);
      }
      std::vector<MacAddress> macs(settings.rates.size(), mac_of(static_cast<uint8_t>(0xe0 + node)));
      switches.push_back(std::make_unique<EmulatedSwitch>(settings, macs, store));
      switches.back()->set_routes(routes_of(node, tree[node]));
      switches.back()->start_run({}, {});
    }
  }

  void send(uint32_t host, const Bytes8& bytes) { put(adjacency_.peer_of({host, 0}), bytes); }
  void put(FabricPort at, const Bytes8& bytes) { hand_over(at, store.add(bytes)); }
  const FabricPlan& plan() const { return plan_; }
  // What the last thing said that the host got, where it gets nothing but pauses.
  bool is_paused(uint32_t host) const {
    if (received[host].empty()) return false;
    const auto said = decode_pause(received[host].back().data(), received[host].back().size());
    return said && said->quanta[3] > 0;
  }
  void run(SimTime until) {
    for (; now < until; now += kStep) {
      for (auto& one : switches) one->advance(now + kStep);
      for (uint32_t i = 0; i < switches.size(); ++i)
        for (uint32_t port = 0; port < switches[i]->port_count(); ++port) carry(i, port);
    }
  }

  SimTime now;
  std::vector<std::vector<Bytes8>> received;  // by host
  MemoryStore store;
  std::vector<std::unique_ptr<EmulatedSwitch>> switches;  // which give their frames back to the store

 private:
  FabricRoutes routes_of(uint32_t node, const std::vector<bool>& tree) const {
    FabricRoutes routes;
    routes.on_tree = tree;
    routes.seed = kSeed;
    routes.salt = equal_cost_salt(kSeed, node);
    routes.groups = plan_.routes[node].groups;
    for (uint32_t i = 0; i < plan_.endpoint_count(); ++i)
      routes.group_of[0x0a000001 + i] = plan_.routes[node].group_of[i];
    return routes;
  }

  void hand_over(FabricPort at, FrameHandle frame) {
    switches[at.node - plan_.host_count]->receive(at.port, &frame, 1, now + kStep);
  }

  void carry(uint32_t index, uint32_t port) {
    EmulatedSwitch& from = *switches[index];
    const FabricPort to = adjacency_.peer_of({plan_.host_count + index, port});
    FrameHandle frame = nullptr;
    while (from.due(port, now + kStep, &frame, 1) == 1) {
      from.take(port);
      if (to.node >= plan_.host_count) {
        hand_over(to, frame);
        continue;
      }
      received[to.node].push_back(MemoryStore::of(frame));
      store.free(frame);
    }
  }

  FabricPlan plan_;
  FabricAdjacency adjacency_;
};

FabricSettings leaf_spine(uint32_t spines, uint32_t hosts_per_leaf, BitRate uplink) {
  FabricSettings shape;
  shape.leaves = 2;
  shape.spines = spines;
  shape.hosts_per_leaf = hosts_per_leaf;
  shape.link_rate = BitRate::megabits(100);
  shape.uplink_rate = uplink;
  return shape;
}

Bytes8 frame_between(uint32_t from, uint32_t to, uint32_t psn = 0) {
  return data_frame(static_cast<uint8_t>(from + 1), static_cast<uint8_t>(to + 1), 4'096, kLossless, psn);
}

// An ARP request, as far as a switch looks into it.
Bytes8 broadcast_from(uint32_t host) {
  Bytes8 frame(60, 0);
  std::fill_n(frame.begin(), 6, uint8_t{0xff});
  const MacAddress mac = mac_of(static_cast<uint8_t>(host + 1));
  std::copy(mac.begin(), mac.end(), frame.begin() + 6);
  frame[12] = 0x08, frame[13] = 0x06;
  return frame;
}

TEST(SwitchFabric, ABroadcastReachesEveryHostOnceAndEnds) {
  Fabric fabric(leaf_spine(3, 2, {}));
  fabric.send(0, broadcast_from(0));
  fabric.run(SimTime::milliseconds(50));
  EXPECT_TRUE(fabric.received[0].empty());
  for (uint32_t host = 1; host < 4; ++host)
    EXPECT_THAT(fabric.received[host], ElementsAre(broadcast_from(0)));
  EXPECT_EQ(fabric.switches.back()->next_event(), SimTime::never());
}

// What the answer to an ARP request is: to an address that was heard.
TEST(SwitchFabric, FramesWithoutARouteGoWhereTheirAddressWasHeard) {
  Fabric fabric(leaf_spine(2, 2, {}));
  fabric.send(0, broadcast_from(0));
  fabric.run(SimTime::milliseconds(10));
  Bytes8 answer = broadcast_from(3);
  const MacAddress mac = mac_of(1);
  std::copy(mac.begin(), mac.end(), answer.begin());
  fabric.send(3, answer);
  fabric.run(SimTime::milliseconds(20));
  EXPECT_THAT(fabric.received[0], ElementsAre(answer));
  EXPECT_EQ(fabric.received[1].size(), 1u);  // the broadcast alone
  EXPECT_EQ(fabric.received[2].size(), 1u);
}

// Without a route and off the tree it could be there by a ring only.
TEST(SwitchFabric, WhatIsFloodedOffTheTreeGoesNoFurther) {
  Fabric fabric(leaf_spine(2, 2, {}));
  const std::vector<bool> tree =
      spanning_tree(fabric.plan())[5];  // leaf1: the second spine is a leaf of the tree
  ASSERT_THAT(tree, ElementsAre(true, true, true, false));
  fabric.put({5, 3}, broadcast_from(0));
  fabric.put({5, 3}, frame_between(0, 3));
  fabric.run(SimTime::milliseconds(10));
  EXPECT_EQ(fabric.switches[1]->counters(3).filtered, 1u);
  EXPECT_TRUE(fabric.received[2].empty());
  EXPECT_THAT(fabric.received[3], ElementsAre(frame_between(0, 3)));  // that one has a route
}

// Four hosts of leaf1 send to one of leaf0: its leaf pauses the spine, that one the other leaf, and it the
// hosts.
TEST(SwitchFabric, APauseTravelsFromLeafToSpineToLeaf) {
  SwitchSettings switching;
  switching.pool_size = Bytes{4'000'000};
  switching.dynamic_th = -4;
  switching.ecn = false;
  Fabric fabric(leaf_spine(1, 4, BitRate::megabits(400)), switching);
  constexpr uint32_t kFrames = 400;
  const SimTime spacing = serialisation_time(wire::data_frame_bytes(4'096, false), 80'000);
  std::array<uint32_t, 8> sent{};
  for (uint32_t i = 0; i < 5 * kFrames; ++i) {
    for (uint32_t host = 4; host < 8; ++host)
      if (sent[host] < kFrames && !fabric.is_paused(host))
        fabric.send(host, frame_between(host, 0, sent[host]++));
    fabric.run(spacing * (i + 1));
  }

  EXPECT_EQ(fabric.received[0].size(), 4 * kFrames);  // none is lost
  const EmulatedSwitch &leaf0 = *fabric.switches[0], &leaf1 = *fabric.switches[1],
                       &spine = *fabric.switches[2];
  ASSERT_FALSE(spine.pauses().empty());
  ASSERT_FALSE(leaf1.pauses().empty());
  EXPECT_EQ(spine.pauses().front().port, 0);  // to leaf0
  EXPECT_EQ(leaf1.pauses().front().port, 4);  // to the spine
  EXPECT_LT(spine.pauses().front().start, leaf1.pauses().front().start);
  EXPECT_GT(leaf0.traffic().counters(4).pauses_sent, 0u);
  EXPECT_GT(spine.traffic().counters(1).pauses_sent, 0u);
  for (uint32_t host = 4; host < 8; ++host) {
    ASSERT_FALSE(fabric.received[host].empty());
    const auto first =
        decode_pause(fabric.received[host].front().data(), fabric.received[host].front().size());
    ASSERT_TRUE(first);
    EXPECT_GT(first->quanta[3], 0);
  }
  EXPECT_EQ(leaf0.traffic().counters(0).pauses_sent + spine.traffic().counters(0).pauses_sent +
                leaf1.traffic().counters(4).pauses_sent,
            0u);  // nobody pauses against the stream
}

}  // namespace
}  // namespace railyard::lab
