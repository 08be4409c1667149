// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/agreement.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/validation/port_comparison.h"
#include "tools/report/number_format.h"

namespace railyard::validation {
namespace {

using report::percent;
using report::quantity;

constexpr size_t kTrajectoryPoints = 120;
constexpr size_t kComparedPoints = 20;  // bursts of a few messages may come a little sooner or later
constexpr double kSignificance = 0.05;  // of Welch's t-test
constexpr double kSmallest = 0.001;     // that is told

// The repetitions of a setting on one side.
struct Side {
  std::vector<Measured> runs;
  std::vector<double> completions;
  bool has_switch = false;
};

Side side_of(const std::vector<const PlayedRun*>& runs) {
  Side side;
  for (const PlayedRun* run : runs) {
    side.runs.push_back(measure(*run));
    const Measured& measured = side.runs.back();
    side.completions.insert(side.completions.end(), measured.completions.begin(), measured.completions.end());
    side.has_switch = side.has_switch || measured.has_switch;
  }
  std::sort(side.completions.begin(), side.completions.end());
  return side;
}

std::optional<record::Spread> spread_on(const Side& side, const std::string& name) {
  std::vector<double> values;
  for (const Measured& run : side.runs)
    if (const auto found = run.values.find(name); found != run.values.end()) values.push_back(found->second);
  if (values.empty()) return std::nullopt;
  return record::spread_of(std::move(values));
}

void add_figures(const Side& side, std::vector<Figure>& figures) {
  for (const Measured& run : side.runs)
    for (const Figure& figure : run.figures)
      if (std::none_of(figures.begin(), figures.end(),
                       [&](const Figure& f) { return f.name == figure.name; }))
        figures.push_back(figure);
}

// Runs that count; a note for each that does not. `doubt` becomes what their times may be wrong by, in
// seconds.
std::vector<const PlayedRun*> valid_runs(const PlayedSetting& setting, const LabFacts& facts, double& doubt,
                                         std::vector<std::string>& notes) {
  std::vector<const PlayedRun*> runs;
  for (const PlayedRun& run : setting.runs) {
    const RunFacts* known = facts.find(setting.name, run.record.seed);
    if (known != nullptr && !known->frames.empty())
      notes.push_back(
          fmt::format("frames of the lab's run with seed {}: {}", run.record.seed, known->frames));
    if (known != nullptr) notes.insert(notes.end(), known->pausers.begin(), known->pausers.end());
    if (known != nullptr && !known->valid) {
      notes.push_back(fmt::format("the lab's run with seed {} is left out, it is invalid: {}",
                                  run.record.seed, known->invalid_because));
      continue;
    }
    runs.push_back(&run);
    if (known == nullptr) continue;
    doubt = std::max(doubt, known->clock_error_seconds.value_or(0) + known->lateness_seconds.value_or(0));
  }
  return runs;
}

Row not_measurable(Row row, std::string why) {
  row.verdict = Verdict::NotMeasurable;
  row.statement = "not measurable here: " + std::move(why);
  return row;
}

std::string counted(size_t n) {
  return quantity(static_cast<double>(n), record::Unit::Count);
}

std::string too_few_samples(const Figure& figure, const Side& sim, const Side& lab) {
  if (figure.percentile == 0) return "";
  const auto needed = static_cast<size_t>(std::lround(1 / (1 - figure.percentile)));
  for (const auto& [side, who] : {std::pair(&sim, "simulation"), {&lab, "lab"}})
    if (side->completions.size() < needed)
      return fmt::format("the {} has {} messages, this percentile takes {}", who,
                         counted(side->completions.size()), counted(needed));
  return "";
}

Row judge_count(Row row) {
  const double sim = row.sim->mean, lab = row.lab->mean;
  if (sim == 0 && lab == 0) {
    row.verdict = Verdict::Agrees;
    row.statement = "absent in both";
  } else if (sim == 0 || lab == 0) {
    row.verdict = Verdict::Differs;
    row.statement = fmt::format("only in the {}", sim == 0 ? "lab" : "simulation");
  } else {
    row.difference = (lab - sim) / sim;
    row.verdict = Verdict::Agrees;
    row.statement = lab == sim
                        ? "the same in both"
                        : fmt::format("present in both, {} {} in the lab", percent(std::abs(*row.difference)),
                                      lab > sim ? "more" : "fewer");
  }
  return row;
}

// A value that is, or follows from, a time of `seconds` that may be wrong by `doubt`.
Row judge_value(Row row, double tolerance, double doubt, double seconds) {
  const double sim = row.sim->mean, lab = row.lab->mean;
  if (sim == 0) {
    row.verdict = lab == 0 ? Verdict::Agrees : Verdict::Differs;
    row.statement = lab == 0 ? "0 in both" : "0 in the simulation";
    return row;
  }
  row.difference = (lab - sim) / sim;
  const double size = std::abs(*row.difference);
  if (doubt > tolerance * seconds && doubt >= size * seconds)
    return not_measurable(std::move(row),
                          fmt::format("the lab's clocks and pacers are off by up to {}, {} of it",
                                      quantity(doubt, record::Unit::Time), percent(doubt / seconds)));
  row.verdict = size <= tolerance ? Verdict::Agrees : Verdict::Differs;
  row.statement = fmt::format("{} {}", row.verdict == Verdict::Agrees ? "agrees within" : "differs by",
                              percent(std::max(size, kSmallest)));
  const auto chance = record::welch_p_value(*row.sim, *row.lab);
  if (row.verdict == Verdict::Differs && chance && *chance > kSignificance)
    row.statement += ", no more than the repetitions do among themselves";
  return row;
}

Row judge_row(const Figure& figure, const Side& sim, const Side& lab, double tolerance, double doubt) {
  Row row{figure, spread_on(sim, figure.name), spread_on(lab, figure.name), {}, Verdict::NotMeasurable, ""};
  if (lab.runs.empty()) return not_measurable(std::move(row), "no run of the lab is valid");
  if (figure.of_switch && !lab.has_switch) {
    row.lab.reset();
    return not_measurable(std::move(row), "no switch of the lab says it");
  }
  if (!row.sim || !row.lab) {
    const char* who = row.sim ? "lab" : "simulation";
    return not_measurable(std::move(row), fmt::format("no run of the {} came so far", who));
  }
  if (figure.kind == Kind::Presence || figure.kind == Kind::Count) return judge_count(std::move(row));
  if (std::string why = too_few_samples(figure, sim, lab); !why.empty())
    return not_measurable(std::move(row), std::move(why));
  const double seconds = sim.runs.front().seconds.at(figure.name);
  return judge_value(std::move(row), tolerance, seconds > 0 ? doubt : 0, seconds);
}

Trajectory trajectory_of(const PlayedRun& sim, const PlayedRun& lab) {
  Trajectory t;
  const double span = std::max(sim.record.duration, lab.record.duration).to_seconds();
  t.sim_bps = throughput_over_time(sim.record, span, kTrajectoryPoints);
  t.lab_bps = throughput_over_time(lab.record, span, kTrajectoryPoints);
  for (size_t i = 0; i < kTrajectoryPoints; ++i)
    t.seconds.push_back(span * (static_cast<double>(i) + 0.5) / kTrajectoryPoints);
  const auto ours = throughput_over_time(sim.record, span, kComparedPoints);
  const auto theirs = throughput_over_time(lab.record, span, kComparedPoints);
  double apart = 0, total = 0;
  for (size_t i = 0; i < kComparedPoints; ++i) {
    apart += std::abs(theirs[i] - ours[i]);
    total += ours[i];
  }
  if (total > 0) t.difference = apart / total;
  return t;
}

Row rate_row(const RateComparison& rates, double tolerance) {
  const Figure figure{"rate.allowed", "allowed rate / line rate", Kind::Rate, record::Unit::Ratio};
  Row row{figure,
          record::spread_of(rates.sim_means),
          record::spread_of(rates.lab_means),
          {},
          Verdict::NotMeasurable,
          ""};
  return judge_value(std::move(row), tolerance, 0, 0);
}

Row ports_row(const PortComparison& ports) {
  const auto count = [](const std::set<std::string>& names) {
    return record::spread_of({static_cast<double>(names.size())});
  };
  return {{ports.name, ports.label, Kind::Presence, record::Unit::Count, true, true},
          count(ports.sim),
          count(ports.lab),
          {},
          ports.sim == ports.lab ? Verdict::Agrees : Verdict::Differs,
          ports.statement()};
}

// A difference decides over an agreement; what cannot be measured decides nothing.
Verdict worst(const std::vector<Verdict>& verdicts) {
  const auto has = [&](Verdict v) {
    return std::find(verdicts.begin(), verdicts.end(), v) != verdicts.end();
  };
  return has(Verdict::Differs)  ? Verdict::Differs
         : has(Verdict::Agrees) ? Verdict::Agrees
                                : Verdict::NotMeasurable;
}

SettingAgreement judge_setting(const MatchedSetting& matched, const LabFacts& facts, double tolerance) {
  SettingAgreement setting;
  setting.name = matched.sim->name;
  double doubt = 0;
  std::vector<const PlayedRun*> sim_runs;
  for (const PlayedRun& run : matched.sim->runs) sim_runs.push_back(&run);
  const auto lab_runs = valid_runs(*matched.lab, facts, doubt, setting.notes);
  const Side sim = side_of(sim_runs), lab = side_of(lab_runs);
  std::vector<Figure> figures;
  add_figures(sim, figures);
  add_figures(lab, figures);
  for (const Figure& figure : figures) setting.rows.push_back(judge_row(figure, sim, lab, tolerance, doubt));
  for (const PortComparison& ports : compare_ports(sim_runs, lab_runs))
    setting.rows.push_back(ports_row(ports));
  std::vector<Verdict> deciding;
  for (const Row& row : setting.rows)
    // Counts are there always; alone they show no agreement of what was played.
    if (row.figure.decides && (row.figure.kind != Kind::Presence || row.verdict == Verdict::Differs))
      deciding.push_back(row.verdict);
  setting.verdict = worst(deciding);
  setting.sim_completions = sim.completions;
  setting.lab_completions = lab.completions;
  if (!lab_runs.empty()) {
    setting.trajectory = trajectory_of(*sim_runs.front(), *lab_runs.front());
    setting.rates = compare_rates(sim_runs, lab_runs);
    if (setting.rates.impossible.empty()) setting.rows.push_back(rate_row(setting.rates, tolerance));
  }
  if (lab_runs.size() == 1)
    setting.notes.push_back("one repetition in the lab: how far it varies is not known");
  return setting;
}

}  // namespace

Agreement judge(const PlayedRuns& sim, const PlayedRuns& lab, const Comparability& comparability,
                double tolerance) {
  Agreement agreement{lab.scenario, sim.folder.string(), lab.folder.string(), tolerance, {}, {}};
  if (!lab.facts.virtual_drivers.empty())
    agreement.notes.push_back(fmt::format(
        "the lab played on virtual devices ({}): it shows how the protocols behave, not how fast a NIC is",
        fmt::join(lab.facts.virtual_drivers, ", ")));
  if (const auto& values = comparability.settings.front().lab->values; values.count("lab.time_scale") != 0)
    if (const std::string& scale = values.at("lab.time_scale"); scale != "1")
      agreement.notes.push_back(
          fmt::format("time scale {}: times are {} times those of the fabric, in both", scale, scale));
  agreement.notes.insert(agreement.notes.end(), comparability.notes.begin(), comparability.notes.end());
  std::vector<Verdict> verdicts;
  for (const MatchedSetting& matched : comparability.settings) {
    agreement.settings.push_back(judge_setting(matched, lab.facts, tolerance));
    verdicts.push_back(agreement.settings.back().verdict);
  }
  agreement.verdict = worst(verdicts);
  return agreement;
}

}  // namespace railyard::validation
