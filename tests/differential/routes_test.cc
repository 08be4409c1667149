// SPDX-License-Identifier: GPL-2.0-only
// Flows take the same ports through the lab's switches as through the simulator's: frames of many flows, and
// of the answers to them, walk both fabrics from host to host.
#include "dpdk-app/controller/planned_fabric.h"
#include "dpdk-app/session/queue_pairs.h"
#include "dpdk-app/softswitch/planned_switch.h"
#include "ns3-modules/roce/model/forwarding-table.h"
#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/protocol/switching/equal_cost.h"
#include "traffic/protocol/transport/flow_entropy.h"
#include "traffic/protocol/wire/roce_frame.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <vector>

namespace railyard {
namespace {

constexpr uint64_t kSeed = 7;
constexpr uint32_t kFlows = 400;
constexpr uint32_t kFirstIp = 0x0a000001;

// What a host puts on the wire, in the simulator and in the lab.
struct Sent {
  Packet packet;
  std::vector<uint8_t> bytes;
};

Sent packet_of(uint32_t flow, bool answer, uint32_t source, uint32_t destination) {
  const FlowEntropy entropy = flow_entropy(kSeed, flow);
  Sent sent;
  Packet& p = sent.packet;
  p = {};
  p.kind = PacketKind::Data;
  p.dst = answer ? source : destination;
  p.entropy = answer ? entropy.answers : entropy.data;
  p.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(64, false));
  FlowAddress address;
  address.source_mac = {2, 0, 0, 0, 0, 1};
  address.destination_mac = {2, 0, 0, 0, 0, 2};
  address.destination_ip = kFirstIp + p.dst;
  address.udp_source_port = udp_source_port(p.entropy);
  address.destination_qp = answer ? lab::sender_queue_pair(flow) : lab::receiver_queue_pair(flow);
  FrameBody body;
  body.payload_size = 64;
  sent.bytes.resize(p.frame_bytes);
  sent.bytes.resize(encode(p, address, body, sent.bytes.data(), sent.bytes.size()));
  return sent;
}

class BothFabrics {
 public:
  explicit BothFabrics(const FabricSettings& settings)
      : plan_(build_fabric(settings).value()),
        adjacency_(plan_),
        places_(std::make_shared<const ns3::EndpointPlaces>(plan_)) {
    for (uint32_t node = plan_.host_count; node < plan_.nodes.size(); ++node) {
      simulated_[node] = {places_, plan_.routes[node], equal_cost_salt(kSeed, node)};
      soft_[node] = soft_switch(node);
    }
  }

  // The nodes that it passes, the last one its host; the ports must be the same.
  std::vector<uint32_t> walk(const Sent& sent, uint32_t from) const {
    std::vector<uint32_t> nodes;
    lab::FrameHeader header;
    EXPECT_TRUE(lab::read_header(sent.bytes.data(), sent.bytes.size(), header));
    FabricPort at = adjacency_.peer_of({from, 0});
    while (at.node >= plan_.host_count && nodes.size() < 10) {
      nodes.push_back(at.node);
      const uint32_t port = simulated_.at(at.node).PortFor(sent.packet);
      EXPECT_EQ(soft_.at(at.node).port_for(header), port) << plan_.nodes[at.node].name;
      at = adjacency_.peer_of({at.node, port});
    }
    nodes.push_back(at.node);
    return nodes;
  }

  const FabricPlan& plan() const { return plan_; }

 private:
  // By way of the messages that a controller sends.
  lab::FabricRoutes soft_switch(uint32_t node) const {
    LabSettings lab;
    LabSwitch& one = lab.switches.emplace_back();
    one.name = plan_.nodes[node].name;
    for (uint32_t i = 0; i < plan_.nodes[node].port_count; ++i)
      one.ports.push_back("ring:" + std::to_string(i));
    lab::control::Plan plan;
    plan.set_scenario("routes");
    plan.set_setting("default");
    plan.set_seed(kSeed);
    plan.set_switch_name(one.name);
    for (uint32_t i = 0; i < plan_.endpoint_count(); ++i) {
      plan.add_endpoints()->set_ip(kFirstIp + i);
      plan.mutable_endpoints(static_cast<int>(i))->set_rate_bps(BitRate::gigabits(100).bps);
    }
    lab::add_fabric(lab, plan_, plan);
    lab::EmulatedSwitchSettings own;
    own.rates.resize(one.ports.size());
    const auto planned = lab::planned_switch(plan, one.ports, own);
    EXPECT_TRUE(planned) << planned.error();
    return planned ? planned->routes : lab::FabricRoutes{};
  }

  FabricPlan plan_;
  FabricAdjacency adjacency_;
  std::shared_ptr<const ns3::EndpointPlaces> places_;
  std::map<uint32_t, ns3::ForwardingTable> simulated_;
  std::map<uint32_t, lab::FabricRoutes> soft_;
};

FabricSettings fabric(FabricKind kind, uint32_t leaves, uint32_t spines, uint32_t hosts, uint32_t links) {
  FabricSettings settings;
  settings.kind = kind;
  settings.leaves = leaves;
  settings.spines = spines;
  settings.hosts_per_leaf = hosts;
  settings.leaf_spine_links = links;
  return settings;
}

TEST(Routes, AreTheSimulatorsForEveryFlow) {
  for (const FabricSettings& settings :
       {fabric(FabricKind::SingleSwitch, 1, 0, 4, 1), fabric(FabricKind::LeafSpine, 2, 1, 4, 1),
        fabric(FabricKind::LeafSpine, 3, 2, 4, 1), fabric(FabricKind::LeafSpine, 2, 4, 3, 2),
        fabric(FabricKind::FatTree, 0, 0, 0, 1)}) {
    const BothFabrics both(settings);
    const uint32_t hosts = both.plan().host_count;
    std::map<uint32_t, uint32_t> passed;  // by node, how many
    for (uint32_t flow = 0; flow < kFlows; ++flow) {
      const uint32_t source = flow % hosts, destination = (source + 1 + flow / hosts) % hosts;
      if (source == destination) continue;
      for (const bool answer : {false, true}) {
        const auto nodes =
            both.walk(packet_of(flow, answer, source, destination), answer ? destination : source);
        EXPECT_EQ(nodes.back(), answer ? source : destination);
        for (const uint32_t node : nodes) ++passed[node];
      }
    }
    for (uint32_t node = hosts; node < both.plan().nodes.size(); ++node)
      EXPECT_GT(passed[node], 0u) << both.plan().nodes[node].name << " is on nobody's way";
  }
}

}  // namespace
}  // namespace railyard
