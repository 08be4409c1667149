// SPDX-License-Identifier: BSD-3-Clause
// summary.json: every figure of every run and the comparison, for programs. Values are in base units (s,
// bit/s, B, 1).
#include <nlohmann/json.hpp>

#include "tools/report/headline.h"
#include "tools/report/output_format.h"

namespace railyard::report {
namespace {

// ordered_json keeps the order below; a reader of the file finds what was run first.
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "railyard-summary";
constexpr int kVersion = 3;  // counts up when a field changes its meaning or goes away, not when one is added

Json json_of(const record::JobSummary& job) {
  return {{"name", job.name},
          {"background", job.background},
          {"ranks", job.rank_count},
          {"iterations", job.iterations},
          {"iteration_p50", job.iteration_p50},
          {"iteration_max", job.iteration_max}};
}

Json json_of(const record::Percentiles& p) {
  return {{"p50", p.p50}, {"p99", p.p99}, {"max", p.max}};
}

Json json_of(const record::FlowSummary& flows) {
  return {{"finished", flows.finished},
          {"unfinished", flows.unfinished},
          {"completion", json_of(flows.completion)},
          {"slowdown", json_of(flows.slowdown)},
          {"jain", flows.jain}};
}

Json json_of(const record::CollectiveSummary& c, const record::Record& record) {
  const record::Operation& operation = record.operations[c.operation];
  return {{"operation", c.operation},
          {"job", record.jobs[operation.job].name},
          {"name", operation.name},
          {"kind", operation.kind},
          {"bytes", operation.bytes},
          {"ranks", operation.group_size},
          {"executions", c.executions},
          {"time", c.time},
          {"busbw", c.busbw},
          {"time_from_first_start", c.time_from_first_start},
          {"busbw_from_first_start", c.busbw_from_first_start}};
}

Json json_of(const Run& run) {
  Json json = {{"seed", run.seed}, {"duration", run.record.duration.to_seconds()}};
  json["metrics"] = Json::object();
  for (const auto& [name, metric] : run.summary.metrics)
    json["metrics"][name] = {{"value", metric.value}, {"unit", record::base_unit(metric.unit)}};
  json["jobs"] = Json::array();
  for (const record::JobSummary& job : run.summary.jobs) json["jobs"].push_back(json_of(job));
  json["flows"] = {{"foreground", json_of(run.summary.foreground)},
                   {"background", json_of(run.summary.background)}};
  json["collectives"] = Json::array();
  for (const auto& c : run.summary.collectives) json["collectives"].push_back(json_of(c, run.record));
  return json;
}

Json json_of(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const std::optional<record::Range>& range) {
  return range ? Json({range->low, range->high}) : Json(nullptr);
}

const char* name_of(record::Decider decider) {
  switch (decider) {
    case record::Decider::PairedT:
      return "paired_t";
    case record::Decider::SignFlip:
      return "sign_flip";
    case record::Decider::NoSeedDependence:
      return "no_seed_dependence";
    case record::Decider::None:
      break;
  }
  return "none";
}

// Seeds, as many as would be needed.
Json json_of(const std::optional<size_t>& seeds) {
  return seeds ? Json(*seeds) : Json(nullptr);
}

Json json_of(const record::Difference& d) {
  if (d.outcome == record::Outcome::Unknown) return nullptr;
  return {{"outcome", record::name_of(d.outcome)},
          {"decided_by", name_of(d.decider)},
          {"pairs", d.pairs},
          {"mean", d.mean},
          {"range", {d.seen.low, d.seen.high}},
          {"interval", json_of(d.interval)},
          {"p_adjusted", json_of(d.p)},
          {"p_paired_t", d.t ? Json(d.t->p) : Json(nullptr)},
          {"p_sign_flip", json_of(d.sign_flip_p)},
          {"seeds_to_decide", json_of(d.seeds_to_decide)},
          {"seeds_as_seen", json_of(d.seeds_as_seen)}};
}

Json json_of(const record::Spread& s, const record::Difference& difference) {
  return {{"seeds", s.n},
          {"mean", s.mean},
          {"median", s.median},
          {"min", s.min},
          {"max", s.max},
          {"standard_deviation", json_of(s.deviation)},
          {"ci95_half_width", json_of(s.half_interval95)},
          {"beside_best", json_of(difference)}};
}

Json json_of(const record::Comparison& comparison) {
  Json metrics = Json::object();
  for (const record::ComparedMetric& metric : comparison.metrics) {
    Json& json = metrics[metric.info.name];
    json["unit"] = record::base_unit(metric.info.unit);
    json["medians"] = metric.split;
    json["best"] = metric.best ? Json(comparison.settings[*metric.best]) : Json(nullptr);
    for (size_t i = 0; i < metric.spread.size(); ++i)
      if (metric.spread[i])
        json["settings"][comparison.settings[i]] = json_of(*metric.spread[i], metric.from_best[i]);
  }
  return {{"test",
           "differences within each seed: paired t where they look normal, else sign flips; p by Holm, "
           "intervals by Bonferroni"},
          {"alpha", comparison.rule.alpha},
          {"least_difference", comparison.rule.least_difference},
          {"looks", comparison.rule.looks},
          {"verdict", verdict(comparison)},
          {"metrics", metrics}};
}

}  // namespace

void write_summary_json(std::ostream& out, const Results& results) {
  const RunSet& runs = results.runs;
  Json json = {{"schema", kSchema},
               {"schema_version", kVersion},
               {"scenario", runs.scenario},
               {"description", runs.description},
               {"fabric", runs.fabric},
               {"configuration_hash", runs.configuration_hash},
               {"railyard_version", runs.version}};
  if (!runs.cautions.empty()) json["cautions"] = runs.cautions;
  json["settings"] = Json::array();
  for (const Setting& setting : runs.settings) {
    Json one = {{"name", setting.name}, {"runs", Json::array()}};
    for (const Run& run : setting.runs) one["runs"].push_back(json_of(run));
    json["settings"].push_back(std::move(one));
  }
  json["comparison"] = json_of(results.comparison);
  // Names come from users' files: what is no UTF-8 is replaced, or dump() would throw.
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace railyard::report
