// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/fat_tree.h"

#include <fmt/format.h>

#include "traffic/fabric/fabric_wiring.h"

namespace railyard {
namespace {

tl::expected<void, std::string> check_fat_tree(const FabricSettings& settings, uint64_t hosts_per_leaf) {
  const uint64_t k = settings.k;
  if (k < 2 || k % 2 != 0) {
    return tl::make_unexpected(fmt::format(
        "k: a fat-tree needs an even number of ports from 2 up, not {}: set {}", k, k < 2 ? 2 : k + 1));
  }
  return check_ports("k", "spine", k)
      .and_then([&] {
        return check_ports("hosts_per_leaf", "leaf", hosts_per_leaf * settings.nics_per_host + k / 2);
      })
      .and_then([&] { return check_endpoints("k", k * (k / 2) * hosts_per_leaf * settings.nics_per_host); });
}

}  // namespace

tl::expected<FabricPlan, std::string> wire_fat_tree(const FabricSettings& settings) {
  const uint32_t half = settings.k / 2;
  const uint32_t hosts_per_leaf = settings.hosts_per_leaf == 0 ? half : settings.hosts_per_leaf;
  if (auto ok = check_fat_tree(settings, hosts_per_leaf); !ok) return tl::make_unexpected(ok.error());
  const uint32_t pods = settings.k;
  const uint32_t nics = settings.nics_per_host;
  const uint32_t down_ports = hosts_per_leaf * nics;

  FabricPlan plan;
  plan.host_count = pods * half * hosts_per_leaf;
  plan.nics_per_host = nics;
  add_nodes(plan, FabricTier::Host, "host", plan.host_count, nics);
  const uint32_t leaves = add_nodes(plan, FabricTier::Leaf, "leaf", pods * half, down_ports + half);
  const uint32_t spines = add_nodes(plan, FabricTier::Spine, "spine", pods * half, settings.k);
  const uint32_t cores = add_nodes(plan, FabricTier::Core, "core", half * half, pods);

  for (uint32_t host = 0; host < plan.host_count; ++host) {
    for (uint32_t nic = 0; nic < nics; ++nic) {
      const uint32_t leaf = leaves + host / hosts_per_leaf;
      add_host_link(plan, settings, {host, nic}, {leaf, host % hosts_per_leaf * nics + nic});
    }
  }
  for (uint32_t pod = 0; pod < pods; ++pod) {
    for (uint32_t i = 0; i < half; ++i) {
      for (uint32_t j = 0; j < half; ++j) {
        const uint32_t leaf = leaves + pod * half + i;
        const uint32_t spine = spines + pod * half + j;
        add_switch_link(plan, settings, {leaf, down_ports + j}, {spine, i});
        // Here i is the spine's number in its pod, and j the uplink's on that spine.
        add_switch_link(plan, settings, {spines + pod * half + i, half + j}, {cores + i * half + j, pod});
      }
    }
  }
  return plan;
}

}  // namespace railyard
