// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/overrides.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/scenario/sections.h"
#include "traffic/parameter/file_name.h"
#include "traffic/parameter/nearest_name.h"
#include "traffic/protocol/switching/fault_settings.h"

namespace railyard {
namespace {

using Done = tl::expected<void, std::string>;

struct Target {
  std::string path;
  BoundParameter parameter;
};

void add(std::vector<Target>& targets, const std::string& prefix,
         const std::vector<BoundParameter>& parameters) {
  for (const BoundParameter& parameter : parameters) {
    // A name is what the paths of its owner are made of.
    if (parameter.name == "name" && !prefix.empty()) continue;
    targets.push_back({fmt::format("{}{}", prefix, parameter.name), parameter});
  }
}

void add(std::vector<Target>& targets, const std::string& prefix, const Section& section) {
  add(targets, fmt::format("{}{}.", prefix, section.key), section.parameters);
}

void add_lab(std::vector<Target>& targets, LabSettings& lab) {
  add(targets, "", lab_section(lab));
  for (LabAgent& agent : lab.agents) {
    const std::string prefix = fmt::format("lab.agents.{}.", agent.name);
    add(targets, prefix, agent_parameters(agent));
    for (LabPort& port : agent.ports)
      add(targets, fmt::format("{}{}.", prefix, port.nic), port_parameters(port));
  }
  for (LabSwitch& lab_switch : lab.switches)
    add(targets, fmt::format("lab.switches.{}.", lab_switch.name), switch_parameters(lab_switch));
}

std::vector<Target> targets_of(Scenario& scenario) {
  std::vector<Target> targets;
  add(targets, "", scenario_parameters(scenario));
  for (const Section& section : network_sections(scenario.network)) add(targets, "", section);
  for (Setting& setting : scenario.settings)
    for (const Section& section : network_sections(setting.network)) add(targets, "", section);
  for (const Section& section : run_sections(scenario)) add(targets, "", section);
  for (Job& job : scenario.jobs) {
    const std::string prefix = fmt::format("jobs.{}.", job.name);
    add(targets, prefix, job_parameters(job));
    add(targets, prefix, source_section(job));
    add(targets, prefix, placement_section(job));
  }
  add_lab(targets, scenario.lab);
  return targets;
}

std::string preset_key(const CongestionAlgorithm& algorithm) {
  return fmt::format("{}.preset", algorithm.name);
}

// The index of the algorithm of whose presets `key` says one.
std::optional<size_t> preset_of(std::string_view key) {
  const auto& rows = congestion_algorithms();
  for (size_t i = 0; i < rows.size(); ++i)
    if (!rows[i].presets.empty() && key == preset_key(rows[i])) return i;
  return std::nullopt;
}

Done set_preset(Scenario& scenario, size_t algorithm, std::string_view name) {
  for (Setting& setting : scenario.settings)
    if (auto done = apply_preset(setting.network, algorithm, name); !done) return done;
  return apply_preset(scenario.network, algorithm, name);
}

// "lab.switches.leaf0.faults."
std::string faults_prefix(const LabSwitch& lab_switch) {
  return fmt::format("lab.switches.{}.faults.", lab_switch.name);
}

// The switch of whose faults `key` says one, and which.
std::pair<LabSwitch*, std::string> fault_of(LabSettings& lab, std::string_view key) {
  for (LabSwitch& lab_switch : lab.switches) {
    const std::string prefix = faults_prefix(lab_switch);
    if (key.substr(0, prefix.size()) == prefix) return {&lab_switch, std::string(key.substr(prefix.size()))};
  }
  return {nullptr, ""};
}

// Whether it names a port and a fault that exist is checked with the fabric.
void set_fault_text(LabSwitch& lab_switch, const std::string& path, std::string_view text) {
  std::vector<LabFault>& faults = lab_switch.faults;
  faults.erase(
      std::remove_if(faults.begin(), faults.end(), [&](const LabFault& fault) { return fault.path == path; }),
      faults.end());
  faults.push_back({path, std::string(text), lab_switch.place});
}

// Every path that --set takes, but those with a fault's port or direction.
std::vector<std::string> paths_of(Scenario& scenario) {
  std::vector<std::string> paths = {"seeds"};
  for (const Target& target : targets_of(scenario)) paths.push_back(target.path);
  for (const CongestionAlgorithm& algorithm : congestion_algorithms())
    if (!algorithm.presets.empty()) paths.push_back(preset_key(algorithm));
  for (const LabSwitch& lab_switch : scenario.lab.switches)
    for (const Parameter<FaultSettings>& row : parameters_of(static_cast<const FaultSettings*>(nullptr)))
      paths.push_back(faults_prefix(lab_switch) + std::string(row.name));
  return paths;
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

// How many characters of `key`, up to a dot, some of the paths begin with.
size_t known_length(std::string_view key, const std::vector<std::string>& paths) {
  size_t known = 0;
  for (size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1))
    for (const std::string& path : paths)
      if (path.compare(0, dot + 1, key.substr(0, dot + 1)) == 0) known = dot + 1;
  return known;
}

// "jobs.training has no 'byte'; did you mean 'jobs.training.incast.bytes'?", of a key that is none of
// `paths`.
std::string unknown_key(std::string_view key, const std::vector<std::string>& paths) {
  const size_t known = known_length(key, paths);
  const std::string_view before = key.substr(0, known),
                         part = key.substr(known, key.find('.', known) - known);
  std::vector<std::string_view> next, leaves,
      whole;  // what may follow `before`, where that may lead, and all of it
  for (const std::string& path : paths) {
    if (path.compare(0, known, before) != 0) continue;
    const std::string_view rest = std::string_view(path).substr(known), name = rest.substr(0, rest.find('.'));
    if (name == part) return fmt::format("this names a group of values: name one, such as {}", path);
    if (std::find(next.begin(), next.end(), name) == next.end()) next.push_back(name);
    leaves.push_back(last_part(path));
    whole.push_back(path);
  }
  const std::string what = known == 0 ? fmt::format("there is no '{}'", part)
                                      : fmt::format("{} has no '{}'", before.substr(0, known - 1), part);
  if (const std::string_view name = nearest_name(part, next); !name.empty())
    return fmt::format("{}; did you mean '{}{}'?", what, before, name);
  const auto leaf = std::find(leaves.begin(), leaves.end(), nearest_name(last_part(key), leaves));
  if (leaf != leaves.end() && !leaf->empty())
    return fmt::format("{}; did you mean '{}'?", what, whole[static_cast<size_t>(leaf - leaves.begin())]);
  return fmt::format("{}; {} {}", what, known == 0 ? "there are" : "it has", fmt::join(next, ", "));
}

Done set_parameter(Scenario& scenario, std::string_view key, std::string_view value) {
  if (const auto [lab_switch, fault] = fault_of(scenario.lab, key); lab_switch != nullptr) {
    set_fault_text(*lab_switch, fault, value);
    return {};
  }
  if (const std::string mistake = name_mistake(value); key == "name" && !mistake.empty())
    return tl::make_unexpected(mistake);
  bool found = false;
  for (const Target& target : targets_of(scenario)) {
    if (target.path != key) continue;
    found = true;
    if (auto done = target.parameter.set(value); !done) return done;
  }
  if (!found) return tl::make_unexpected(unknown_key(key, paths_of(scenario)));
  constexpr std::string_view kLab = "lab.";
  if (key.substr(0, kLab.size()) == kLab) scenario.lab.present = true;
  return {};
}

}  // namespace

Done apply_override(Scenario& scenario, std::string_view assignment) {
  const auto error = [&](std::string_view reason) {
    return tl::make_unexpected(fmt::format("--set {}: {}", assignment, reason));
  };
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) return error("write key=value, such as nic.mtu=1024");
  const std::string_view key = assignment.substr(0, equals), value = assignment.substr(equals + 1);
  if (key == "seeds") {
    const auto seeds = parse_seeds(value);
    if (!seeds) return error(seeds.error());
    scenario.seeds = *seeds;
    return {};
  }
  const auto algorithm = preset_of(key);
  const Done done = algorithm ? set_preset(scenario, *algorithm, value) : set_parameter(scenario, key, value);
  return done ? done : Done(error(done.error()));
}

tl::expected<std::vector<uint64_t>, std::string> parse_seeds(std::string_view text) {
  constexpr uint64_t kMost = 1000;
  const auto error = [&] {
    return tl::make_unexpected(fmt::format(
        "'{}' is neither a count from 1 to {} nor a list of whole numbers, each once", text, kMost));
  };
  const bool is_list = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  std::string_view rest = is_list ? text.substr(1, text.size() - 2) : text;
  std::vector<uint64_t> numbers;
  for (;;) {
    const auto begin = rest.find_first_not_of(' ');
    if (begin == std::string_view::npos) return error();
    rest.remove_prefix(begin);
    uint64_t number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (problem != std::errc()) return error();
    numbers.push_back(number);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    if (rest.empty()) break;
    if (!is_list || rest.front() != ',') return error();
    rest.remove_prefix(1);
  }
  if (is_list) {
    const bool each_once = std::set<uint64_t>(numbers.begin(), numbers.end()).size() == numbers.size();
    return each_once && numbers.size() <= kMost ? tl::expected<std::vector<uint64_t>, std::string>(numbers)
                                                : error();
  }
  if (numbers.front() == 0 || numbers.front() > kMost) return error();
  std::vector<uint64_t> seeds(numbers.front());
  std::iota(seeds.begin(), seeds.end(), uint64_t{1});
  return seeds;
}

}  // namespace railyard
