// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/bench_compare.h"

#include <algorithm>

#include <fmt/format.h>

#include "traffic/record/statistics.h"

namespace railyard::bench {
namespace {

const CaseFigures* find_same(const BenchReport& report, const CaseFigures& like) {
  const auto found = std::find_if(report.cases.begin(), report.cases.end(), [&](const CaseFigures& c) {
    return c.name == like.name && c.threads == like.threads;
  });
  return found == report.cases.end() ? nullptr : &*found;
}

Change judge(const record::Spread& before, const record::Spread& after) {
  if (before.n < 2 || after.n < 2) return Change::Unknown;
  if (after.max < before.min) return Change::Faster;
  return after.min > before.max ? Change::Slower : Change::None;
}

std::string verdict_of(const CaseChange& c) {
  const char* verdict = "";
  switch (c.change) {
    case Change::None:
      verdict = "within the spread";
      break;
    case Change::Faster:
      verdict = "faster";
      break;
    case Change::Slower:
      verdict = "SLOWER";
      break;
    case Change::Unknown:
      verdict = "one run, spread unknown";
      break;
  }
  return c.same_work ? verdict
                     : fmt::format("{}; {} -> {} hops", verdict, c.before.packet_hops, c.after.packet_hops);
}

std::string median_and_range(const CaseFigures& c) {
  const record::Spread ns = record::spread_of(c.ns_per_hop);
  return fmt::format("{:.1f} ({:.1f}..{:.1f})", ns.median, ns.min, ns.max);
}

std::string only_in(const char* which, const BenchReport& report, const BenchReport& other) {
  std::string names;
  for (const CaseFigures& c : report.cases)
    if (find_same(other, c) == nullptr) names += fmt::format(" {}/{}", c.name, c.threads);
  return names.empty() ? "" : fmt::format("only in the {}:{}\n", which, names);
}

}  // namespace

std::vector<CaseChange> changes_between(const BenchReport& before, const BenchReport& after) {
  std::vector<CaseChange> changes;
  for (const CaseFigures& c : after.cases) {
    const CaseFigures* old = find_same(before, c);
    if (old == nullptr) continue;
    const record::Spread then = record::spread_of(old->ns_per_hop);
    const record::Spread now = record::spread_of(c.ns_per_hop);
    changes.push_back(
        {*old, c, now.median / then.median, judge(then, now), old->packet_hops == c.packet_hops});
  }
  return changes;
}

std::string comparison_text(const BenchReport& before, const BenchReport& after) {
  constexpr const char* kRow = "{:<16} {:>3} {:>20} {:>20} {:>7} {:>9} {:>9}  {}\n";
  std::string text =
      fmt::format(kRow, "case", "thr", "ns/hop before", "ns/hop after", "ratio", "set-up", "memory", "");
  const auto ratio = [](double now, double then) {
    return then > 0 ? fmt::format("{:.2f}", now / then) : std::string("-");
  };
  for (const CaseChange& c : changes_between(before, after)) {
    text += fmt::format(
        kRow, c.after.name, c.after.threads, median_and_range(c.before), median_and_range(c.after),
        fmt::format("{:.3f}", c.ratio), ratio(c.after.set_up_seconds, c.before.set_up_seconds),
        ratio(static_cast<double>(c.after.peak_bytes), static_cast<double>(c.before.peak_bytes)),
        verdict_of(c));
  }
  text += only_in("first", before, after) + only_in("second", after, before);
  const Machine &a = before.machine, &b = after.machine;
  if (a.cpu != b.cpu || a.cores != b.cores || a.compiler != b.compiler || a.build_type != b.build_type)
    text += fmt::format("The machines or builds differ, so the ratios say little of the code:\n{}{}",
                        to_text(a), to_text(b));
  return text;
}

}  // namespace railyard::bench
