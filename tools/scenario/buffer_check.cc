// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/buffer_check.h"

#include <fmt/format.h>

#include "traffic/fabric/headrooms.h"
#include "traffic/protocol/switching/switch_layout.h"

namespace railyard {
namespace {

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
  NodeSettings settings;
  settings.switch_at = [&](uint32_t) -> const SwitchSettings& { return network.switches; };
  settings.nic_at = [&](uint32_t) -> const NicSettings& { return network.nic; };
  settings.mtu = network.nic.mtu;
  const auto headrooms = headrooms_of(plan, settings);
  uint32_t tightest = 0;
  BufferShares worst;
  for (uint32_t node = plan.host_count; node < plan.first_reducer(); ++node) {
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
