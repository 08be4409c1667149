// SPDX-License-Identifier: GPL-2.0-only
// railyard bench engine, compare, pairs
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/bench/bench_compare.h"
#include "tools/bench/bench_pairs.h"
#include "tools/bench/bench_report.h"
#include "tools/railyard/subcommands.h"
#include "traffic/parameter/nearest_name.h"

namespace railyard {
namespace {

struct EngineOptions {
  std::vector<std::string> cases;
  std::vector<uint32_t> threads = {1};
  uint32_t repetitions = 3;
  std::string json;
};

struct CompareOptions {
  std::string before, after;
};

// Its path, as a user knows it.
std::string this_binary() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).string();
}

struct PairsOptions {
  bench::PairSide before{"", "", 0}, after{this_binary(), "W1", 1};
  uint32_t pairs = 11;
};

tl::expected<const bench::EngineCase*, std::string> find_case(const std::string& name) {
  if (const bench::EngineCase* engine_case = bench::find_engine_case(name)) return engine_case;
  std::vector<std::string_view> names;
  for (const bench::EngineCase& engine_case : bench::engine_cases()) names.push_back(engine_case.name);
  return tl::make_unexpected(fmt::format("there is no case '{}'{}\nThere are {}", name,
                                         did_you_mean(name, names), fmt::join(names, ", ")));
}

tl::expected<bench::Selection, std::string> select(const EngineOptions& options) {
  bench::Selection selection;
  selection.threads = options.threads;
  selection.repetitions = options.repetitions;
  for (const bench::EngineCase& engine_case : bench::engine_cases())
    if (options.cases.empty() && engine_case.by_default) selection.cases.push_back(&engine_case);
  for (const std::string& name : options.cases) {
    const auto engine_case = find_case(name);
    if (!engine_case) return tl::make_unexpected(engine_case.error());
    selection.cases.push_back(*engine_case);
  }
  return selection;
}

ExitCode measure_engine(Context& context, const EngineOptions& options) {
  const auto selection = select(options);
  if (!selection) return fail(context, ExitCode::Usage, {selection.error()});
  std::ofstream json;
  if (!options.json.empty()) {  // before minutes are spent on figures that could not be kept
    json.open(options.json);
    if (!json)
      return fail(context, ExitCode::Usage, {fmt::format("--json {}: cannot be written", options.json)});
  }
  bench::BenchReport report;
  report.machine = bench::describe_this_machine();
  const uint32_t most_threads = *std::max_element(options.threads.begin(), options.threads.end());
  for (const std::string& doubt : bench::doubts_about(report.machine, most_threads))
    context.err << "warning: " << doubt << '\n';

  const auto results = bench::run_cases(*selection, context.simulate, [&](const bench::CaseSamples& next) {
    if (!context.quiet)
      context.err << fmt::format("run {} of {}: {}, {} thread{}\n", next.samples.size() + 1,
                                 options.repetitions, next.engine_case->name, next.threads,
                                 next.threads == 1 ? "" : "s");
  });
  if (!results) return fail(context, ExitCode::RunFailed, {results.error()});
  for (const bench::CaseSamples& samples : *results) report.cases.push_back(bench::figures_of(samples));
  context.out << bench::to_text(report.machine) << '\n' << bench::to_table(report.cases);
  if (!options.json.empty() && !(json << bench::to_json(report) << std::flush))
    return fail(context, ExitCode::RunFailed, {fmt::format("--json {}: writing failed", options.json)});
  return ExitCode::Ok;
}

tl::expected<bench::BenchReport, std::string> read_report(const std::string& path) {
  std::ifstream file(path);
  if (!file) return tl::make_unexpected(fmt::format("{}: cannot be read", path));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto report = bench::from_json(text);
  if (!report) return tl::make_unexpected(fmt::format("{}: {}", path, report.error()));
  return report;
}

ExitCode compare_reports(Context& context, const CompareOptions& options) {
  const auto before = read_report(options.before);
  if (!before) return fail(context, ExitCode::Usage, {before.error()});
  const auto after = read_report(options.after);
  if (!after) return fail(context, ExitCode::Usage, {after.error()});
  context.out << bench::comparison_text(*before, *after);
  return ExitCode::Ok;
}

ExitCode measure_pairs(Context& context, PairsOptions options) {
  // What is not said of the first half is as in the second.
  if (options.before.engine_case.empty()) options.before.engine_case = options.after.engine_case;
  if (options.before.threads == 0) options.before.threads = options.after.threads;
  for (const bench::PairSide* side : {&options.before, &options.after})
    if (const auto known = find_case(side->engine_case); !known)
      return fail(context, ExitCode::Usage, {known.error()});
  const bench::Machine machine = bench::describe_this_machine();
  for (const std::string& doubt :
       bench::doubts_about(machine, std::max(options.before.threads, options.after.threads)))
    context.err << "warning: " << doubt << '\n';
  const auto runs =
      bench::run_pairs(options.before, options.after, options.pairs, bench::measure_side, [&](uint32_t pair) {
        if (!context.quiet) context.err << fmt::format("pair {} of {}\n", pair, options.pairs);
      });
  if (!runs) return fail(context, ExitCode::RunFailed, {runs.error()});
  context.out << bench::to_text(machine) << '\n' << bench::pairs_text(options.before, options.after, *runs);
  return ExitCode::Ok;
}

std::string case_list() {
  std::string text = "Cases (docs/benchmarks.md):\n";
  for (const bench::EngineCase& engine_case : bench::engine_cases())
    text += fmt::format("  {:<16} {}{}\n", engine_case.name, engine_case.help,
                        engine_case.by_default ? "" : "; only where it is named");
  return text;
}

void add_engine(CLI::App& bench, Subcommands& subcommands) {
  auto options = std::make_shared<EngineOptions>();
  CLI::App* sub = bench.add_subcommand("engine", "Measure the engine: time a packet-hop, set-up, memory");
  sub->add_option("--case", options->cases, "Case to run, as W1 or W1,K16; by default all but the longest")
      ->delimiter(',')
      ->type_name("NAME");
  sub->add_option("--threads", options->threads, "Run every case with each of these, as 1,2")
      ->delimiter(',')
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  sub->add_option("--repetitions", options->repetitions, "Runs of each, of which medians are shown")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  sub->add_option("--json", options->json, "Write the figures here, for railyard bench compare")
      ->type_name("FILE");
  sub->footer(case_list());
  subcommands.push_back({sub, [options](Context& context) { return measure_engine(context, *options); }});
}

void add_pairs(CLI::App& bench, Subcommands& subcommands) {
  auto options = std::make_shared<PairsOptions>();
  CLI::App* sub =
      bench.add_subcommand("pairs", "Run two builds, or two cases, in turn, and print their ratio");
  sub->add_option("BEFORE", options->before.binary, "The railyard of the first half of each pair")
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  sub->add_option("AFTER", options->after.binary, "Of the second; by default this one")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  sub->add_option("--case", options->after.engine_case, "Case to run, W1 by default")->type_name("NAME");
  sub->add_option("--threads", options->after.threads, "On so many threads")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  sub->add_option("--before-case", options->before.engine_case, "Another case in the first half")
      ->type_name("NAME");
  sub->add_option("--before-threads", options->before.threads, "Another number of threads in the first half")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  sub->add_option("--pairs", options->pairs, "How many pairs")->check(CLI::Range(1, 1000))->type_name("N");
  sub->footer(case_list());
  subcommands.push_back({sub, [options](Context& context) { return measure_pairs(context, *options); }});
}

}  // namespace

void add_bench(CLI::App& app, Subcommands& subcommands) {
  CLI::App* bench = app.add_subcommand("bench", "Measure how fast this machine simulates");
  bench->require_subcommand(1);
  add_engine(*bench, subcommands);
  add_pairs(*bench, subcommands);
  auto options = std::make_shared<CompareOptions>();
  CLI::App* sub = bench->add_subcommand("compare", "What changed between two files of bench engine --json");
  sub->add_option("BEFORE", options->before, "The first file")->required()->type_name("FILE");
  sub->add_option("AFTER", options->after, "The second file")->required()->type_name("FILE");
  subcommands.push_back({sub, [options](Context& context) { return compare_reports(context, *options); }});
}

}  // namespace railyard
