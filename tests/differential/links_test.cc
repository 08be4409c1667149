// SPDX-License-Identifier: GPL-2.0-only
// Links at their edges, on both engines: ports that nothing is connected to, and links that are faulty at
// both ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/validation/fabric_run.h"
#include "traffic/fabric/fabric_builder.h"

namespace railyard {
namespace {

constexpr SimTime kEnd = SimTime::milliseconds(20);
constexpr SimTime kOutDelay = SimTime::microseconds(5), kInDelay = SimTime::microseconds(7);

FabricPlan two_leaves() {
  FabricSettings fabric;
  fabric.kind = FabricKind::LeafSpine;
  fabric.leaves = 2;
  fabric.spines = 1;
  fabric.hosts_per_leaf = 2;
  return *build_fabric(fabric);
}

// From the first host to the last: over the spine.
SimTime received_at(const FabricPlan& plan, const ns3::RoceSettings& settings, FabricRun::Engine engine) {
  FabricRun run(plan, settings, engine);
  run.add_flow(0, plan.host_count - 1, Bytes{1'000});
  run.run_until(kEnd);
  EXPECT_TRUE(run.complete());
  return run.flows()[0].last_received;
}

// The leaf's end, as seen from there, and the spine's.
std::pair<FabricPort, FabricPort> first_uplink(const FabricPlan& plan) {
  for (const FabricLink& link : plan.links) {
    if (link.a.node == plan.host_count && link.b.node >= plan.host_count) return {link.a, link.b};
    if (link.b.node == plan.host_count && link.a.node >= plan.host_count) return {link.b, link.a};
  }
  ADD_FAILURE() << "the first leaf has no uplink";
  return {};
}

class Links : public testing::TestWithParam<FabricRun::Engine> {};

TEST_P(Links, WhatIsConnectedToNothingChangesNothing) {
  const FabricPlan plan = two_leaves();
  FabricPlan with_more = plan;
  for (uint32_t node = plan.host_count; node < plan.nodes.size(); ++node) ++with_more.nodes[node].port_count;
  const SimTime alone = received_at(plan, {}, GetParam());
  EXPECT_EQ(received_at(with_more, {}, GetParam()), alone);
  ns3::RoceSettings faulty;
  const uint32_t leaf = plan.host_count;
  faulty.linkFaults[leaf].resize(with_more.nodes[leaf].port_count);
  faulty.linkFaults[leaf].back().in.drop = faulty.linkFaults[leaf].back().out.drop = 100;
  EXPECT_EQ(received_at(with_more, faulty, GetParam()), alone);
}

TEST_P(Links, BetweenTwoSwitchesTheFaultsOfBothAct) {
  const FabricPlan plan = two_leaves();
  const auto [leaf, spine] = first_uplink(plan);
  ns3::RoceSettings faulty;
  const auto faults_of = [&](FabricPort at) -> PortFaults& {
    faulty.linkFaults[at.node].resize(plan.nodes[at.node].port_count);
    return faulty.linkFaults[at.node][at.port];
  };
  faults_of(leaf).out.delay = kOutDelay;
  const SimTime by_sender = received_at(plan, faulty, GetParam());
  faults_of(spine).in.delay = kInDelay;
  const SimTime by_both = received_at(plan, faulty, GetParam());
  EXPECT_EQ(by_sender, received_at(plan, {}, GetParam()) + kOutDelay);
  EXPECT_EQ(by_both, by_sender + kInDelay);
}

// A frame that the sender's end holds back does not hold up, at the receiver's, those that overtake it.
TEST_P(Links, TheSecondEndSeesFramesAsTheyArrive) {
  const FabricPlan plan = two_leaves();
  const auto [leaf, spine] = first_uplink(plan);
  ns3::RoceSettings faulty;
  faulty.linkFaults[leaf.node].resize(plan.nodes[leaf.node].port_count);
  faulty.linkFaults[spine.node].resize(plan.nodes[spine.node].port_count);
  faulty.linkFaults[leaf.node][leaf.port].out.reorder = 20;
  faulty.linkFaults[spine.node][spine.port].in.delay = SimTime::nanoseconds(1);
  FabricRun run(plan, faulty, GetParam());
  constexpr uint32_t kFlows = 100;
  for (uint32_t flow = 0; flow < kFlows; ++flow) run.add_flow(0, plan.host_count - 1, Bytes{1'000});
  run.run_until(faulty.linkFaults[leaf.node][leaf.port].out.reorder_delay / 2);
  const auto on_time = std::count_if(run.flows().begin(), run.flows().end(),
                                     [](const FlowResult& flow) { return flow.received == 1; });
  EXPECT_GT(on_time, 60);
  EXPECT_LT(on_time, kFlows);
}

INSTANTIATE_TEST_SUITE_P(Engines, Links,
                         testing::Values(FabricRun::Engine::Window, FabricRun::Engine::Reference));

}  // namespace
}  // namespace railyard
