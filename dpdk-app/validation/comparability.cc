// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/comparability.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "traffic/protocol/congestion/algorithm.h"

namespace railyard::validation {
namespace {

constexpr std::string_view kTimeScale = "lab.time_scale";

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

// The congestion-control algorithm in whose section the path lies, or null.
const CongestionAlgorithm* algorithm_of(std::string_view path) {
  const size_t dot = path.find('.');
  return dot == std::string_view::npos ? nullptr : find_congestion_algorithm(path.substr(0, dot));
}

// Whether the value decides what is played: the rest may differ between a model and what it is a model of.
bool is_decisive(std::string_view path) {
  static const std::set<std::string_view> kPaths = {"fabric.link_rate", "nic.mtu", "nic.congestion_control",
                                                    kTimeScale};
  return kPaths.count(path) != 0 || starts_with(path, "jobs.") || algorithm_of(path) != nullptr;
}

// What has no bearing on the traffic. Of captures the digests are compared.
bool is_beside_the_point(std::string_view path, const std::set<std::string>& algorithms) {
  for (const std::string_view prefix : {"output.", "limits.", "description", "name", "seeds", "expect"})
    if (starts_with(path, prefix)) return true;
  const CongestionAlgorithm* algorithm = algorithm_of(path);
  if (algorithm != nullptr && algorithms.count(std::string(algorithm->name)) == 0) return true;
  return (starts_with(path, "lab.") && path != kTimeScale) || ends_with(path, ".trace.path");
}

// Scenarios without a lab section have none.
std::string value_of(const Values& values, const std::string& path) {
  const auto found = values.find(path);
  if (found != values.end()) return found->second;
  return path == kTimeScale ? "1" : "not given";
}

void compare_values(const MatchedSetting& setting, Comparability& result) {
  const Values &sim = setting.sim->values, &lab = setting.lab->values;
  std::set<std::string> paths = {std::string(kTimeScale)};
  for (const Values* values : {&sim, &lab})
    for (const auto& [path, value] : *values) paths.insert(path);
  std::set<std::string> algorithms;
  for (const Values* values : {&sim, &lab})
    for (const auto& [path, value] : *values)
      if (ends_with(path, ".congestion_control")) algorithms.insert(value);
  for (const std::string& path : paths) {
    const std::string ours = value_of(sim, path), theirs = value_of(lab, path);
    if (ours == theirs || is_beside_the_point(path, algorithms)) continue;
    const std::string difference = fmt::format("setting '{}': {} is {} in the simulation and {} in the lab",
                                               setting.sim->name, path, ours, theirs);
    if (is_decisive(path))
      result.obstacles.push_back(fmt::format(
          "{}: simulate the lab's scenario.yaml, or set {} alike and play one again", difference, path));
    else
      result.notes.push_back(difference);
  }
}

void compare_digests(const PlayedRuns& sim, const PlayedRuns& lab, Comparability& result) {
  for (const auto& [job, digest] : sim.trace_digests) {
    const auto other = lab.trace_digests.find(job);
    if (other != lab.trace_digests.end() && other->second != digest)
      result.obstacles.push_back(
          fmt::format("job '{}': the simulation's trace is not the lab's (SHA-256 {:.8} and {:.8}): play "
                      "both with one capture",
                      job, digest, other->second));
  }
}

std::vector<std::string> names_of(const PlayedRuns& runs) {
  std::vector<std::string> names;
  for (const PlayedSetting& setting : runs.settings) names.push_back(setting.name);
  return names;
}

void match_settings(const PlayedRuns& sim, const PlayedRuns& lab, Comparability& result) {
  for (const PlayedSetting& ours : sim.settings)
    for (const PlayedSetting& theirs : lab.settings)
      if (ours.name == theirs.name) result.settings.push_back({&ours, &theirs});
  if (result.settings.empty()) {
    result.obstacles.push_back(
        fmt::format("the simulation has the settings {} and the lab {}: simulate one that the lab has played",
                    fmt::join(names_of(sim), ", "), fmt::join(names_of(lab), ", ")));
    return;
  }
  for (const auto& [runs, who] : {std::pair(&sim, "simulated"), {&lab, "played in the lab"}})
    for (const std::string& name : names_of(*runs))
      if (std::none_of(result.settings.begin(), result.settings.end(),
                       [&](const MatchedSetting& m) { return m.sim->name == name; }))
        result.notes.push_back(fmt::format("setting '{}' was only {}", name, who));
}

}  // namespace

Comparability match(const PlayedRuns& sim, const PlayedRuns& lab) {
  Comparability result;
  if (sim.facts.known)
    result.obstacles.push_back(
        fmt::format("{} was played in a lab: name the simulation's folder first", sim.folder.string()));
  if (sim.scenario != lab.scenario)
    result.notes.push_back(fmt::format("the scenario is called {} in the simulation and {} in the lab",
                                       sim.scenario, lab.scenario));
  match_settings(sim, lab, result);
  compare_digests(sim, lab, result);
  for (const MatchedSetting& setting : result.settings) compare_values(setting, result);
  return result;
}

}  // namespace railyard::validation
