// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/expectation.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "tools/report/number_format.h"
#include "traffic/parameter/nearest_name.h"
#include "traffic/units/quantity.h"

namespace railyard {
namespace {

struct Symbol {
  std::string_view text;
  Relation relation;
};

// Two characters first, or "<" would be found in "<=".
constexpr std::array<Symbol, 6> kSymbols = {{{"<=", Relation::LessOrEqual},
                                             {">=", Relation::GreaterOrEqual},
                                             {"==", Relation::Equal},
                                             {"!=", Relation::NotEqual},
                                             {"<", Relation::Less},
                                             {">", Relation::Greater}}};

bool holds(Relation relation, double value, double limit) {
  switch (relation) {
    case Relation::Less:
      return value < limit;
    case Relation::LessOrEqual:
      return value <= limit;
    case Relation::Greater:
      return value > limit;
    case Relation::GreaterOrEqual:
      return value >= limit;
    case Relation::Equal:
      return value == limit;
    case Relation::NotEqual:
      return value != limit;
  }
  return false;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

tl::expected<double, std::string> parse_limit(record::Unit unit, std::string_view text) {
  switch (unit) {
    case record::Unit::Time:
      return parse_time(text).map([](SimTime t) { return t.to_seconds(); });
    case record::Unit::Rate:
      return parse_rate(text).map([](BitRate r) { return static_cast<double>(r.bps); });
    case record::Unit::Size:
      return parse_bytes(text).map([](Bytes b) { return static_cast<double>(b.n); });
    case record::Unit::Count:
    case record::Unit::Ratio:
      break;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return tl::make_unexpected(fmt::format("'{}' is not a number", text));
  return value;
}

// Every digit.
std::string exact_value(record::MetricValue metric) {
  constexpr double kPicoseconds = 1e12;
  switch (metric.unit) {
    case record::Unit::Time:
      return format(SimTime{std::llround(metric.value * kPicoseconds)});
    case record::Unit::Rate:
      return fmt::format("{:.4g}Gbps", metric.value / 1e9);
    case record::Unit::Size:
      return format(Bytes{static_cast<uint64_t>(std::llround(metric.value))});
    case record::Unit::Count:
    case record::Unit::Ratio:
      break;
  }
  return fmt::format("{:.6g}", metric.value);
}

// As the tables have it, unless that reads like the limit itself.
std::string readable_value(record::MetricValue metric, double limit) {
  const std::string text = report::quantity(metric.value, metric.unit);
  return text == report::quantity(limit, metric.unit) ? exact_value(metric) : text;
}

std::string unknown_metric(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& metric : record::metric_catalogue()) names.push_back(metric.name);
  return fmt::format("'{}' is not a metric{} (railyard list metrics names them)", name,
                     did_you_mean(name, names));
}

}  // namespace

tl::expected<Expectation, std::string> parse_expectation(std::string_view text) {
  const size_t at = text.find_first_of("<>=!");
  const Symbol* symbol = nullptr;
  if (at != std::string_view::npos) {
    for (const Symbol& candidate : kSymbols)
      if (symbol == nullptr && text.substr(at, candidate.text.size()) == candidate.text) symbol = &candidate;
  }
  if (symbol == nullptr)
    return tl::make_unexpected(
        fmt::format("'{}' is not an expectation: write a metric, one of < <= > >= == != and a value, such as "
                    "fct.p99 < 2ms",
                    text));
  const std::string_view name = trim(text.substr(0, at));
  const auto metric = record::find_metric(name);
  if (!metric) return tl::make_unexpected(unknown_metric(name));
  const auto limit = parse_limit(metric->unit, trim(text.substr(at + symbol->text.size())));
  if (!limit) return tl::make_unexpected(limit.error());
  return Expectation{std::string(trim(text)), "", std::string(name), symbol->relation, *limit};
}

std::string unmet_reason(const Expectation& expectation, const record::Summary& summary) {
  const auto metric = summary.metrics.find(expectation.metric);
  if (metric == summary.metrics.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : summary.metrics) names.push_back(name);
    return fmt::format("{}: the run has no such value{}", expectation.text,
                       did_you_mean(expectation.metric, names));
  }
  if (holds(expectation.relation, metric->second.value, expectation.limit)) return "";
  return fmt::format("{}: it is {}", expectation.text, readable_value(metric->second, expectation.limit));
}

}  // namespace railyard
