// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/bench_pairs.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "tools/bench/bench_report.h"
#include "traffic/record/statistics.h"

namespace railyard::bench {
namespace {

// Its output, which the figures' file has as well, is thrown away. True when it exits with 0.
bool run_silently(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string side_text(const PairSide& side, const std::vector<PairFigure>& figures) {
  std::vector<double> ns;
  std::set<std::string> notices;
  for (const PairFigure& figure : figures) {
    ns.push_back(figure.ns_per_hop);
    if (!figure.notice.empty()) notices.insert(figure.notice);
  }
  const record::Spread spread = record::spread_of(ns);
  std::string text = fmt::format("{:<16} {:>3} {:>7.1f} ({:.1f} .. {:.1f}) ns/hop  {}\n", side.engine_case,
                                 side.threads, spread.median, spread.min, spread.max, side.binary);
  for (const std::string& notice : notices) text += fmt::format("  {}\n", notice);
  return text;
}

}  // namespace

tl::expected<PairFigure, std::string> measure_side(const PairSide& side) {
  char path[] = "/tmp/railyard-bench-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) return tl::make_unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  close(file);
  const bool ran = run_silently({side.binary, "bench", "engine", "--case", side.engine_case, "--threads",
                                 fmt::format("{}", side.threads), "--repetitions", "1", "--json", path});
  std::ifstream json(path);
  const std::string text{std::istreambuf_iterator<char>(json), {}};
  unlink(path);
  if (!ran)
    return tl::make_unexpected(fmt::format("{} bench engine --case {} --threads {} failed: run it by hand",
                                           side.binary, side.engine_case, side.threads));
  const auto report = from_json(text);
  if (!report) return tl::make_unexpected(fmt::format("{}: {}", side.binary, report.error()));
  const CaseFigures& figures = report->cases.front();
  return PairFigure{figures.ns_per_hop.front(), figures.packet_hops, figures.notice};
}

tl::expected<PairedRuns, std::string> run_pairs(const PairSide& before, const PairSide& after, uint32_t pairs,
                                                const PairMeasure& measure,
                                                const std::function<void(uint32_t)>& about_to_run) {
  PairedRuns runs;
  const auto run = [&](const PairSide& side, std::vector<PairFigure>& figures) -> std::string {
    auto figure = measure(side);
    if (!figure) return figure.error();
    figures.push_back(std::move(*figure));
    return {};
  };
  for (uint32_t pair = 1; pair <= pairs; ++pair) {
    about_to_run(pair);
    const bool after_first = pair % 2 == 0;
    std::string error = after_first ? run(after, runs.after) : run(before, runs.before);
    if (error.empty()) error = after_first ? run(before, runs.before) : run(after, runs.after);
    if (!error.empty()) return tl::make_unexpected(error);
  }
  return runs;
}

MedianInterval median_interval(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  // Of n values, the k lowest and the k highest are left out: the median lies outside of the rest with a
  // probability of 2 P(at most k - 1 of n coins show heads).
  const size_t n = values.size();
  constexpr double kTail = 0.025;
  size_t left_out = 0;
  double ways = 1, tail = 0;  // ways: n over left_out
  for (const double all = std::exp2(static_cast<double>(n)); left_out + 1 < (n + 1) / 2; ++left_out) {
    tail += ways / all;
    if (tail > kTail) break;
    ways *= static_cast<double>(n - left_out) / static_cast<double>(left_out + 1);
  }
  const size_t outermost = left_out == 0 ? 0 : left_out - 1;
  return {record::spread_of(values).median, values[outermost], values[n - 1 - outermost]};
}

std::string pairs_text(const PairSide& before, const PairSide& after, const PairedRuns& runs) {
  std::vector<double> ratios;
  for (size_t pair = 0; pair < runs.before.size(); ++pair)
    ratios.push_back(runs.after[pair].ns_per_hop / runs.before[pair].ns_per_hop);
  const MedianInterval ratio = median_interval(ratios);
  std::string text = side_text(before, runs.before) + side_text(after, runs.after);
  constexpr size_t kFewest = 6;  // of fewer the sign test says nothing
  text += fmt::format("ratio {:.3f}, {} {:.3f} .. {:.3f} ({} pairs)\n", ratio.median,
                      ratios.size() < kFewest ? "range" : "with 95 % confidence", ratio.low, ratio.high,
                      ratios.size());
  const uint64_t then = runs.before.front().packet_hops, now = runs.after.front().packet_hops;
  if (before.engine_case == after.engine_case && then != now)
    text += fmt::format("They do not do the same: {} -> {} hops\n", then, now);
  return text;
}

}  // namespace railyard::bench
