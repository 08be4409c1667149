// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/scenario_writer.h"

#include <algorithm>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "tools/scenario/digest.h"
#include "tools/scenario/sections.h"

namespace railyard {
namespace {

// "0-7:0,8-15:1" as a flow map.
void emit_map(YAML::Emitter& out, std::string_view text) {
  out << YAML::Flow << YAML::BeginMap;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view entry = text.substr(0, comma);
    const size_t colon = entry.find(':');
    out << YAML::Key << std::string(entry.substr(0, colon)) << YAML::Value
        << std::string(entry.substr(colon + 1));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  out << YAML::EndMap;
}

void emit(YAML::Emitter& out, const BoundParameter& parameter) {
  out << YAML::Key << std::string(parameter.name) << YAML::Value;
  if (parameter.kind() == ParameterKind::Map)
    emit_map(out, parameter.text());
  else
    out << parameter.text();
}

void emit(YAML::Emitter& out, const std::vector<BoundParameter>& parameters) {
  for (const BoundParameter& parameter : parameters) emit(out, parameter);
}

void emit(YAML::Emitter& out, const Section& section) {
  if (section.parameters.empty()) return;
  out << YAML::Key << std::string(section.key) << YAML::Value << YAML::BeginMap;
  emit(out, section.parameters);
  out << YAML::EndMap;
}

// Only what `setting` has otherwise than `base`.
std::vector<Section> differences(NetworkSettings& base, NetworkSettings& setting) {
  const std::vector<Section> originals = network_sections(base);
  std::vector<Section> sections = network_sections(setting);
  for (size_t i = 0; i < sections.size(); ++i) {
    std::vector<BoundParameter> changed;
    for (size_t j = 0; j < sections[i].parameters.size(); ++j)
      if (sections[i].parameters[j].text() != originals[i].parameters[j].text())
        changed.push_back(sections[i].parameters[j]);
    sections[i].parameters = changed;
  }
  return sections;
}

void emit_settings(YAML::Emitter& out, Scenario& scenario) {
  out << YAML::Key << "settings" << YAML::Value << YAML::BeginMap;
  for (Setting& setting : scenario.settings) {
    out << YAML::Key << setting.name << YAML::Value << YAML::BeginMap;
    for (const Section& section : differences(scenario.network, setting.network)) emit(out, section);
    out << YAML::EndMap;
  }
  out << YAML::EndMap;
}

void emit_jobs(YAML::Emitter& out, Scenario& scenario) {
  out << YAML::Key << "jobs" << YAML::Value << YAML::BeginSeq;
  for (Job& job : scenario.jobs) {
    out << YAML::BeginMap;
    emit(out, job_parameters(job));
    emit(out, source_section(job));
    emit(out, placement_section(job));
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void emit_ports(YAML::Emitter& out, LabAgent& agent) {
  out << YAML::Key << "ports" << YAML::Value << YAML::BeginSeq;
  for (LabPort& port : agent.ports) {
    out << YAML::BeginMap;
    emit(out, port_parameters(port));
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void emit_faults(YAML::Emitter& out, const LabSwitch& lab_switch) {
  if (lab_switch.faults.empty()) return;
  out << YAML::Key << "faults" << YAML::Value << YAML::BeginMap;
  for (const LabFault& fault : lab_switch.faults) out << YAML::Key << fault.path << YAML::Value << fault.text;
  out << YAML::EndMap;
}

void emit_lab(YAML::Emitter& out, LabSettings& lab) {
  if (!lab.present) return;
  out << YAML::Key << "lab" << YAML::Value << YAML::BeginMap;
  emit(out, lab_section(lab).parameters);
  out << YAML::Key << "agents" << YAML::Value << YAML::BeginSeq;
  for (LabAgent& agent : lab.agents) {
    out << YAML::BeginMap;
    emit(out, agent_parameters(agent));
    emit_ports(out, agent);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::Key << "switches" << YAML::Value << YAML::BeginSeq;
  for (LabSwitch& lab_switch : lab.switches) {
    out << YAML::BeginMap;
    emit(out, switch_parameters(lab_switch));
    out << YAML::Key << "ports" << YAML::Value << YAML::BeginSeq;
    for (const std::string& port : lab_switch.ports) out << port;
    out << YAML::EndSeq;
    emit_faults(out, lab_switch);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::EndMap;
}

// Of the settings that are written: others could not be read back.
std::vector<Expectation> expectations_of(const Scenario& scenario) {
  std::vector<Expectation> kept;
  for (const Expectation& expectation : scenario.expectations)
    if (expectation.setting.empty() ||
        std::any_of(scenario.settings.begin(), scenario.settings.end(),
                    [&](const Setting& setting) { return setting.name == expectation.setting; }))
      kept.push_back(expectation);
  return kept;
}

void emit_expectations(YAML::Emitter& out, const Scenario& scenario) {
  const std::vector<Expectation> expectations = expectations_of(scenario);
  if (expectations.empty()) return;
  out << YAML::Key << "expect" << YAML::Value << YAML::BeginSeq;
  for (const Expectation& expectation : expectations) {
    if (expectation.setting.empty())
      out << expectation.text;
    else
      out << YAML::BeginMap << YAML::Key << expectation.setting << YAML::Value << expectation.text
          << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

}  // namespace

std::string resolved_yaml(const Scenario& original) {
  Scenario scenario = original;
  YAML::Emitter out;
  out << YAML::BeginMap;
  emit(out, scenario_parameters(scenario));
  out << YAML::Key << "seeds" << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const uint64_t seed : scenario.seeds) out << std::to_string(seed);
  out << YAML::EndSeq;
  for (const Section& section : network_sections(scenario.network)) emit(out, section);
  emit_settings(out, scenario);
  emit_jobs(out, scenario);
  for (const Section& section : run_sections(scenario)) emit(out, section);
  emit_lab(out, scenario.lab);
  emit_expectations(out, scenario);
  out << YAML::EndMap << YAML::Newline;
  return out.c_str();
}

std::string resolved_yaml(const Scenario& original, const Setting& setting) {
  Scenario scenario = original;
  scenario.network = setting.network;
  scenario.settings = {setting};
  return resolved_yaml(scenario);
}

Scenario with_full_paths(Scenario scenario) {
  const auto full = [&](std::string& path) {
    path = std::filesystem::absolute(scenario.file.parent_path() / path).lexically_normal().string();
  };
  for (Job& job : scenario.jobs)
    for (std::string* path : job_files(job)) full(*path);
  if (!scenario.lab.token_file.empty()) full(scenario.lab.token_file);
  return scenario;
}

std::string configuration_hash(const Scenario& scenario, const std::vector<std::string>& trace_digests) {
  std::string text = resolved_yaml(scenario);
  for (const std::string& digest : trace_digests) text += digest + "\n";
  return sha256(text);
}

}  // namespace railyard
