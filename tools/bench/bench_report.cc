// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/bench_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "traffic/record/statistics.h"

namespace railyard::bench {
namespace {

double ns_per_hop_of(const Sample& sample, uint32_t threads) {
  const double seconds = threads == 1 ? sample.cpu_seconds : sample.wall_seconds;
  return 1e9 * seconds / static_cast<double>(std::max<uint64_t>(sample.packet_hops, 1));
}

template <class Value>
double median_of(const std::vector<Sample>& samples, Value value) {
  std::vector<double> values;
  std::transform(samples.begin(), samples.end(), std::back_inserter(values), value);
  return record::spread_of(std::move(values)).median;
}

std::string count(uint64_t n) {
  if (n < 10'000) return fmt::format("{}", n);
  return n < 1'000'000 ? fmt::format("{:.0f} k", n * 1e-3) : fmt::format("{:.2f} M", n * 1e-6);
}

}  // namespace

CaseFigures figures_of(const CaseSamples& measured) {
  const std::vector<Sample>& samples = measured.samples;
  CaseFigures figures;
  figures.name = measured.engine_case->name;
  figures.threads = measured.threads;
  const Sample& first = samples.front();
  figures.packet_hops = first.packet_hops;
  figures.data_hops = first.data_hops;
  figures.ecn_marked = first.ecn_marked;
  figures.pfc_pauses = first.pfc_pauses;
  figures.drops = first.drops;
  figures.events_per_hop =
      static_cast<double>(first.events) / static_cast<double>(std::max<uint64_t>(first.packet_hops, 1));
  figures.wall_seconds = median_of(samples, [](const Sample& s) { return s.wall_seconds; });
  figures.cpu_seconds = median_of(samples, [](const Sample& s) { return s.cpu_seconds; });
  figures.set_up_seconds = median_of(samples, [](const Sample& s) { return s.set_up_seconds; });
  for (const Sample& sample : samples) {
    figures.ns_per_hop.push_back(ns_per_hop_of(sample, measured.threads));
    figures.peak_bytes = std::max(figures.peak_bytes, sample.peak_bytes);
    if (!sample.notice.empty()) figures.notice = sample.notice;
  }
  return figures;
}

std::string to_table(const std::vector<CaseFigures>& cases) {
  constexpr const char* kRow = "{:<16} {:>3} {:>8} {:>8} {:>7} {:>13} {:>8} {:>8} {:>7} {:>7} {:>7} {:>6}\n";
  std::string table = fmt::format(kRow, "case", "thr", "hops", "data", "ns/hop", "min .. max", "ns/data",
                                  "Mhops/s", "ev/hop", "run s", "setup s", "MiB");
  for (const CaseFigures& c : cases) {
    const record::Spread ns = record::spread_of(c.ns_per_hop);
    const double hops_per_data =
        static_cast<double>(c.packet_hops) / static_cast<double>(std::max<uint64_t>(c.data_hops, 1));
    table += fmt::format(kRow, c.name, c.threads, count(c.packet_hops), count(c.data_hops),
                         fmt::format("{:.1f}", ns.median), fmt::format("{:.1f} .. {:.1f}", ns.min, ns.max),
                         fmt::format("{:.1f}", ns.median * hops_per_data),
                         fmt::format("{:.1f}", 1e3 / ns.median), fmt::format("{:.2f}", c.events_per_hop),
                         fmt::format("{:.2f}", c.wall_seconds), fmt::format("{:.3f}", c.set_up_seconds),
                         fmt::format("{:.0f}", static_cast<double>(c.peak_bytes) / (1 << 20)));
    if (!c.notice.empty()) table += fmt::format("  {}\n", c.notice);
  }
  table +=
      "Medians. ns/hop: processor time with one thread, wall-clock time with several; a hop is any frame "
      "that crosses a link.\n";
  return table;
}

}  // namespace railyard::bench
