// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/overrides.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "tools/scenario/sections.h"
#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

using Done = tl::expected<void, std::string>;

struct Target {
  std::string path;
  BoundParameter parameter;
};

void add(std::vector<Target>& targets, const std::string& prefix,
         const std::vector<BoundParameter>& parameters) {
  for (const BoundParameter& parameter : parameters)
    targets.push_back({fmt::format("{}{}", prefix, parameter.name), parameter});
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
    add(targets, prefix, source_sections(job)[static_cast<size_t>(job.source)]);
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
    if (auto done = setting.network.congestion.apply_preset(algorithm, name); !done) return done;
  return scenario.network.congestion.apply_preset(algorithm, name);
}

Done set_parameter(Scenario& scenario, std::string_view key, std::string_view value) {
  bool found = false;
  std::vector<Target> targets = targets_of(scenario);
  for (const Target& target : targets) {
    if (target.path != key) continue;
    found = true;
    if (auto done = target.parameter.set(value); !done) return done;
  }
  if (found) {
    constexpr std::string_view kLab = "lab.";
    if (key.substr(0, kLab.size()) == kLab) scenario.lab.present = true;
    return {};
  }
  std::vector<std::string> presets;
  for (const CongestionAlgorithm& algorithm : congestion_algorithms())
    if (!algorithm.presets.empty()) presets.push_back(preset_key(algorithm));
  std::vector<std::string_view> names = {"seeds"};
  names.insert(names.end(), presets.begin(), presets.end());
  for (const Target& target : targets) names.push_back(target.path);
  return tl::make_unexpected(fmt::format("unknown parameter{}", did_you_mean(key, names)));
}

}  // namespace

Done apply_override(Scenario& scenario, std::string_view assignment) {
  const auto error = [&](std::string_view reason) {
    return tl::make_unexpected(fmt::format("--set {}: {}", assignment, reason));
  };
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) return error("write key=value, such as nic.mtu=1024");
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
