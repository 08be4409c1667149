// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn_fluid.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace railyard {
namespace {

// 1 - (1-p)^n and 1 / ((1-p)^-n - 1), exact for small p.
double any_of(double p, double n) {
  return -std::expm1(n * std::log1p(-p));
}
double odds_of_none(double p, double n) {
  return 1 / std::expm1(-n * std::log1p(-p));
}
double none_of(double p, double n) {
  return std::exp(n * std::log1p(-p));
}

struct State {
  double rate;    // R_C
  double target;  // R_T
  double alpha;
  double queue;
};

State derivative(const DcqcnFluid& m, const State& now, double p, double delayed_rate) {
  const DcqcnFluid::Terms t = m.terms(p, delayed_rate);
  State d;
  d.queue = m.flows * now.rate - m.capacity;
  d.alpha = m.gain / m.alpha_interval * (t.alpha - now.alpha);
  d.target = -(now.target - now.rate) / m.cnp_interval * t.a + m.additive * delayed_rate * (t.c + t.e);
  d.rate = -now.rate * now.alpha / (2 * m.cnp_interval) * t.a +
           (now.target - now.rate) / 2 * delayed_rate * (t.b + t.d);
  return d;
}

}  // namespace

DcqcnFluid::Terms DcqcnFluid::terms(double p, double rate) const {
  constexpr double kSmallest = 1e-12, kLargest = 1 - 1e-12;  // where the terms' limits are as good
  p = std::clamp(p, kSmallest, kLargest);
  Terms t;
  t.a = any_of(p, cnp_interval * rate);
  t.b = p * odds_of_none(p, byte_counter);
  t.c = none_of(p, recoveries * byte_counter) * t.b;
  t.d = p * odds_of_none(p, timer * rate);
  t.e = none_of(p, recoveries * timer * rate) * t.d;
  t.alpha = any_of(p, alpha_interval * rate);
  return t;
}

double DcqcnFluid::fixed_point_probability() const {
  const double rate = capacity / flows;
  const double at_rest = cnp_interval * cnp_interval * additive * rate;
  double low = 1e-9, high = 0.5;
  for (int i = 0; i < 200; ++i) {
    const double p = (low + high) / 2;
    const Terms t = terms(p, rate);
    (t.a * t.a * t.alpha / ((t.b + t.d) * (t.c + t.e)) < at_rest ? low : high) = p;
  }
  return low;
}

std::optional<double> DcqcnFluid::fixed_point_queue_kb() const {
  const double p = fixed_point_probability();
  if (p > maximum_probability) return std::nullopt;
  return (minimum + p / maximum_probability * (maximum - minimum)) * packet_bytes / 1'000;
}

double DcqcnFluid::probability_at(double queue) const {
  if (queue <= minimum) return 0;
  if (queue > maximum) return 1;
  return (queue - minimum) / (maximum - minimum) * maximum_probability;
}

DcqcnFluidRun run(const DcqcnFluid& model, double seconds, double step) {
  const auto steps = static_cast<uint64_t>(seconds / step);
  const auto delay = std::max<size_t>(1, static_cast<size_t>(std::lround(model.delay / step)));
  State now = {model.capacity, model.capacity, 1, 0};
  std::vector<State> past(delay, now);  // a ring of what was `delay` ago
  DcqcnFluidRun out;
  out.queue_minimum_kb = INFINITY;
  uint64_t averaged = 0;
  for (uint64_t i = 0; i < steps; ++i) {
    State& delayed = past[i % delay];
    const State d = derivative(model, now, model.probability_at(delayed.queue), delayed.rate);
    delayed = now;
    now.rate = std::clamp(now.rate + step * d.rate, 1.0, model.capacity);
    now.target = std::clamp(now.target + step * d.target, 1.0, model.capacity);
    now.alpha += step * d.alpha;
    now.queue = std::max(0.0, now.queue + step * d.queue);
    if (i < steps / 2) continue;
    ++averaged;
    const double queue_kb = now.queue * model.packet_bytes / 1'000;
    out.queue_mean_kb += queue_kb;
    out.queue_minimum_kb = std::min(out.queue_minimum_kb, queue_kb);
    out.queue_maximum_kb = std::max(out.queue_maximum_kb, queue_kb);
    out.utilisation += now.queue > 0 ? 1 : std::min(1.0, model.flows * now.rate / model.capacity);
  }
  out.queue_mean_kb /= static_cast<double>(averaged);
  out.utilisation /= static_cast<double>(averaged);
  return out;
}

DcqcnFluid dcqcn_fluid(const DcqcnSettings& p, const ForecastInput& input) {
  const auto seconds = [](SimTime t) { return static_cast<double>(t.ps) / 1e12; };
  const double line = static_cast<double>(input.link.bps), frame = input.frame_bytes;
  const double scale = p.reference_rate.bps == 0 ? 1 : line / static_cast<double>(p.reference_rate.bps);
  DcqcnFluid m;
  m.packet_bytes = frame;
  m.capacity = line / 8 / frame;
  m.flows = input.flows;
  m.additive = scale * static_cast<double>(p.rpg_ai_rate.bps) / 8 / frame;
  m.minimum = input.marking_begins / frame;
  m.maximum = input.marking_ends / frame;
  m.maximum_probability = input.marking_probability;
  m.cnp_interval = std::max(seconds(p.min_time_between_cnps), seconds(p.rate_reduce_monitor_period));
  m.alpha_interval = seconds(p.dce_tcp_rtt);
  m.timer = seconds(p.rpg_time_reset);
  m.byte_counter = scale * static_cast<double>(p.rpg_byte_reset.n) / frame;
  m.recoveries = p.rpg_threshold;
  m.gain = 1 - p.dce_tcp_g / 1024.0;
  m.delay = seconds(input.delay);
  return m;
}

Forecast dcqcn_forecast(const DcqcnSettings& settings, const ForecastInput& input) {
  constexpr double kSeconds = 0.5, kLongestStep = 0.5e-6, kStepsOfDelay = 4;
  constexpr double kPackets = 2, kShare = 0.2;  // swings that are no more than this are rest
  const DcqcnFluid model = dcqcn_fluid(settings, input);
  const DcqcnFluidRun of = run(model, kSeconds, std::min(kLongestStep, model.delay / kStepsOfDelay));
  constexpr double kKilo = 1'000;
  Forecast f;
  if (const auto queue = model.fixed_point_queue_kb()) f.queue_bytes = *queue * kKilo;
  f.lowest_bytes = of.queue_minimum_kb * kKilo;
  f.highest_bytes = of.queue_maximum_kb * kKilo;
  f.utilisation = of.utilisation;
  const double rest = std::max(kPackets * model.packet_bytes, kShare * of.queue_mean_kb * kKilo);
  f.oscillates = f.highest_bytes - f.lowest_bytes > rest;
  return f;
}

}  // namespace railyard
