// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace railyard::record {
namespace {

using Values = std::map<uint64_t, double>;  // by seed

// Of a metric of one size of flows, such as slowdown.p99.10kB; 0 of others.
uint64_t size_in(const std::string& name) {
  const auto size = parse_bytes(name.substr(name.rfind('.') + 1));
  return size ? size->n : 0;
}

std::vector<std::string> names_in_order(const std::vector<SettingSummaries>& settings) {
  std::set<std::tuple<size_t, uint64_t, std::string>> ordered;
  for (const SettingSummaries& setting : settings)
    for (const Summary& run : setting.runs)
      for (const auto& [name, value] : run.metrics)
        ordered.emplace(catalogue_position(name), size_in(name), name);
  std::vector<std::string> names;
  for (const auto& [position, size, name] : ordered) names.push_back(name);
  return names;
}

Values values_of(const SettingSummaries& setting, const std::string& name) {
  Values values;
  for (size_t i = 0; i < setting.runs.size(); ++i) {
    const auto found = setting.runs[i].metrics.find(name);
    if (found != setting.runs[i].metrics.end())
      values[i < setting.seeds.size() ? setting.seeds[i] : i] = found->second.value;
  }
  return values;
}

std::vector<double> without_seeds(const Values& values) {
  std::vector<double> out;
  for (const auto& [seed, value] : values) out.push_back(value);
  return out;
}

std::optional<size_t> best_of(const ComparedMetric& metric) {
  if (metric.info.better == Better::Neither) return std::nullopt;
  // Where a step takes longest it may not have ended at all: the mean of the seeds that did is no praise.
  size_t most = 0;
  for (const auto& spread : metric.spread) most = std::max(most, spread ? spread->n : 0);
  std::optional<size_t> best;
  bool differ = false;
  for (size_t i = 0; i < metric.spread.size(); ++i) {
    if (!metric.spread[i]) continue;
    if (metric.spread[i]->n < most) {
      differ = true;
      continue;
    }
    if (!best) {
      best = i;
      continue;
    }
    // Where medians are equal, means may differ: of seeds with and without a collision, say.
    double gain = metric.center(i) - metric.center(*best);
    if (gain == 0) gain = metric.spread[i]->mean - metric.spread[*best]->mean;
    differ = differ || gain != 0;
    if (metric.info.better == Better::Lower ? gain < 0 : gain > 0) best = i;
  }
  return differ ? best : std::nullopt;
}

// other - best, or best - other where more is better; of the seeds that both have.
std::vector<double> differences_of(Better better, const Values& best, const Values& other) {
  std::vector<double> differences;
  for (const auto& [seed, value] : best)
    if (const auto found = other.find(seed); found != other.end())
      differences.push_back(better == Better::Lower ? found->second - value : value - found->second);
  if (differences.empty()) return differences;
  // Times are whole picoseconds, but not as doubles: differences that rounding alone tells apart are equal.
  constexpr double kRounding = 1e-12;
  double largest = 0;
  for (const auto& [seed, value] : best) largest = std::max(largest, std::abs(value));
  const auto [low, high] = std::minmax_element(differences.begin(), differences.end());
  if (*high - *low <= kRounding * largest)
    std::fill(differences.begin(), differences.end(), double{differences.front()});
  return differences;
}

bool varies(const ComparedMetric& metric, size_t setting) {
  return metric.spread[setting]->min < metric.spread[setting]->max;
}

// A pair of settings while the family's probabilities are being gathered.
struct Pair {
  size_t first = 0, second = 0;
  std::vector<double> differences;
  Decider decider = Decider::None;
  double p = 1;
  double adjusted = 1;
};

bool all_zero(const std::vector<double>& differences) {
  return std::all_of(differences.begin(), differences.end(), [](double d) { return d == 0; });
}

bool lies_within(const Range& range, double limit) {
  return range.low > -limit && range.high < limit;
}

class MetricComparer {
 public:
  MetricComparer(ComparedMetric& metric, const std::vector<Values>& values, const ComparisonRule& rule)
      : metric_(metric), values_(values), rule_(rule) {}

  void compare() {
    gather_pairs();
    for (size_t i = 0; i < values_.size(); ++i)
      if (metric_.spread[i] && i != *metric_.best) metric_.from_best[i] = from_best(i);
  }

 private:
  // Every pair that is tested, since which setting is best was seen in the same runs.
  void gather_pairs() {
    size_t sign_flips = 0;
    size_t all = 0;
    for (size_t a = 0; a < values_.size(); ++a)
      for (size_t b = a + 1; b < values_.size(); ++b) {
        if (!metric_.spread[a] || !metric_.spread[b]) continue;
        ++all;
        if (!varies(metric_, a) && !varies(metric_, b)) continue;
        Pair pair{a, b, differences_of(metric_.info.better, values_[a], values_[b]), Decider::None, 1, 1};
        if (all_zero(pair.differences)) continue;
        pair.decider = looks_normal(pair.differences) ? Decider::PairedT : Decider::SignFlip;
        sign_flips += pair.decider == Decider::SignFlip ? 1 : 0;
        pairs_.push_back(std::move(pair));
      }
    // Were all others told apart, Holm would still ask this of those that are left to sign flips.
    least_flips_ =
        least_pairs_of_sign_flip(rule_.alpha / static_cast<double>(std::max<size_t>(1, sign_flips)));
    metric_.tests = pairs_.size();
    // Where nothing varies at all, it is not by chance that many settings seem not to.
    metric_.least_pairs =
        least_pairs_of_any_test(rule_.alpha / static_cast<double>(nothing_varies() ? 1 : all));
    std::vector<double> p;
    for (Pair& pair : pairs_) p.push_back(pair.p = probability(pair));
    const std::vector<double> adjusted = holm(p);
    for (size_t i = 0; i < pairs_.size(); ++i) pairs_[i].adjusted = adjusted[i];
  }

  bool nothing_varies() const {
    for (size_t i = 0; i < values_.size(); ++i)
      if (metric_.spread[i] && varies(metric_, i)) return false;
    return true;
  }

  // 1, and no decider, where there are too few pairs for it.
  double probability(Pair& pair) const {
    const size_t pairs = pair.differences.size();
    const bool enough = pairs >= metric_.least_pairs;
    if (enough && pair.decider == Decider::PairedT) return paired_t(pair.differences, rule_.alpha)->p;
    if (enough && pair.decider == Decider::SignFlip && pairs >= least_flips_)
      return sign_flip_p(pair.differences);
    pair.decider = Decider::None;
    return 1;
  }

  const Pair* find(size_t a, size_t b) const {
    for (const Pair& pair : pairs_)
      if ((pair.first == a && pair.second == b) || (pair.first == b && pair.second == a)) return &pair;
    return nullptr;
  }

  double limit(size_t other) const {
    const double scale = std::abs(metric_.spread[other]->mean);
    return rule_.least_difference * (scale > 0 ? scale : std::abs(metric_.spread[*metric_.best]->mean));
  }

  Difference from_best(size_t other) const {
    const size_t best = *metric_.best;
    Difference d;
    const std::vector<double> differences =
        differences_of(metric_.info.better, values_[best], values_[other]);
    d.pairs = differences.size();
    if (d.pairs < 2) return d;
    const Spread spread = spread_of(differences);
    d.mean = spread.mean;
    d.seen = {spread.min, spread.max};
    if (all_zero(differences)) {
      d.outcome = Outcome::Identical;
    } else if (!varies(metric_, best) && !varies(metric_, other)) {
      hold_against_limit(d, other);
    } else {
      test(d, differences, other);
    }
    return d;
  }

  // Of two settings that the seed does not change.
  void hold_against_limit(Difference& d, size_t other) const {
    if (d.pairs < metric_.least_pairs) {
      d.outcome = Outcome::Untested;
      d.least_pairs = metric_.least_pairs;
      return;
    }
    d.decider = Decider::NoSeedDependence;
    d.interval = d.seen;
    d.outcome = std::abs(d.mean) < limit(other) ? Outcome::Same : Outcome::Worse;
  }

  // What is left to each pair of settings, so that all their intervals hold together (Bonferroni).
  double alpha_of_pair() const { return rule_.alpha / static_cast<double>(metric_.tests); }

  void test(Difference& d, const std::vector<double>& differences, size_t other) const {
    const Pair& pair = *find(*metric_.best, other);
    if (d.pairs >= least_pairs_of_any_test(rule_.alpha)) d.t = paired_t(differences, alpha_of_pair());
    if (d.pairs >= least_pairs_of_sign_flip(rule_.alpha))
      d.sign_flip_p = pair.decider == Decider::SignFlip ? pair.p : sign_flip_p(differences);
    d.decider = pair.decider;
    if (d.decider == Decider::None) {
      d.outcome = Outcome::Untested;
      d.least_pairs = d.pairs < metric_.least_pairs ? metric_.least_pairs : least_flips_;
    } else {
      d.p = pair.adjusted;
      d.interval =
          d.decider == Decider::PairedT ? d.t->interval : sign_flip_interval(differences, alpha_of_pair());
      if (d.interval && lies_within(*d.interval, limit(other)))
        d.outcome = Outcome::Same;
      else if (*d.p < rule_.alpha && d.mean > 0)  // where medians stand, the mean may say the opposite
        d.outcome = Outcome::Worse;
      else
        d.outcome = Outcome::Undecided;
    }
    if (d.outcome == Outcome::Untested || d.outcome == Outcome::Undecided) propose(d, differences, other);
  }

  void propose(Difference& d, const std::vector<double>& differences, size_t other) const {
    if (limit(other) == 0 || d.pairs < least_pairs_of_any_test(rule_.alpha)) return;
    const double alpha = alpha_of_pair();
    const double deviation = *spread_of(differences).deviation;
    const size_t floor = std::max(
        {d.pairs + 1, d.least_pairs, d.decider == Decider::SignFlip ? least_pairs_of_sign_flip(alpha) : 0});
    d.seeds_to_decide = std::max(floor, pairs_for_half_width(deviation, limit(other) / 2, alpha));
    if (std::abs(d.mean) < limit(other)) return;
    const size_t as_seen = std::max(floor, pairs_for_power(deviation, std::abs(d.mean), alpha));
    if (as_seen < *d.seeds_to_decide) d.seeds_as_seen = as_seen;
  }

  ComparedMetric& metric_;
  const std::vector<Values>& values_;
  const ComparisonRule& rule_;
  std::vector<Pair> pairs_;
  size_t least_flips_ = 0;  // fewest pairs with which sign flips are offered
};

ComparedMetric compare_metric(const MetricInfo& info, const std::vector<Values>& values,
                              const ComparisonRule& rule) {
  ComparedMetric metric;
  metric.info = info;
  metric.least_pairs = least_pairs_of_any_test(rule.alpha);
  metric.from_best.resize(values.size());
  for (const Values& of_setting : values) {
    const std::vector<double> plain = without_seeds(of_setting);
    metric.split = metric.split || is_split(plain);
    metric.spread.push_back(plain.empty() ? std::nullopt : std::optional(spread_of(plain)));
  }
  metric.all_identical = values.size() > 1 && std::all_of(values.begin(), values.end(), [&](const Values& v) {
                           return v == values.front();
                         });
  for (size_t i = 0; i < values.size(); ++i)
    metric.first_like.push_back(
        static_cast<size_t>(std::find(values.begin(), values.end(), values[i]) - values.begin()));
  metric.best = best_of(metric);
  if (metric.best) MetricComparer(metric, values, rule).compare();
  return metric;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Identical:
      return "identical";
    case Outcome::Same:
      return "same";
    case Outcome::Untested:
      return "untested";
    case Outcome::Undecided:
      return "undecided";
    case Outcome::Worse:
      return "worse";
    case Outcome::Unknown:
      break;
  }
  return "";
}

double ComparedMetric::center(size_t setting) const {
  return split ? spread[setting]->median : spread[setting]->mean;
}

bool ComparedMetric::some_outcome(Outcome outcome) const {
  return std::any_of(from_best.begin(), from_best.end(),
                     [&](const Difference& d) { return d.outcome == outcome; });
}

bool ComparedMetric::is_best(size_t setting) const {
  return best && spread[setting] && center(setting) == center(*best) &&
         spread[setting]->mean == spread[*best]->mean;
}

const ComparedMetric* Comparison::find(std::string_view name) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const ComparedMetric& m) { return m.info.name == name; });
  return found == metrics.end() ? nullptr : &*found;
}

const ComparedMetric* Comparison::primary() const {
  const ComparedMetric* iteration = find("iteration.time");
  return iteration != nullptr ? iteration : find("fct.p99");
}

Comparison compare(const std::vector<SettingSummaries>& settings, const ComparisonRule& rule) {
  Comparison comparison;
  comparison.rule = rule;
  for (const SettingSummaries& setting : settings) {
    comparison.seeds =
        comparison.settings.empty() ? setting.runs.size() : std::min(comparison.seeds, setting.runs.size());
    comparison.settings.push_back(setting.name);
  }
  for (const std::string& name : names_in_order(settings)) {
    std::vector<Values> values;
    for (const SettingSummaries& setting : settings) values.push_back(values_of(setting, name));
    const auto info = find_metric(name).value_or(MetricInfo{name, name, Unit::Count, Better::Neither, ""});
    comparison.metrics.push_back(compare_metric(info, values, rule));
  }
  return comparison;
}

ComparedMetric compare_values(const MetricInfo& info, const std::vector<std::vector<double>>& values,
                              const ComparisonRule& rule) {
  std::vector<Values> by_seed;
  for (const std::vector<double>& of_setting : values) {
    by_seed.emplace_back();
    for (size_t seed = 0; seed < of_setting.size(); ++seed) by_seed.back()[seed] = of_setting[seed];
  }
  return compare_metric(info, by_seed, rule);
}

std::optional<double> relative_gain(Better better, double best, double other) {
  if (other == 0 || better == Better::Neither) return std::nullopt;
  return (better == Better::Lower ? other - best : best - other) / other;
}

}  // namespace railyard::record
