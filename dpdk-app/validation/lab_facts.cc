// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/lab_facts.h"

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace railyard::validation {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr double kNanosecond = 1e-9;

using Agents = std::set<std::string>;

double clock_error_of(const Json& player) {
  double error = 0;
  for (const char* clock : {"clock_before", "clock_after"})
    error = std::max(error, player.value(clock, Json::object()).value("error_ns", 0.0) * kNanosecond);
  return error;
}

// Two clocks may be wrong in opposite directions.
void read_players(const Json& players, const Agents& agents, RunFacts& run) {
  std::vector<double> errors;
  for (const Json& player : players) {
    if (agents.count(player.value("name", "")) == 0) continue;
    if (player.contains("clock_before")) errors.push_back(clock_error_of(player));
    const Json lateness = player.value("histograms", Json::object()).value("lateness", Json::object());
    if (lateness.contains("p99"))
      run.lateness_seconds = std::max(run.lateness_seconds.value_or(0), lateness["p99"].get<double>());
    for (const Json& event : player.value("events", Json::array())) run.events.push_back(event);
  }
  std::sort(errors.rbegin(), errors.rend());
  if (errors.size() == 1) run.clock_error_seconds = 0;
  if (errors.size() > 1) run.clock_error_seconds = errors[0] + errors[1];
}

RunFacts run_of(const Json& json, const Agents& agents) {
  RunFacts run;
  run.setting = json.value("setting", "");
  run.seed = json.value("seed", uint64_t{0});
  run.valid = json.value("valid", true) && json.value("complete", true);
  run.invalid_because =
      json.value("valid", true) ? json.value("incomplete_because", "") : json.value("invalid_because", "");
  if (const Json frames = json.value("frames", Json()); frames.is_object()) {
    run.frames = frames.value("text", "");
    run.pausers = frames.value("pausers", run.pausers);
  }
  read_players(json.value("players", Json::array()), agents, run);
  return run;
}

LabFacts facts_of(const Json& json) {
  LabFacts facts;
  facts.known = true;
  Agents agents;
  std::set<std::string> drivers;
  for (const Json& player : json.value("players", Json::array())) {
    if (player.value("kind", "") == "agent") agents.insert(player.value("name", ""));
    for (const Json& port : player.value("ports", Json::array()))
      if (port.value("virtual", false)) drivers.insert(port.value("driver", "unknown"));
  }
  facts.virtual_drivers.assign(drivers.begin(), drivers.end());
  for (const Json& run : json.value("runs", Json::array())) facts.runs.push_back(run_of(run, agents));
  return facts;
}

}  // namespace

const RunFacts* LabFacts::find(const std::string& setting, uint64_t seed) const {
  for (const RunFacts& run : runs)
    if (run.setting == setting && run.seed == seed) return &run;
  return nullptr;
}

tl::expected<LabFacts, std::string> read_lab_facts(const std::filesystem::path& run_folder) {
  const auto path = run_folder / "lab.json";
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return LabFacts{};
  try {
    const Json json = Json::parse(stream);
    if (const int format = json.value("format", kFormat); format != kFormat)
      return tl::make_unexpected(
          fmt::format("{}: format {} is not known (this is {}): validate with the "
                      "version that wrote it",
                      path.string(), format, kFormat));
    return facts_of(json);
  } catch (const Json::exception& e) {
    return tl::make_unexpected(fmt::format("{}: this is not what a lab writes: {}; play the scenario again",
                                           path.string(), e.what()));
  }
}

}  // namespace railyard::validation
