// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/fabric_builder.h"

#include <fmt/format.h>

#include <string_view>

#include "traffic/fabric/fabric_wiring.h"
#include "traffic/fabric/fat_tree.h"
#include "traffic/fabric/leaf_spine.h"
#include "traffic/fabric/rail_optimized.h"
#include "traffic/fabric/reducers.h"
#include "traffic/fabric/routing.h"

namespace railyard {
namespace {

tl::expected<void, std::string> check_rate(const char* parameter, BitRate rate) {
  if (!rate.is_whole_ps_per_byte()) {
    return tl::make_unexpected(
        fmt::format("{}: at {} a byte does not last a whole number of picoseconds: set a standard "
                    "Ethernet rate such as 25Gbps, 100Gbps, 400Gbps or 800Gbps",
                    parameter, format(rate)));
  }
  return {};
}

tl::expected<void, std::string> check_common(const FabricSettings& settings) {
  if (settings.nics_per_host == 0)
    return tl::make_unexpected("nics_per_host: a host without NICs sends nothing: set 1 or more");
  // Large buffers over a slower link would take longer than a time can be.
  if (settings.scale_up_rate.bps != 0 && settings.scale_up_rate < BitRate::megabits(1)) {
    return tl::make_unexpected(
        fmt::format("scale_up_rate: {} is too slow: set 1Mbps or more, "
                    "or 0 for none",
                    format(settings.scale_up_rate)));
  }
  if (settings.scale_up_reduces() && settings.scale_up_rate.bps == 0)
    return tl::make_unexpected(
        "in_network_reduction: scale-up links that are not there cannot reduce: set scale_up_rate, or "
        "in_network_reduction to switches or none");
  return check_rate("link_rate", settings.link_rate).and_then([&] {
    return check_rate("uplink_rate", uplink_rate_of(settings));
  });
}

tl::expected<FabricPlan, std::string> wire(const FabricSettings& settings) {
  switch (settings.kind) {
    case FabricKind::FatTree:
      return wire_fat_tree(settings);
    case FabricKind::LeafSpine:
      return wire_leaf_spine(settings);
    case FabricKind::RailOptimized:
      return wire_rail_optimized(settings);
    case FabricKind::SingleSwitch:
      return wire_single_switch(settings);
  }
  return tl::make_unexpected(fmt::format("kind: there is no fabric kind {}: use a value of FabricKind",
                                         static_cast<uint32_t>(settings.kind)));
}

constexpr std::string_view kSingleSwitch = "single switch";

std::string shape_in_words(const FabricSettings& settings) {
  switch (settings.kind) {
    case FabricKind::FatTree:
      return fmt::format("k={} fat-tree", settings.k);
    case FabricKind::LeafSpine:
      return settings.spines == 0 ? std::string(kSingleSwitch)
                                  : fmt::format("{}x{} leaf-spine", settings.leaves, settings.spines);
    case FabricKind::RailOptimized:
      return fmt::format("{}-rail", settings.nics_per_host);
    case FabricKind::SingleSwitch:
      return std::string(kSingleSwitch);
  }
  return "fabric";
}

std::string counted(size_t n, const char* singular, const char* plural) {
  return fmt::format("{} {}", n, n == 1 ? singular : plural);
}

}  // namespace

tl::expected<FabricPlan, std::string> build_fabric(const FabricSettings& settings) {
  if (auto ok = check_common(settings); !ok) return tl::make_unexpected(ok.error());
  auto plan = wire(settings);
  if (!plan) return plan;
  if (settings.switches_reduce())
    if (auto ok = add_reducers(*plan, settings); !ok) return tl::make_unexpected(ok.error());
  plan->routes = compute_routes(*plan);
  return plan;
}

double oversubscription_of(const FabricPlan& plan) {
  uint64_t down = 0;
  uint64_t up = 0;
  for (const FabricLink& link : plan.links) {
    if (plan.nodes[link.a.node].tier == FabricTier::Host) {
      down += link.rate.bps;
    } else if (plan.nodes[link.a.node].tier == FabricTier::Leaf) {
      up += link.rate.bps;
    }
  }
  return up == 0 ? 0 : static_cast<double>(down) / static_cast<double>(up);
}

std::string describe_fabric(const FabricSettings& settings, const FabricPlan& plan) {
  const std::string shape = shape_in_words(settings);
  std::string text = fmt::format("{}: {}", shape, counted(plan.host_count, "host", "hosts"));
  if (plan.nics_per_host > 1) {
    text += fmt::format(" of {} NICs", plan.nics_per_host);
  }
  const size_t switches = plan.first_reducer() - plan.host_count;
  if (shape != kSingleSwitch) text += ", " + counted(switches, "switch", "switches");
  if (const double ratio = oversubscription_of(plan); ratio > 0) {
    text += fmt::format(", {:.3g}:1", ratio);
  }
  return text;
}

}  // namespace railyard
