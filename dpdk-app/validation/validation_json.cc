// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dpdk-app/validation/validation_output.h"
#include "tools/report/number_format.h"
#include "tools/report/reduce.h"

namespace railyard::validation {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;
constexpr size_t kCdfPoints = 400;
constexpr double kMicrosecondsPerSecond = 1e6;

Json json_of(const std::optional<record::Spread>& spread) {
  if (!spread) return nullptr;
  Json json = {{"n", spread->n}, {"mean", spread->mean}, {"median", spread->median}};
  json["min"] = spread->min;
  json["max"] = spread->max;
  json["half_interval95"] = spread->half_interval95 ? Json(*spread->half_interval95) : Json(nullptr);
  return json;
}

Json optional(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const Row& row) {
  return {{"name", row.figure.name},
          {"label", row.figure.label},
          {"unit", record::base_unit(row.figure.unit)},
          {"decides", row.figure.decides},
          {"simulation", json_of(row.sim)},
          {"lab", json_of(row.lab)},
          {"difference", optional(row.difference)},
          {"verdict", name_of(row.verdict)},
          {"statement", row.statement}};
}

Json json_of(const Distances& distances) {
  return {{"lab", distances.lab}, {"simulation", distances.sim}};
}

Json json_of(const RateComparison& rates) {
  if (!rates.impossible.empty()) return {{"impossible", rates.impossible}};
  return {{"queue_pairs", rates.queue_pairs},
          {"interval", rates.interval.to_seconds()},
          {"restrained", rates.restrained},
          {"over_time", json_of(rates.over_time)},
          {"by_queue_pair", json_of(rates.by_queue_pair)}};
}

Json json_of(const SettingAgreement& setting) {
  Json json = {{"name", setting.name}, {"verdict", name_of(setting.verdict)}, {"notes", setting.notes}};
  json["figures"] = Json::array();
  for (const Row& row : setting.rows) json["figures"].push_back(json_of(row));
  json["throughput_over_time_difference"] = optional(setting.trajectory.difference);
  json["allowed_rate"] = json_of(setting.rates);
  return json;
}

// Six digits are more than a chart shows.
double rounded(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

Json rounded(const std::vector<double>& values, double factor) {
  Json json = Json::array();
  for (const double value : values) json.push_back(rounded(value * factor));
  return json;
}

Json cdf_of(const SettingAgreement& setting) {
  std::vector<double> all = setting.sim_completions;
  all.insert(all.end(), setting.lab_completions.begin(), setting.lab_completions.end());
  const std::vector<double> grid = report::cdf_grid(std::move(all), kCdfPoints);
  Json json = {{"x", rounded(grid, kMicrosecondsPerSecond)}, {"y", Json::array()}};
  for (const auto* samples : {&setting.sim_completions, &setting.lab_completions})
    json["y"].push_back(samples->empty() ? Json(nullptr) : rounded(report::cdf_at(grid, *samples), 1));
  return json;
}

Json trajectory_of(const Trajectory& trajectory) {
  return {
      {"x", rounded(trajectory.seconds, kMicrosecondsPerSecond)},
      {"y", {rounded(trajectory.sim_bps, 1), rounded(trajectory.lab_bps, 1)}},
      {"difference", trajectory.difference ? Json(report::percent(*trajectory.difference)) : Json(nullptr)}};
}

Json rates_of(const RateComparison& rates) {
  constexpr double kPercent = 100;
  if (!rates.restrained) return {{"words", in_words(rates)}, {"x", Json::array()}, {"y", Json::array()}};
  return {{"words", in_words(rates)},
          {"x", rounded(rates.seconds, kMicrosecondsPerSecond)},
          {"y",
           {rounded(rates.sim, kPercent), rounded(rates.lab, kPercent), rounded(rates.sim_least, kPercent),
            rounded(rates.sim_most, kPercent)}}};
}

Json page_setting(const SettingAgreement& setting) {
  Json rows = Json::array();
  for (const Row& row : setting.rows)
    rows.push_back({{"label", row.figure.label},
                    {"decides", row.figure.decides},
                    {"sim", value_text(row.sim, row.figure.unit)},
                    {"lab", value_text(row.lab, row.figure.unit)},
                    {"verdict", name_of(row.verdict)},
                    {"statement", row.statement}});
  return {{"name", setting.name},
          {"verdict", name_of(setting.verdict)},
          {"notes", setting.notes},
          {"rows", rows},
          {"cdf", cdf_of(setting)},
          {"trajectory", trajectory_of(setting.trajectory)},
          {"rates", rates_of(setting.rates)}};
}

}  // namespace

void write_validation_json(std::ostream& out, const Agreement& agreement) {
  Json json = {{"schema", "railyard-validation"},
               {"schema_version", kSchemaVersion},
               {"scenario", agreement.scenario},
               {"simulation_folder", agreement.sim_folder},
               {"lab_folder", agreement.lab_folder},
               {"tolerance", agreement.tolerance},
               {"verdict", name_of(agreement.verdict)},
               {"conclusion", conclusion(agreement)},
               {"notes", agreement.notes},
               {"settings", Json::array()}};
  for (const SettingAgreement& setting : agreement.settings) json["settings"].push_back(json_of(setting));
  out << json.dump(2) << '\n';
}

std::string validation_page_data(const Agreement& agreement) {
  Json json = {{"scenario", agreement.scenario},
               {"sim", agreement.sim_folder},
               {"lab", agreement.lab_folder},
               {"tolerance", report::percent(agreement.tolerance)},
               {"verdict", name_of(agreement.verdict)},
               {"conclusion", conclusion(agreement)},
               {"notes", agreement.notes},
               {"settings", Json::array()}};
  for (const SettingAgreement& setting : agreement.settings)
    json["settings"].push_back(page_setting(setting));
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace railyard::validation
