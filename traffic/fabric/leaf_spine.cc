// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/leaf_spine.h"

#include "traffic/fabric/fabric_wiring.h"
#include "traffic/fabric/spine_layer.h"

namespace railyard {

tl::expected<FabricPlan, std::string> wire_leaf_spine(const FabricSettings& settings) {
  const uint32_t nics = settings.nics_per_host;
  const uint64_t down_ports = uint64_t{settings.hosts_per_leaf} * nics;
  if (auto ok = check_spine_layer(settings, settings.leaves, down_ports); !ok)
    return tl::make_unexpected(ok.error());
  FabricPlan plan;
  plan.host_count = settings.leaves * settings.hosts_per_leaf;
  plan.nics_per_host = nics;
  add_nodes(plan, FabricTier::Host, "host", plan.host_count, nics);
  const uint32_t leaves = add_leaves_and_spines(plan, settings, settings.leaves, down_ports);
  for (uint32_t host = 0; host < plan.host_count; ++host) {
    for (uint32_t nic = 0; nic < nics; ++nic) {
      const uint32_t leaf = leaves + host / settings.hosts_per_leaf;
      const uint32_t port = host % settings.hosts_per_leaf * nics + nic;
      add_host_link(plan, settings, {host, nic}, {leaf, port});
    }
  }
  return plan;
}

tl::expected<FabricPlan, std::string> wire_single_switch(const FabricSettings& settings) {
  FabricSettings one = settings;
  one.leaves = 1;
  one.spines = 0;
  return wire_leaf_spine(one);
}

}  // namespace railyard
