// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/played_runs.h"

#include <algorithm>
#include <fstream>

#include <yaml-cpp/yaml.h>
#include <nlohmann/json.hpp>

#include "traffic/record/record_file.h"
#include "traffic/units/error.h"

namespace railyard::validation {
namespace {

namespace fs = std::filesystem;
using Done = tl::expected<void, std::string>;

void flatten(const YAML::Node& node, const std::string& path, Values& values) {
  if (node.IsScalar()) {
    values[path] = node.Scalar();
  } else if (node.IsMap()) {
    for (const auto& entry : node)
      flatten(entry.second, path.empty() ? entry.first.Scalar() : path + "." + entry.first.Scalar(), values);
  }
}

// The scenario's own values and its jobs, each under its name.
Values own_values(const YAML::Node& scenario) {
  Values values;
  for (const auto& entry : scenario) {
    const std::string key = entry.first.Scalar();
    if (key != "settings" && key != "jobs") flatten(entry.second, key, values);
  }
  for (const YAML::Node& job : scenario["jobs"])
    flatten(job, "jobs." + (job["name"] ? job["name"].Scalar() : ""), values);
  return values;
}

Done read_scenario(PlayedRuns& runs) {
  const fs::path path = runs.folder / "scenario.yaml";
  try {
    const YAML::Node scenario = YAML::LoadFile(path.string());
    if (!scenario.IsMap()) return error("{}: this is not a scenario", path.string());
    const Values own = own_values(scenario);
    for (const auto& entry : scenario["settings"]) {
      PlayedSetting setting{entry.first.Scalar(), own, {}};
      flatten(entry.second, "", setting.values);
      runs.settings.push_back(std::move(setting));
    }
  } catch (const YAML::BadFile&) {
    return error("{}: there is no scenario.yaml: name a folder that railyard run or railyard lab run wrote",
                 runs.folder.string());
  } catch (const YAML::Exception& e) {
    return error("{}: this is not YAML: {}", path.string(), e.what());
  }
  return {};
}

Done read_manifest(PlayedRuns& runs) {
  const fs::path path = runs.folder / "manifest.json";
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return error("{}: this file is missing: the folder is not a whole run", path.string());
  try {
    const auto manifest = nlohmann::json::parse(stream);
    runs.scenario = manifest.value("scenario", "");
    runs.configuration_hash = manifest.value("configuration_sha256", "");
    runs.trace_digests = manifest.value("trace_sha256", std::map<std::string, std::string>{});
  } catch (const nlohmann::json::exception& e) {
    return error("{}: this is not a manifest: {}", path.string(), e.what());
  }
  return {};
}

Done read_records(PlayedRuns& runs) {
  std::error_code unreadable;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(runs.folder / "records", unreadable))
    if (entry.path().extension() == ".ryrecord") files.push_back(entry.path());
  if (files.empty())
    return error("{}: there are no records in it: play the scenario again", runs.folder.string());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    auto record = record::read_record(file.string());
    if (!record) return tl::make_unexpected(record.error());
    const auto setting = std::find_if(runs.settings.begin(), runs.settings.end(),
                                      [&](const PlayedSetting& s) { return s.name == record->setting; });
    if (setting == runs.settings.end())
      return error("{}: the scenario beside it has no setting '{}'", file.string(), record->setting);
    record::Summary summary = record::summarise(*record);
    setting->runs.push_back({*std::move(record), std::move(summary)});
  }
  runs.settings.erase(std::remove_if(runs.settings.begin(), runs.settings.end(),
                                     [](const PlayedSetting& s) { return s.runs.empty(); }),
                      runs.settings.end());
  return {};
}

}  // namespace

tl::expected<PlayedRuns, std::string> read_runs(const fs::path& folder) {
  PlayedRuns runs;
  runs.folder = folder;
  if (!fs::is_directory(folder)) return error("{}: this is not a folder: name a run folder", folder.string());
  auto facts = read_lab_facts(folder);
  if (!facts) return tl::make_unexpected(facts.error());
  runs.facts = *std::move(facts);
  return read_scenario(runs)
      .and_then([&] { return read_manifest(runs); })
      .and_then([&] { return read_records(runs); })
      .map([&] { return std::move(runs); });
}

}  // namespace railyard::validation
