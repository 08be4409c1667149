// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/validation/validation_output.h"
#include "tools/report/number_format.h"
#include "tools/report/text_layout.h"

namespace railyard::validation {
namespace {

using report::padding;
using report::width_of;

constexpr unsigned kLeastWidth = 60;
constexpr size_t kWidestLabel = 34, kLeastLabel = 20;
constexpr size_t kLeastStatement = 24;
constexpr size_t kGap = 2;
constexpr size_t kMark = 2;  // " !"
constexpr const char* kPlain = "\x1b[0m";

const char* color_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Agrees:
      return "\x1b[32m";
    case Verdict::Differs:
      return "\x1b[31m";
    case Verdict::NotMeasurable:
      return "\x1b[33m";
  }
  return kPlain;
}

struct Layout {
  size_t label = 0, sim = 0, lab = 0, statement = 0;
  bool intervals = true;
};

Layout layout_of(const SettingAgreement& setting, size_t width, bool intervals) {
  Layout l{0, width_of("simulation"), width_of("lab"), 0, intervals};
  for (const Row& row : setting.rows) {
    l.label = std::max(l.label, width_of(row.figure.label) + kMark);
    l.sim = std::max(l.sim, width_of(value_text(row.sim, row.figure.unit, intervals)));
    l.lab = std::max(l.lab, width_of(value_text(row.lab, row.figure.unit, intervals)));
  }
  l.label = std::min(l.label, kWidestLabel);
  const size_t values = l.sim + l.lab + 3 * kGap;
  const bool fits = l.label + values + kLeastStatement <= width;
  if (!fits && intervals) return layout_of(setting, width, false);
  if (!fits) l.label = std::max(kLeastLabel, width - std::min(width, values + kLeastStatement));
  l.statement = std::max(kLeastStatement, width - std::min(width, l.label + values));
  return l;
}

void print_row(std::ostream& out, const Row& row, const Layout& l, bool color) {
  const std::string sim = value_text(row.sim, row.figure.unit, l.intervals);
  const std::string lab = value_text(row.lab, row.figure.unit, l.intervals);
  const std::string label =
      report::shortened(row.figure.label, l.label - kMark) + (row.figure.decides ? " !" : "");
  std::string head = label + padding(label, l.label + kGap) + padding(sim, l.sim) + sim +
                     std::string(kGap, ' ') + padding(lab, l.lab) + lab + std::string(kGap, ' ');
  for (const std::string& line : report::wrapped(row.statement, l.statement)) {
    report::print_line(out,
                       head + (color ? fmt::format("{}{}{}", color_of(row.verdict), line, kPlain) : line));
    head.assign(l.label + l.sim + l.lab + 3 * kGap, ' ');
  }
}

void print_setting(std::ostream& out, const SettingAgreement& setting, size_t width, bool color) {
  const Layout l = layout_of(setting, width, true);
  const std::string name = report::shortened(setting.name, l.label);
  out << '\n';
  report::print_line(out, name + padding(name, l.label + kGap) + padding("simulation", l.sim) + "simulation" +
                              std::string(kGap, ' ') + padding("lab", l.lab) + "lab");
  for (const Row& row : setting.rows) print_row(out, row, l, color);
  if (setting.trajectory.difference)
    report::print_wrapped(out,
                          fmt::format("Throughput over time: {} apart in the mean.",
                                      report::percent(*setting.trajectory.difference)),
                          width);
  report::print_wrapped(out, in_words(setting.rates), width);
  for (const std::string& note : setting.notes) report::print_wrapped(out, "note: " + note, width);
}

// "1.2 % to 3.0 %"; one of them where they look the same.
std::string range_text(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const std::string low = report::percent(*least), high = report::percent(*most);
  return low == high ? low : fmt::format("{} to {}", low, high);
}

std::string distances_text(const Distances& distances, const char* of_sim) {
  std::string text = range_text(distances.lab);
  if (!distances.sim.empty()) text += fmt::format(" ({}{})", of_sim, range_text(distances.sim));
  return text;
}

std::vector<std::string> differing(const Agreement& agreement, bool decides) {
  std::vector<std::string> labels;
  for (const SettingAgreement& setting : agreement.settings)
    for (const Row& row : setting.rows)
      if (row.verdict == Verdict::Differs && row.figure.decides == decides)
        labels.push_back(agreement.settings.size() > 1
                             ? fmt::format("{} ({})", row.figure.label, setting.name)
                             : row.figure.label);
  return labels;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Agrees:
      return "agrees";
    case Verdict::Differs:
      return "differs";
    case Verdict::NotMeasurable:
      return "not measurable";
  }
  return "";
}

std::string in_words(const RateComparison& rates) {
  if (!rates.impossible.empty()) return fmt::format("Allowed rates are not compared: {}.", rates.impossible);
  if (!rates.restrained)
    return fmt::format("Congestion control allowed all of {} queue pairs the line rate throughout, in both.",
                       rates.queue_pairs);
  return fmt::format(
      "Allowed rates of {} queue pairs, every {} while they send, a run of the lab against the mean of the "
      "simulation: {} of the line rate apart over time, {} in the mean of a queue pair; medians.",
      rates.queue_pairs, format(rates.interval),
      distances_text(rates.over_time, "one simulated seed against the others: "),
      distances_text(rates.by_queue_pair, ""));
}

std::string conclusion(const Agreement& agreement) {
  if (agreement.verdict == Verdict::NotMeasurable)
    return "Nothing that decides could be measured: this says neither that simulation and lab agree nor that "
           "they "
           "differ.";
  if (agreement.verdict == Verdict::Differs)
    return fmt::format("Simulation and lab differ (tolerance {}) in {}.",
                       report::percent(agreement.tolerance), fmt::join(differing(agreement, true), ", "));
  std::string text = fmt::format("Simulation and lab agree within {} in all that decides and is measurable.",
                                 report::percent(agreement.tolerance));
  if (const auto others = differing(agreement, false); !others.empty())
    text += fmt::format(" Beside it, they differ in {}.", fmt::join(others, ", "));
  return text;
}

std::string value_text(const std::optional<record::Spread>& spread, record::Unit unit, bool interval) {
  if (!spread) return "-";
  const report::DisplayUnit display = report::display_unit(unit, spread->max);
  std::string text = report::mean_and_interval(*spread, unit, display);
  const size_t end = std::min(text.find(' '), text.size());
  return text.substr(0, end) + (display.name.empty() ? "" : " " + display.name) +
         (interval ? text.substr(end) : "");
}

void print_agreement(std::ostream& out, const Agreement& agreement, report::TerminalStyle style) {
  const size_t width = std::max(style.width, kLeastWidth);
  report::print_wrapped(out, agreement.scenario + ": simulation and lab", width);
  for (const std::string& note : agreement.notes) report::print_wrapped(out, "note: " + note, width);
  for (const SettingAgreement& setting : agreement.settings) print_setting(out, setting, width, style.color);
  out << '\n';
  report::print_wrapped(out,
                        "Means of the repetitions, ± half of the 95 % interval where there is room. ! "
                        "decides on the exit code.",
                        width);
  out << '\n';
  report::print_wrapped(out, conclusion(agreement), width);
}

}  // namespace railyard::validation
