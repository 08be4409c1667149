// SPDX-License-Identifier: GPL-2.0-only
// railyard trace convert, stats, scale
#include <filesystem>
#include <ostream>

#include <fmt/format.h>

#include "tools/railyard/trace_options.h"
#include "traffic/pattern/schedule/goal_writer.h"
#include "traffic/pattern/schedule/replicate.h"
#include "traffic/pattern/trace/describe.h"
#include "traffic/pattern/trace/export/chakra_writer.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/scale.h"
#include "traffic/pattern/trace/statistics.h"
#include "traffic/pattern/trace/trace_file.h"

namespace railyard {
namespace {

constexpr uint32_t kMostRanks = 1U << 20;  // as generated jobs may have

tl::expected<void, std::string> write_rytrace(const trace::Trace& trace, const std::string& path) {
  return trace::write_trace(trace, path);
}

// `path` is the folder.
tl::expected<void, std::string> write_chakra(const trace::Trace& trace, const std::string& path) {
  const std::string name = std::filesystem::path(path).lexically_normal().filename().string();
  return trace::write_chakra(trace, path, name.empty() ? "trace" : name);
}

tl::expected<void, std::string> write_goal(const trace::Trace& trace, const std::string& path) {
  const auto text = schedule::write_goal(trace);
  if (!text) return tl::make_unexpected(text.error());
  return trace::write_file(path, *text);
}

struct Exporter {
  std::string_view name;
  std::string_view help;
  tl::expected<void, std::string> (*write)(const trace::Trace&, const std::string& path);
};

constexpr Exporter kExporters[] = {
    {"rytrace", "Railyard's own: one file", write_rytrace},
    {"chakra", "MLCommons Chakra .et, a folder with a file a rank and comm_group.json", write_chakra},
    {"goal", "GOAL text, its collectives as messages", write_goal},
};

std::string exporter_names() {
  std::string names;
  for (const Exporter& one : kExporters) names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
  return names;
}

ExitCode write(Context& context, const trace::Trace& trace, const TraceOptions& options) {
  for (const Exporter& one : kExporters) {
    if (one.name != options.to) continue;
    if (is_something_else(options.output, one.name))
      return fail(context, ExitCode::Usage,
                  {fmt::format("--output {}: it exists and was not written as {}; name another or remove it",
                               options.output, one.name)});
    if (const auto written = one.write(trace, options.output); !written)
      return fail(context, ExitCode::RunFailed, {written.error()});
    if (!context.quiet) context.out << "written to " << options.output << '\n';
    return ExitCode::Ok;
  }
  return fail(context, ExitCode::Usage,
              {fmt::format("--to {}: there is no such format; there are {}", options.to, exporter_names())});
}

ExitCode convert(Context& context, const TraceOptions& options) {
  const auto trace = open_for_command(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  return write(context, *trace, options);
}

ExitCode stats(Context& context, const TraceOptions& options) {
  const auto trace = open_for_command(context, options, true);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  context.out << trace::to_text(trace::statistics_of(*trace));
  return ExitCode::Ok;
}

ExitCode scale(Context& context, const TraceOptions& options) {
  auto trace = open_for_command(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  if (uint64_t{options.copies} * static_cast<uint64_t>(trace->ranks_size()) > kMostRanks)
    return fail(context, ExitCode::Usage,
                {fmt::format("--copies {}: that many copies of {} ranks are more than {} ranks",
                             options.copies, trace->ranks_size(), kMostRanks)});
  trace::scale(*trace, {options.compute_factor, options.bytes_factor});
  if (options.copies > 1) *trace = schedule::replicate(*trace, options.copies);
  return write(context, *trace, options);
}

}  // namespace

void add_trace_conversions(CLI::App& trace, Subcommands& subcommands) {
  TraceOptions* options = nullptr;
  const auto add_output = [&](CLI::App* sub) {
    sub->add_option("-o,--output", options->output, "File to write; of chakra the folder")
        ->required()
        ->type_name("FILE");
    sub->add_option("--to", options->to, fmt::format("Format to write: {}", exporter_names()))
        ->capture_default_str()
        ->type_name("FORMAT");
  };
  add_output(add_trace_command(trace, subcommands, "convert", "Write a trace or capture in another format",
                               convert, &options));
  add_trace_command(trace, subcommands, "stats", "Print how much of what a trace sends", stats, &options);
  CLI::App* scaled =
      add_trace_command(trace, subcommands, "scale",
                        "Write a trace with other volumes, computing times or more ranks", scale, &options);
  add_output(scaled);
  const CLI::Range factors(1e-6, 1e6);
  scaled->add_option("--compute", options->compute_factor, "Factor on what is computed")
      ->check(factors)
      ->type_name("FACTOR");
  scaled->add_option("--bytes", options->bytes_factor, "Factor on every message and collective")
      ->check(factors)
      ->type_name("FACTOR");
  scaled
      ->add_option("--copies", options->copies,
                   "Data-parallel copies of the whole job, each on ranks of its own")
      ->check(CLI::Range(1U, kMostRanks))
      ->type_name("N");
}

}  // namespace railyard
