// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/scenario_switch.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/scenario/scenario_loader.h"
#include "tools/scenario/time_scale.h"

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

}  // namespace

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
