// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/buffer_check.h"

#include <fmt/format.h>

#include "traffic/protocol/switching/headroom.h"
#include "traffic/protocol/switching/switch_layout.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

// What a lossless group of the port needs, when `peer` is at the other end of the link.
Bytes headroom_of(const NetworkSettings& network, const FabricPlan& plan, const FabricLink& link,
                  uint32_t peer) {
  const bool from_host = peer < plan.host_count;
  const SwitchSettings& switches = network.switches;
  return simulated_headroom(
      paused_link(link.rate, link.propagation, switches.pipeline_latency,
                  from_host ? network.nic.nic_latency : switches.pipeline_latency,
                  from_host ? network.nic.pfc_response_time : switches.pfc_response_time,
                  wire::data_frame_bytes(network.nic.mtu, true)));
}

std::vector<std::vector<Bytes>> headrooms_by_node(const NetworkSettings& network, const FabricPlan& plan) {
  std::vector<std::vector<Bytes>> headrooms(plan.nodes.size());
  for (const FabricLink& link : plan.links) {
    headrooms[link.a.node].push_back(headroom_of(network, plan, link, link.b.node));
    headrooms[link.b.node].push_back(headroom_of(network, plan, link, link.a.node));
  }
  return headrooms;
}

std::string mistake_at(const std::string& node, const BufferShares& shares, const SwitchSettings& switches) {
  if (shares.missing.n == 0) return "";
  return fmt::format(
      "switch: {} has {} lossless priority groups, whose headroom takes {} and does not fit into mmu_size "
      "({}): "
      "{} bytes are missing; shorten the links, enlarge mmu_size, or set pool_xoff and accept that frames "
      "may "
      "be dropped",
      node, shares.lossless_groups, format(shares.headroom), format(switches.mmu_size), shares.missing.n);
}

std::string warning_at(const std::string& node, const BufferShares& shares, const SwitchSettings& switches) {
  if (shares.headroom.n < shares.needed.n)
    return fmt::format(
        "switch: {} is not lossless: its {} lossless priority groups may need {} of headroom at once and "
        "have "
        "{}; {} bytes are missing",
        node, shares.lossless_groups, format(shares.needed), format(shares.headroom),
        shares.needed.n - shares.headroom.n);
  if (shares.shared.n < switches.pool_size.n)
    return fmt::format("switch: headroom of {} leaves {} of mmu_size ({}) to the shared pool of {}, not {}",
                       format(shares.headroom), format(shares.shared), format(switches.mmu_size), node,
                       format(switches.pool_size));
  return "";
}

}  // namespace

BufferFinding check_buffers(const NetworkSettings& network, const FabricPlan& plan) {
  const auto headrooms = headrooms_by_node(network, plan);
  uint32_t tightest = 0;
  BufferShares worst;
  for (uint32_t node = plan.host_count; node < plan.nodes.size(); ++node) {
    const BufferShares shares = buffer_shares_of(network.switches, headrooms[node]);
    if (tightest != 0 && shares.needed.n <= worst.needed.n) continue;
    tightest = node;
    worst = shares;
  }
  if (tightest == 0) return {};
  const std::string& name = plan.nodes[tightest].name;
  const std::string mistake = mistake_at(name, worst, network.switches);
  return {mistake, mistake.empty() ? warning_at(name, worst, network.switches) : ""};
}

}  // namespace railyard
