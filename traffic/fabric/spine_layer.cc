// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/spine_layer.h"

#include <fmt/format.h>

#include "traffic/fabric/fabric_wiring.h"

namespace railyard {
namespace {

tl::expected<void, std::string> check_counts(const FabricSettings& settings, uint64_t leaf_count) {
  if (settings.leaves == 0) return tl::make_unexpected("leaves: 0 leaves carry no hosts: set 1 or more");
  if (settings.hosts_per_leaf == 0)
    return tl::make_unexpected("hosts_per_leaf: 0 leaves the fabric without hosts: set 1 or more");
  if (settings.spines == 0 && leaf_count > 1) {
    return tl::make_unexpected(
        fmt::format("spines: {} leaves need a spine to reach each other: set 1 or more", leaf_count));
  }
  if (settings.spines > 0 && settings.leaf_spine_links == 0)
    return tl::make_unexpected("leaf_spine_links: 0 leaves the spines unconnected: set 1 or more");
  return {};
}

}  // namespace

tl::expected<void, std::string> check_spine_layer(const FabricSettings& settings, uint64_t leaf_count,
                                                  uint64_t down_ports) {
  const uint64_t parallel = settings.leaf_spine_links;
  return check_counts(settings, leaf_count)
      .and_then([&] { return check_ports("hosts_per_leaf", "leaf", down_ports); })
      .and_then([&] { return check_ports("spines", "leaf", down_ports + settings.spines * parallel); })
      .and_then(
          [&] { return check_ports("leaves", "spine", settings.spines == 0 ? 0 : leaf_count * parallel); })
      .and_then([&] { return check_endpoints("leaves", leaf_count * down_ports); });
}

uint32_t add_leaves_and_spines(FabricPlan& plan, const FabricSettings& settings, uint32_t leaf_count,
                               uint32_t down_ports) {
  const uint32_t parallel = settings.leaf_spine_links;
  const uint32_t leaf_ports = down_ports + settings.spines * parallel;
  const uint32_t leaves = add_nodes(plan, FabricTier::Leaf, "leaf", leaf_count, leaf_ports);
  const uint32_t spines = add_nodes(plan, FabricTier::Spine, "spine", settings.spines, leaf_count * parallel);
  for (uint32_t leaf = 0; leaf < leaf_count; ++leaf) {
    for (uint32_t up = 0; up < settings.spines * parallel; ++up) {
      add_switch_link(plan, settings, {leaves + leaf, down_ports + up},
                      {spines + up / parallel, leaf * parallel + up % parallel});
    }
  }
  return leaves;
}

}  // namespace railyard
