// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/headrooms.h"

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

std::vector<std::vector<Bytes>> headrooms_of(const FabricPlan& plan, const NodeSettings& settings) {
  std::vector<std::vector<Bytes>> headrooms;
  for (const FabricNode& node : plan.nodes) headrooms.emplace_back(node.port_count);
  const auto one_way = [&](const FabricLink& link, FabricPort from, FabricPort to) {
    if (to.node < plan.host_count) return;
    const SwitchSettings& at = settings.switch_at(to.node);
    headrooms[to.node][to.port] =
        from.node < plan.host_count
            ? headroom_from_host(link.rate, link.propagation, at, settings.nic_at(from.node), settings.mtu)
            : headroom_from_switch(link.rate, link.propagation, at, settings.switch_at(from.node),
                                   settings.mtu);
  };
  for (const FabricLink& link : plan.links) {
    one_way(link, link.a, link.b);
    one_way(link, link.b, link.a);
  }
  return headrooms;
}

}  // namespace railyard
