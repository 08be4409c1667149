// SPDX-License-Identifier: GPL-2.0-only
// railyard trace import, show, check
#include <filesystem>
#include <ostream>
#include <system_error>

#include <fmt/format.h>

#include "tools/railyard/subcommands.h"
#include "tools/scenario/job_builder.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/describe.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/trace/validate.h"

namespace railyard {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::string output, format, name;
  std::optional<uint32_t> rank;
  uint32_t world = 0;
};

tl::expected<trace::Trace, std::string> open(Context& context, const Options& options) {
  trace::ImportOptions import;
  import.format = options.format;
  import.name = options.name;
  import.rank = options.rank;
  import.world_size = options.world;
  import.fill_missing_ranks = options.world != 0;
  auto opened = open_trace(options.paths, import);
  if (!opened) return tl::make_unexpected(opened.error());
  for (const std::string& warning : opened->warnings) context.err << "warning: " << warning << '\n';
  return std::move(opened->trace);
}

// A mistyped -o must not cost a scenario or a capture.
bool is_something_else(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) &&
         !(std::filesystem::is_regular_file(path, ignored) && is_trace_file(path));
}

ExitCode import_capture(Context& context, const Options& options) {
  if (is_something_else(options.output))
    return fail(
        context, ExitCode::Usage,
        {fmt::format("--output {}: it exists and is not a .rytrace file; name another file or remove it",
                     options.output)});
  const auto trace = open(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  if (const auto written = trace::write_trace(*trace, options.output); !written)
    return fail(context, ExitCode::RunFailed, {written.error()});
  if (!context.quiet) context.out << trace::describe(*trace) << "\nwritten to " << options.output << '\n';
  return ExitCode::Ok;
}

ExitCode show(Context& context, const Options& options) {
  const auto trace = open(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  context.out << trace::describe(*trace);
  return ExitCode::Ok;
}

ExitCode check(Context& context, const Options& options) {
  const auto trace = open(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  std::vector<std::string> errors = trace::validate(*trace);
  if (errors.empty())
    if (const auto compiled = schedule::compile(*trace); !compiled) errors.push_back(compiled.error());
  for (std::string& error : errors) error = fmt::format("{}: {}", options.paths.front(), error);
  if (!errors.empty()) return fail(context, ExitCode::Usage, errors);
  if (!context.quiet)
    context.out << fmt::format("{}: ok, {} ranks; it runs to its end\n", options.paths.front(),
                               trace->ranks_size());
  return ExitCode::Ok;
}

using Action = ExitCode (*)(Context&, const Options&);

CLI::App* add(CLI::App& parent, Subcommands& subcommands, const std::string& name, const std::string& help,
              Action action, Options** options_out) {
  auto options = std::make_shared<Options>();
  *options_out = options.get();
  CLI::App* sub = parent.add_subcommand(name, help);
  sub->add_option("PATH", options->paths, "A .rytrace file, or a capture's files or folder")->required();
  sub->add_option("--format", options->format,
                  "Capture format (railyard list importers); by default recognised");
  sub->add_option("--rank", options->rank, "Rank of a single file that does not say it");
  sub->add_option(
      "--fill-missing-ranks", options->world,
      "The job has this many ranks; those without a file become copies of the lowest that has one");
  subcommands.push_back({sub, [options, action](Context& context) { return action(context, *options); }});
  return sub;
}

}  // namespace

void add_trace(CLI::App& app, Subcommands& subcommands) {
  CLI::App* trace = app.add_subcommand("trace", "Import, show and check captured training steps");
  trace->require_subcommand(1);
  Options* options = nullptr;
  CLI::App* import =
      add(*trace, subcommands, "import", "Turn a capture into a .rytrace file", import_capture, &options);
  import->add_option("-o,--output", options->output, "The .rytrace file to write")
      ->required()
      ->type_name("FILE");
  import->add_option("--name", options->name, "Name of the trace")->type_name("NAME");
  add(*trace, subcommands, "show", "Print what a trace holds", show, &options);
  add(*trace, subcommands, "check", "Check that a trace can be replayed to its end", check, &options);
}

}  // namespace railyard
