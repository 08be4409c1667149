// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/lab_reader.h"

#include <fmt/format.h>

#include "tools/scenario/sections.h"
#include "traffic/parameter/file_name.h"

namespace railyard {
namespace {

// A list whose elements are read by `read`.
Key list_key(YamlReader& reader, std::string_view name, const std::function<void(const YAML::Node&)>& read) {
  return {name, [&reader, name, read](const YAML::Node& node) { reader.read_list(node, name, read); }};
}

void require(YamlReader& reader, Place place, std::string_view what, std::string_view key,
             const std::string& value) {
  if (value.empty()) reader.error(place, fmt::format("{} has no {}: add '{}:'", what, key, key));
}

void check_name(YamlReader& reader, Place place, std::string_view what, const std::string& name) {
  if (name.empty()) return;  // told already
  if (const std::string mistake = name_mistake(name); !mistake.empty())
    reader.error(place, fmt::format("the name of {}: {}", what, mistake));
}

void read_port(YamlReader& reader, const YAML::Node& node, LabAgent& agent) {
  LabPort port;
  port.place = place_of(node);
  reader.read_map(node, "a port of an agent", reader.keys_of(port_parameters(port)));
  if (!node.IsMap()) return;
  for (const auto& [key, value] : {std::pair("nic", port.nic), {"port", port.port}, {"ip", port.ip}})
    require(reader, port.place, "this port", key, value);
  if (const std::string mistake = port_mistake(port.port); !mistake.empty())
    reader.error(port.place, mistake);
  agent.ports.push_back(port);
}

void read_agent(YamlReader& reader, const YAML::Node& node, LabSettings& lab) {
  LabAgent agent;
  agent.place = place_of(node);
  std::vector<Key> keys = reader.keys_of(agent_parameters(agent));
  keys.push_back(list_key(reader, "ports", [&](const YAML::Node& port) { read_port(reader, port, agent); }));
  reader.read_map(node, "an agent", keys);
  if (!node.IsMap()) return;
  require(reader, agent.place, "this agent", "name", agent.name);
  check_name(reader, agent.place, "this agent", agent.name);
  require(reader, agent.place, "this agent", "address", agent.address);
  lab.agents.push_back(std::move(agent));
}

void read_faults(YamlReader& reader, const YAML::Node& node, LabSwitch& lab_switch) {
  reader.read_named(node, "faults", [&](const YAML::Node& path, const YAML::Node& value) {
    LabFault fault{path.Scalar(), "", place_of(path)};
    if (reader.read_scalar(value, "faults." + fault.path, fault.text)) lab_switch.faults.push_back(fault);
  });
}

void read_switch(YamlReader& reader, const YAML::Node& node, LabSettings& lab) {
  LabSwitch lab_switch;
  lab_switch.place = place_of(node);
  std::vector<Key> keys = reader.keys_of(switch_parameters(lab_switch));
  keys.push_back(list_key(reader, "ports", [&](const YAML::Node& port) {
    std::string name;
    if (reader.read_scalar(port, "ports", name)) lab_switch.ports.push_back(name);
  }));
  keys.push_back({"faults", [&](const YAML::Node& faults) { read_faults(reader, faults, lab_switch); }});
  reader.read_map(node, "a switch of the lab", keys);
  if (!node.IsMap()) return;
  require(reader, lab_switch.place, "this switch", "name", lab_switch.name);
  check_name(reader, lab_switch.place, "this switch", lab_switch.name);
  if (lab_switch.kind != LabSwitchKind::Unmanaged)
    require(reader, lab_switch.place, "this switch", "address", lab_switch.address);
  lab.switches.push_back(std::move(lab_switch));
}

}  // namespace

void read_lab(YamlReader& reader, const YAML::Node& node, LabSettings& lab) {
  lab.present = true;
  lab.place = place_of(node);
  std::vector<Key> keys = reader.keys_of(lab_section(lab).parameters);
  keys.push_back(
      list_key(reader, "agents", [&](const YAML::Node& agent) { read_agent(reader, agent, lab); }));
  keys.push_back(
      list_key(reader, "switches", [&](const YAML::Node& entry) { read_switch(reader, entry, lab); }));
  reader.read_map(node, "'lab'", keys);
}

}  // namespace railyard
