// SPDX-License-Identifier: GPL-2.0-only
// railyard trace import, show, check
#include <filesystem>
#include <ostream>
#include <system_error>

#include <fmt/format.h>

#include "tools/railyard/trace_options.h"
#include "tools/scenario/job_builder.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/describe.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/trace/unattributed.h"
#include "traffic/pattern/trace/validate.h"

namespace railyard {
namespace {

ExitCode import_capture(Context& context, const TraceOptions& options) {
  if (is_something_else(options.output, "rytrace"))
    return fail(
        context, ExitCode::Usage,
        {fmt::format("--output {}: it exists and is not a .rytrace file; name another file or remove it",
                     options.output)});
  const auto trace = open_for_command(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  if (const auto written = trace::write_trace(*trace, options.output); !written)
    return fail(context, ExitCode::RunFailed, {written.error()});
  if (!context.quiet) context.out << trace::describe(*trace) << "\nwritten to " << options.output << '\n';
  return ExitCode::Ok;
}

ExitCode show(Context& context, const TraceOptions& options) {
  const auto trace = open_for_command(context, options, true);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  context.out << trace::describe(*trace);
  if (options.operations) context.out << trace::list_operations(*trace);
  return ExitCode::Ok;
}

ExitCode check(Context& context, const TraceOptions& options) {
  const auto trace = open_for_command(context, options);
  if (!trace) return fail(context, ExitCode::Usage, {trace.error()});
  std::vector<std::string> errors = trace::validate(*trace);
  if (errors.empty())
    if (const auto compiled = schedule::compile(*trace); !compiled) errors.push_back(compiled.error());
  for (std::string& error : errors) error = fmt::format("{}: {}", options.paths.front(), error);
  if (!errors.empty()) return fail(context, ExitCode::Usage, errors);
  const double percent = trace::unattributed_share(trace->header()) * 100;
  if (percent > options.unattributed_percent) {
    errors.push_back(
        fmt::format("{}: {:.2f} % of the captured communication cannot be attributed, and a replay leaves "
                    "it out (at most {} % by --max-unattributed):",
                    options.paths.front(), percent, options.unattributed_percent));
    for (const trace::Unattributed& one : trace->header().unattributed())
      errors.push_back(fmt::format("{}: {}", options.paths.front(), trace::to_string(one)));
    return fail(context, ExitCode::Unmet, errors);
  }
  if (!context.quiet)
    context.out << fmt::format("{}: ok, {} ranks; it runs to its end\n", options.paths.front(),
                               trace->ranks_size());
  return ExitCode::Ok;
}

}  // namespace

tl::expected<trace::Trace, std::string> open_for_command(Context& context, const TraceOptions& options,
                                                         bool partial) {
  trace::ImportOptions import;
  import.format = options.format;
  import.name = options.name;
  import.rank = options.rank;
  import.world_size = options.world;
  import.fill_missing_ranks = options.world != 0;
  import.partial = partial && options.world == 0;
  import.steps = options.steps;
  auto opened = open_trace(options.paths, import);
  if (!opened) return tl::make_unexpected(opened.error());
  for (const std::string& warning : opened->warnings) context.err << "warning: " << warning << '\n';
  return std::move(opened->trace);
}

bool is_something_else(const std::string& path, std::string_view format) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  if (format == "chakra")
    return !std::filesystem::is_directory(path, ignored) ||
           (!std::filesystem::is_empty(path, ignored) &&
            !std::filesystem::exists(std::filesystem::path(path) / "comm_group.json", ignored));
  if (!std::filesystem::is_regular_file(path, ignored)) return true;
  if (format == "goal") {
    constexpr size_t kHead = 4096;
    const auto head = trace::read_head(path, kHead);
    return !head || head->find("num_ranks ") == std::string::npos;
  }
  return !is_trace_file(path);
}

CLI::App* add_trace_command(CLI::App& parent, Subcommands& subcommands, const std::string& name,
                            const std::string& help, TraceAction action, TraceOptions** options_out) {
  auto options = std::make_shared<TraceOptions>();
  *options_out = options.get();
  CLI::App* sub = parent.add_subcommand(name, help);
  sub->add_option("PATH", options->paths, "A .rytrace file, or a capture's files or folder")->required();
  sub->add_option("--format", options->format,
                  "Capture format (railyard list importers); by default recognised");
  sub->add_option("--rank", options->rank, "Rank of a single file that does not say it");
  sub->add_option(
      "--fill-missing-ranks", options->world,
      "The job has this many ranks; those without a file become copies of the lowest that has one");
  sub->add_option("--steps", options->steps,
                  "Of a capture that marks steps, only these: 12-14 (ProfilerStep), an annotation's name, or "
                  "NAME#0-2 of its occurrences");
  subcommands.push_back({sub, [options, action](Context& context) { return action(context, *options); }});
  return sub;
}

void add_trace(CLI::App& app, Subcommands& subcommands) {
  CLI::App* trace = app.add_subcommand("trace", "Import, show, check and convert captured training steps");
  trace->require_subcommand(1);
  TraceOptions* options = nullptr;
  CLI::App* import = add_trace_command(*trace, subcommands, "import", "Turn a capture into a .rytrace file",
                                       import_capture, &options);
  import->add_option("-o,--output", options->output, "The .rytrace file to write")
      ->required()
      ->type_name("FILE");
  import->add_option("--name", options->name, "Name of the trace")->type_name("NAME");
  CLI::App* shown = add_trace_command(
      *trace, subcommands, "show", "Print what a trace holds, also of one rank's file alone", show, &options);
  shown->add_flag("--ops", options->operations, "Also every operation, in order");
  CLI::App* checked = add_trace_command(
      *trace, subcommands, "check",
      "Check that a trace can be replayed to its end, and holds all that was sent", check, &options);
  checked
      ->add_option("--max-unattributed", options->unattributed_percent,
                   "Percent of the captured communication's time that may be left out; beyond it exit code 3")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("PERCENT")
      ->capture_default_str();
  add_trace_conversions(*trace, subcommands);
}

}  // namespace railyard
