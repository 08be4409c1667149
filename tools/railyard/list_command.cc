// SPDX-License-Identifier: GPL-2.0-only
// railyard list
#include <algorithm>
#include <filesystem>
#include <ostream>

#include <fmt/format.h>

#include "tools/railyard/installation.h"
#include "tools/railyard/subcommands.h"
#include "tools/scenario/parameter_reference.h"
#include "tools/scenario/scenario_loader.h"
#include "traffic/parameter/nearest_name.h"
#include "traffic/pattern/collective/algorithm.h"
#include "traffic/pattern/collective/collective_settings.h"
#include "traffic/pattern/trace/import/importer.h"
#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/record/metric_catalogue.h"

namespace railyard {
namespace {

struct Options {
  std::string what;
  std::string folder;
  bool markdown = false;
  bool json_schema = false;
};

void print_row(std::ostream& out, std::string_view name, std::string_view help) {
  out << fmt::format("{:<24} {}\n", name, help);
}

ExitCode list_scenarios(Context& context, const Options& options) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder =
      options.folder.empty() ? shipped_scenarios() : std::filesystem::path(options.folder);
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  if (error)
    return fail(context, ExitCode::Usage,
                {fmt::format("{}: {}; name a folder with --folder", folder.string(), error.message())});
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto scenario = load_scenario(file);
    print_row(context.out, file.string(),
              scenario ? scenario->description : "has errors: see railyard validate");
  }
  return ExitCode::Ok;
}

ExitCode list_presets(Context& context, const Options&) {
  for (const CongestionAlgorithm& algorithm : congestion_algorithms())
    for (const CongestionPreset& preset : algorithm.presets) print_row(context.out, preset.name, preset.help);
  return ExitCode::Ok;
}

ExitCode list_parameters(Context& context, const Options& options) {
  if (options.json_schema)
    context.out << parameters_as_json_schema();
  else
    context.out << (options.markdown ? parameters_as_markdown() : parameters_as_text());
  return ExitCode::Ok;
}

ExitCode list_importers(Context& context, const Options&) {
  for (const trace::Importer& importer : trace::importers())
    print_row(context.out, importer.name, importer.description);
  return ExitCode::Ok;
}

ExitCode list_metrics(Context& context, const Options&) {
  for (const record::MetricInfo& metric : record::metric_catalogue())
    print_row(context.out, metric.name, metric.description);
  return ExitCode::Ok;
}

ExitCode list_topologies(Context& context, const Options&) {
  print_row(context.out, "fat-tree",
            "k-ary, three tiers: pods of k/2 edge and k/2 aggregation switches under a core");
  print_row(context.out, "leaf-spine", "two tiers; oversubscribed by hosts_per_leaf, spines and uplink_rate");
  print_row(context.out, "rail-optimized",
            "NIC r of every host on the leaves of rail r, rails joined by spines");
  print_row(context.out, "single-switch",
            "hosts_per_leaf hosts on one switch, leaf0: what a lab starts with");
  return ExitCode::Ok;
}

ExitCode list_algorithms(Context& context, const Options&) {
  for (const CongestionAlgorithm& algorithm : congestion_algorithms())
    print_row(context.out, algorithm.name,
              fmt::format("congestion control (nic.congestion_control): {}", algorithm.help));
  for (size_t k = 0; k < collective::kKinds; ++k) {
    const auto kind = static_cast<collective::Kind>(k);
    const std::vector<std::string_view>& names = algorithm_names(kind);
    print_row(context.out, name_of(kind),
              fmt::format("collective{}: {}",
                          names.size() > 1 ? fmt::format(" (collectives.{})", name_of(kind)) : "",
                          fmt::join(names, ", ")));
  }
  return ExitCode::Ok;
}

struct Topic {
  std::string_view name;
  std::string_view help;
  ExitCode (*list)(Context&, const Options&);
};

constexpr Topic kTopics[] = {
    {"scenarios", "the scenario files in --folder", list_scenarios},
    {"presets", "named sets of an algorithm's parameters", list_presets},
    {"parameters", "every key of a scenario file (--markdown, --json-schema)", list_parameters},
    {"importers", "the capture formats that can be read", list_importers},
    {"topologies", "the kinds of fabric", list_topologies},
    {"algorithms", "congestion control and collectives", list_algorithms},
    {"metrics", "what runs are judged by, and expectations may name", list_metrics},
};

ExitCode list(Context& context, const Options& options) {
  if (options.what.empty()) {
    for (const Topic& topic : kTopics) print_row(context.out, topic.name, topic.help);
    return ExitCode::Ok;
  }
  std::vector<std::string_view> names;
  for (const Topic& topic : kTopics) {
    if (topic.name == options.what) return topic.list(context, options);
    names.push_back(topic.name);
  }
  return fail(context, ExitCode::Usage,
              {fmt::format("there is no list of '{}'{} (railyard list names them)", options.what,
                           did_you_mean(options.what, names))});
}

}  // namespace

void add_list(CLI::App& app, Subcommands& subcommands) {
  auto options = std::make_shared<Options>();
  CLI::App* sub =
      app.add_subcommand("list", "List scenarios, parameters, metrics, ...; alone it lists what there is");
  sub->add_option("WHAT", options->what, "What to list");
  sub->add_option("--folder", options->folder,
                  "Folder of the scenarios; by default those that came with railyard");
  sub->add_flag("--markdown", options->markdown, "parameters: the reference page");
  sub->add_flag("--json-schema", options->json_schema, "parameters: a JSON schema for editors");
  subcommands.push_back({sub, [options](Context& context) { return list(context, *options); }});
}

}  // namespace railyard
