// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/scenario_switch.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/scenario/lab_address.h"
#include "tools/scenario/scenario_loader.h"
#include "tools/scenario/time_scale.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/spanning_tree.h"

namespace railyard::lab {
namespace {

tl::expected<const Setting*, std::string> choose_setting(const Scenario& scenario, const std::string& name) {
  if (name.empty() && scenario.settings.size() == 1) return &scenario.settings.front();
  std::vector<std::string> names;
  for (const Setting& setting : scenario.settings) {
    if (setting.name == name) return &setting;
    names.push_back(setting.name);
  }
  return tl::make_unexpected(
      fmt::format("{}{}: choose --setting from {}", scenario.file.string(),
                  name.empty() ? " has several settings" : fmt::format(" has no setting '{}'", name),
                  fmt::join(names, ", ")));
}

// Null where the scenario names no soft switch.
tl::expected<const LabSwitch*, std::string> choose_switch(const Scenario& scenario, const std::string& name) {
  std::vector<const LabSwitch*> softswitches;
  std::vector<std::string> names;
  for (const LabSwitch& lab_switch : scenario.lab.switches) {
    if (lab_switch.kind != LabSwitchKind::Softswitch) continue;
    if (lab_switch.name == name) return &lab_switch;
    softswitches.push_back(&lab_switch);
    names.push_back(lab_switch.name);
  }
  if (softswitches.empty()) return nullptr;
  if (softswitches.size() == 1) return softswitches.front();
  return tl::make_unexpected(fmt::format("{} has several soft switches: choose --name from {}",
                                         scenario.file.string(), fmt::join(names, ", ")));
}

SwitchOptions options_of(const LabSwitch& lab_switch, const std::vector<bool>& tree) {
  SwitchOptions options;
  options.name = lab_switch.name;
  options.ports = lab_switch.ports;
  options.faults.resize(options.ports.size());
  options.tree = tree;
  options.session.address = lab_switch.address;
  options.listens = true;
  return options;
}

}  // namespace

tl::expected<std::vector<SwitchOptions>, std::string> switches_of_lab(const std::string& file,
                                                                      const std::string& name) {
  const auto scenario = load_scenario(file);
  if (!scenario) return tl::make_unexpected(fmt::format("{}", fmt::join(scenario.error(), "\n")));
  const auto fabric = build_fabric(scenario->settings.front().network.fabric);
  if (!fabric) return tl::make_unexpected(fmt::format("{}: {}", file, fabric.error()));
  const auto tree = spanning_tree(*fabric);
  std::vector<SwitchOptions> switches;
  std::vector<std::string> names;
  for (const LabSwitch& lab_switch : scenario->lab.switches) {
    if (lab_switch.kind != LabSwitchKind::Softswitch) continue;
    names.push_back(lab_switch.name);
    if (!name.empty() && lab_switch.name != name) continue;
    switches.push_back(options_of(lab_switch, tree[switch_of(lab_switch.name, *fabric).value()]));
  }
  if (!switches.empty()) return switches;
  return tl::make_unexpected(names.empty()
                                 ? fmt::format("{} has no soft switch: list some in lab.switches", file)
                                 : fmt::format("{} has no soft switch '{}': choose --name from {}", file,
                                               name, fmt::join(names, ", ")));
}

tl::expected<void, std::string> take_from_scenario(const std::string& file, const std::string& setting,
                                                   SoftswitchOptions& options) {
  const auto loaded = load_scenario(file);
  if (!loaded) return tl::make_unexpected(fmt::format("{}", fmt::join(loaded.error(), "\n")));
  const auto played = scaled(*loaded);
  if (!played) return tl::make_unexpected(fmt::format("{}: {}", file, played.error()));
  const auto chosen = choose_setting(*played, setting);
  if (!chosen) return tl::make_unexpected(chosen.error());
  const auto lab_switch = choose_switch(*played, options.name);
  if (!lab_switch) return tl::make_unexpected(lab_switch.error());
  const NetworkSettings& network = (*chosen)->network;
  options.settings.switching = network.switches;
  options.settings.hosts = network.nic;
  options.settings.link_delay = network.fabric.link_delay;
  options.settings.rates.assign(options.ports.size(), network.fabric.link_rate);
  if (*lab_switch == nullptr) return {};
  for (const LabFault& fault : (*lab_switch)->faults)
    if (const auto set = set_fault(options.faults, fault.path, fault.text); !set)
      return tl::make_unexpected(fmt::format("{}: {}", file, set.error()));
  return {};
}

}  // namespace railyard::lab
