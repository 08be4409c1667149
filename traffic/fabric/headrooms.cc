// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/headrooms.h"

#include "traffic/fabric/fabric_adjacency.h"
#include "traffic/fabric/reducers.h"
#include "traffic/protocol/switching/headroom.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

Bytes headroom_from_host(BitRate rate, SimTime propagation, const SwitchSettings& at, const NicSettings& host,
                         uint32_t mtu) {
  return simulated_headroom(paused_link(rate, propagation, at.pipeline_latency, host.nic_latency,
                                        host.pfc_response_time, wire::data_frame_bytes(mtu, true)));
}

Bytes headroom_from_switch(BitRate rate, SimTime propagation, const SwitchSettings& at,
                           const SwitchSettings& peer, uint32_t mtu) {
  return simulated_headroom(paused_link(rate, propagation, at.pipeline_latency, peer.pipeline_latency,
                                        peer.pfc_response_time, wire::data_frame_bytes(mtu, true)));
}

namespace {

// How fast a reducer's NIC sends: for each of the ports that it serves as fast as that port goes.
BitRate rate_of_reducer(const FabricPlan& plan, const FabricAdjacency& adjacency, FabricPort nic) {
  const uint32_t at = adjacency.peer_of(nic).node;
  const uint32_t ports = plan.nodes[at].port_count - plan.nodes[nic.node].port_count;
  BitRate sum{0};
  for (uint32_t i = 0; i < kPortsOfReducerNic; ++i) {
    const FabricPort port{at, nic.port * kPortsOfReducerNic + i};
    if (port.port < ports && adjacency.link_of(port) != FabricAdjacency::kNoLink)
      sum.bps += plan.links[adjacency.link_of(port)].rate.bps;
  }
  return sum;
}

}  // namespace

std::vector<std::vector<Bytes>> headrooms_of(const FabricPlan& plan, const NodeSettings& settings) {
  std::vector<std::vector<Bytes>> headrooms;
  const FabricAdjacency adjacency(plan);
  for (const FabricNode& node : plan.nodes) headrooms.emplace_back(node.port_count);
  const auto one_way = [&](const FabricLink& link, FabricPort from, FabricPort to) {
    if (!plan.is_switch(to.node)) return;
    const SwitchSettings& at = settings.switch_at(to.node);
    const BitRate rate =
        from.node < plan.first_reducer() ? link.rate : rate_of_reducer(plan, adjacency, from);
    headrooms[to.node][to.port] =
        plan.is_switch(from.node)
            ? headroom_from_switch(rate, link.propagation, at, settings.switch_at(from.node), settings.mtu)
            : headroom_from_host(rate, link.propagation, at, settings.nic_at(from.node), settings.mtu);
  };
  for (const FabricLink& link : plan.links) {
    one_way(link, link.a, link.b);
    one_way(link, link.b, link.a);
  }
  return headrooms;
}

}  // namespace railyard
