// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/planned_switch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dpdk-app/session/lab_plan.h"
#include "traffic/protocol/switching/equal_cost.h"

namespace railyard::lab {
namespace {

using Done = tl::expected<void, std::string>;

const control::Switch* find_switch(const control::Plan& plan) {
  const auto& all = plan.fabric();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const control::Switch& one) { return one.name() == plan.switch_name(); });
  return found == all.end() ? nullptr : &*found;
}

std::string port_options(const control::Switch& planned) {
  std::string options;
  for (const control::SwitchPort& port : planned.ports())
    options += fmt::format("{}--port {}", options.empty() ? "" : " ", port.name());
  return options;
}

// By their names: the order of the fabric's ports decides what is counted where.
Done check_ports(const control::Switch& planned, const std::vector<std::string>& ports) {
  const auto count = static_cast<size_t>(planned.ports_size());
  if (count > ports.size())
    return tl::make_unexpected(
        fmt::format("{} has {} ports in the fabric, and this soft switch {}; start it with {}",
                    planned.name(), count, ports.size(), port_options(planned)));
  for (size_t i = 0; i < count; ++i)
    if (planned.ports(static_cast<int>(i)).name() != ports[i])
      return tl::make_unexpected(fmt::format(
          "port {} of {} is '{}' in lab.switches, and '{}' here; start it with {}, or correct lab.switches",
          i, planned.name(), planned.ports(static_cast<int>(i)).name(), ports[i], port_options(planned)));
  return {};
}

void take_links(const control::Switch& planned, EmulatedSwitchSettings& settings) {
  settings.node = planned.node();
  settings.to_switch.assign(settings.rates.size(), false);
  for (int i = 0; i < planned.ports_size(); ++i) {
    settings.rates[static_cast<size_t>(i)] = BitRate{planned.ports(i).rate_bps()};
    settings.to_switch[static_cast<size_t>(i)] = planned.ports(i).to_switch();
  }
}

tl::expected<FabricRoutes, std::string> routes_of(const control::Plan& plan, const control::Switch& planned) {
  const auto contradicts = [&](const std::string& what) {
    return tl::make_unexpected(
        fmt::format("the plan's routes of {} do not fit its ports: {}; use one version everywhere",
                    planned.name(), what));
  };
  FabricRoutes routes;
  routes.seed = plan.seed();
  routes.salt = equal_cost_salt(plan.seed(), planned.node());
  for (const control::SwitchPort& port : planned.ports()) routes.on_tree.push_back(port.on_tree());
  for (const control::PortGroup& group : planned.groups()) {
    if (group.ports().empty()) return contradicts("a group without ports");
    FabricRoutes::Ports& ports = routes.groups.emplace_back();
    for (const uint32_t port : group.ports()) {
      if (port >= static_cast<uint32_t>(planned.ports_size()))
        return contradicts(fmt::format("there is no port {}", port));
      ports.push_back(static_cast<uint16_t>(port));
    }
  }
  if (planned.group_of_endpoint_size() != plan.endpoints_size())
    return contradicts(fmt::format("they are for {} endpoints, of {}", planned.group_of_endpoint_size(),
                                   plan.endpoints_size()));
  for (int i = 0; i < plan.endpoints_size(); ++i)
    if (const uint32_t group = planned.group_of_endpoint(i); group < routes.groups.size())
      routes.group_of[plan.endpoints(i).ip()] = static_cast<uint16_t>(group);
  return routes;
}

}  // namespace

tl::expected<PlannedSwitch, std::string> planned_switch(const control::Plan& plan,
                                                        const std::vector<std::string>& ports,
                                                        EmulatedSwitchSettings own) {
  PlannedSwitch made;
  made.name = plan.switch_name();
  made.settings = std::move(own);
  EmulatedSwitchSettings& settings = made.settings;
  if (const auto within = check_limits(plan); !within) return tl::make_unexpected(within.error());
  if (const auto taken = take_switches(plan, settings.switching); !taken)
    return tl::make_unexpected(taken.error());
  if (const auto taken = take_nics(plan, settings.hosts); !taken) return tl::make_unexpected(taken.error());
  const control::Switch* planned = find_switch(plan);
  if (planned == nullptr)
    return tl::make_unexpected(
        fmt::format("the plan has no soft switch '{}'; use one version everywhere", made.name));
  if (const auto fit = check_ports(*planned, ports); !fit) return tl::make_unexpected(fit.error());
  take_links(*planned, settings);
  settings.link_delay = SimTime{plan.link_delay_ps()};
  settings.seed = plan.seed();
  if (const auto good = check(settings); !good) return tl::make_unexpected(good.error());
  auto routes = routes_of(plan, *planned);
  if (!routes) return tl::make_unexpected(routes.error());
  made.routes = *std::move(routes);
  made.port_faults.resize(settings.rates.size());
  for (const control::Fault& fault : plan.faults()) {
    if (!fault.switch_name().empty() && fault.switch_name() != made.name) continue;
    made.faults.push_back(fault);
    if (const auto set = set_fault(made.port_faults, fault.path(), fault.text()); !set)
      return tl::make_unexpected(set.error());
  }
  return made;
}

}  // namespace railyard::lab
