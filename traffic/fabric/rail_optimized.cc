// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/rail_optimized.h"

#include "traffic/fabric/fabric_wiring.h"
#include "traffic/fabric/spine_layer.h"

namespace railyard {

tl::expected<FabricPlan, std::string> wire_rail_optimized(const FabricSettings& settings) {
  const uint32_t rails = settings.nics_per_host;
  const uint64_t leaf_count = uint64_t{rails} * settings.leaves;
  if (auto ok = check_spine_layer(settings, leaf_count, settings.hosts_per_leaf); !ok)
    return tl::make_unexpected(ok.error());
  FabricPlan plan;
  plan.host_count = settings.leaves * settings.hosts_per_leaf;
  plan.nics_per_host = rails;
  add_nodes(plan, FabricTier::Host, "host", plan.host_count, rails);
  const uint32_t leaves = add_leaves_and_spines(plan, settings, leaf_count, settings.hosts_per_leaf);
  for (uint32_t host = 0; host < plan.host_count; ++host) {
    for (uint32_t rail = 0; rail < rails; ++rail) {
      const uint32_t leaf = leaves + rail * settings.leaves + host / settings.hosts_per_leaf;
      add_host_link(plan, settings, {host, rail}, {leaf, host % settings.hosts_per_leaf});
    }
  }
  return plan;
}

}  // namespace railyard
