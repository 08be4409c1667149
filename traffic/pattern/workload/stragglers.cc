// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/stragglers.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/draws.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

using Factors = std::vector<double>;  // by rank

constexpr double kMostFactor = 1000;

template <class T>
bool parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "5:1.5x" or "8-15:2x".
tl::expected<void, std::string> read_entry(std::string_view entry, Factors& factors) {
  const size_t colon = entry.find(':');
  const std::string_view ranks = trimmed(entry.substr(0, colon));
  std::string_view times = colon == std::string_view::npos ? "" : trimmed(entry.substr(colon + 1));
  if (!times.empty() && times.back() == 'x') times.remove_suffix(1);
  const size_t dash = ranks.find('-');
  uint32_t first = 0, last = 0;
  double factor = 0;
  const bool is_read = parse(ranks.substr(0, dash), first) &&
                       parse(dash == std::string_view::npos ? ranks : ranks.substr(dash + 1), last) &&
                       parse(times, factor) && first <= last && factor > 0 && factor <= kMostFactor;
  if (!is_read)
    return tl::make_unexpected(
        fmt::format("slow_ranks: '{}' is not a rank and how many times as long it computes; write for "
                    "instance {{5: 1.5x, 8-15: 2x}}",
                    trimmed(entry)));
  if (last >= factors.size())
    return tl::make_unexpected(
        fmt::format("slow_ranks: there is no rank {}; the job has ranks 0 to {}", last, factors.size() - 1));
  std::fill(factors.begin() + first, factors.begin() + last + 1, factor);
  return {};
}

tl::expected<Factors, std::string> factors_of(std::string_view slow_ranks, uint32_t ranks) {
  Factors factors(ranks, 1);
  slow_ranks = trimmed(slow_ranks);
  if (slow_ranks.size() >= 2 && slow_ranks.front() == '{' && slow_ranks.back() == '}')  // as --set takes it
    slow_ranks = slow_ranks.substr(1, slow_ranks.size() - 2);
  while (slow_ranks != "none" && !slow_ranks.empty()) {
    const size_t comma = std::min(slow_ranks.find(','), slow_ranks.size());
    if (auto read = read_entry(slow_ranks.substr(0, comma), factors); !read)
      return tl::make_unexpected(read.error());
    slow_ranks.remove_prefix(std::min(comma + 1, slow_ranks.size()));
  }
  return factors;
}

// With mean 1, as long as a normal one is not cut off at 0.
double draw_jitter(const StragglerSettings& settings, workload::Draws& draws) {
  const double spread = settings.jitter_spread;
  switch (settings.jitter) {
    case JitterKind::None:
      break;
    case JitterKind::Normal:
      return std::max(0.0, 1 + spread * draws.normal());
    case JitterKind::Lognormal:
      return draws.lognormal(spread);
    case JitterKind::Exponential:
      return 1 + spread * (draws.exponential() - 1);
  }
  return 1;
}

void stretch(trace::Rank& rank, double factor, const StragglerSettings& settings, workload::Draws draws) {
  for (trace::Operation& operation : *rank.mutable_operations()) {
    if (!operation.has_compute() || operation.compute().wait()) continue;
    const auto time = static_cast<double>(operation.compute().duration_ns());
    const double stretched = time * factor * draw_jitter(settings, draws);
    operation.mutable_compute()->set_duration_ns(static_cast<uint64_t>(stretched + 0.5));
  }
}

// What waits for nothing waits for this.
void delay(trace::Rank& rank, uint64_t late_ns) {
  trace::Rank delayed;
  delayed.set_rank(rank.rank());
  trace::RankBuilder builder(delayed);
  builder.wait("start skew", late_ns);
  for (trace::Operation& operation : *rank.mutable_operations()) {
    if (operation.after().empty()) operation.add_after(builder.size());
    *delayed.add_operations() = std::move(operation);
  }
  rank = std::move(delayed);
}

}  // namespace

const std::vector<Parameter<StragglerSettings>>& parameters_of(const StragglerSettings*) {
  using S = StragglerSettings;
  static const std::vector<Parameter<S>> rows = {
      {"slow_ranks", &S::slow_ranks, 0, 0,
       "Ranks that compute longer, and how many times as long: {5: 1.5x, 8-15: 2x}; or none",
       workload::kOurs},
      {"jitter",
       &S::jitter,
       "Distribution of a factor on each computation's time, with mean 1, drawn from the run's seed; the "
       "same "
       "in every "
       "iteration",
       workload::kOurs,
       {"none", "normal", "lognormal", "exponential"}},
      {"jitter_spread", &S::jitter_spread, 0, 1, "Standard deviation of that factor", workload::kOurs},
      {"start_skew", &S::start_skew, 0, workload::kMaxTime,
       "Ranks start each iteration up to this late, every time equally likely, drawn from the run's seed",
       workload::kOurs},
  };
  return rows;
}

bool depends_on_seed(const StragglerSettings& settings) {
  return (settings.jitter != JitterKind::None && settings.jitter_spread > 0) || settings.start_skew.ps > 0;
}

tl::expected<std::shared_ptr<const trace::RankSource>, std::string> with_stragglers(
    std::shared_ptr<const trace::RankSource> source, const StragglerSettings& settings, uint64_t seed,
    std::string_view job) {
  const uint32_t ranks = source->header().rank_count();
  auto factors = factors_of(settings.slow_ranks, ranks);
  if (!factors) return tl::make_unexpected(factors.error());
  const bool jitters = settings.jitter != JitterKind::None;
  const bool slow = std::any_of(factors->begin(), factors->end(), [](double factor) { return factor != 1; });
  if (slow || jitters) {
    source = trace::changed(std::move(source), [factors = *std::move(factors), jitters, settings, seed,
                                                name = fmt::format("jitter of {}", job)](trace::Rank& rank) {
      const double factor = factors[rank.rank()];
      if (factor != 1 || jitters) stretch(rank, factor, settings, {seed, name, rank.rank()});
    });
  }
  const uint64_t skew_ns = workload::to_ns(settings.start_skew);
  if (skew_ns == 0) return source;
  workload::Draws starts(seed, fmt::format("start skew of {}", job));
  std::vector<uint64_t> late_ns(ranks);
  for (uint64_t& late : late_ns) late = starts.below(skew_ns + 1);
  return trace::changed(std::move(source), [late_ns = std::move(late_ns)](trace::Rank& rank) {
    if (late_ns[rank.rank()] > 0) delay(rank, late_ns[rank.rank()]);
  });
}

}  // namespace railyard
