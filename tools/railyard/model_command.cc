// SPDX-License-Identifier: GPL-2.0-only
// railyard model
#include <memory>
#include <ostream>

#include <fmt/format.h>

#include "tools/railyard/subcommands.h"
#include "tools/scenario/overrides.h"
#include "tools/scenario/scenario_loader.h"
#include "traffic/parameter/nearest_name.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/units/error.h"

namespace railyard {
namespace {

struct Options {
  std::string file, setting, delay;
  std::vector<uint32_t> flows = {2, 4, 8, 16, 32, 64};
  std::vector<std::string> overrides;
};

// Of the setting that is named, or the first.
tl::expected<NetworkSettings, std::string> setting_of(const Scenario& scenario, const Options& options) {
  if (options.setting.empty()) return scenario.settings.front().network;
  std::vector<std::string_view> names;
  for (const Setting& setting : scenario.settings) {
    if (setting.name == options.setting) return setting.network;
    names.push_back(setting.name);
  }
  return error("{}: there is no setting '{}'{}", options.file, options.setting,
               did_you_mean(options.setting, names));
}

// From a mark to the rate that it has changed, at the switch again: to the receiver, back as a CNP, to the
// sender, and back as data.
SimTime idle_delay(const NetworkSettings& network) {
  return network.fabric.link_delay * 4 + network.nic.nic_latency * 2 + network.switches.pipeline_latency * 2;
}

std::string_view outlook_of(const Forecast& f) {
  if (!f.queue_bytes) return "no rest below Kmax";
  return f.oscillates ? "oscillates" : "settles";
}

ForecastInput input_of(const NetworkSettings& network, SimTime delay) {
  const SwitchSettings& switches = network.switches;
  ForecastInput input;
  input.link = network.fabric.link_rate;
  input.frame_bytes = network.nic.mtu + wire::kRoceOverhead + wire::kPreambleAndGap;
  input.delay = delay;
  const double scale =
      switches.green_reference_rate.bps == 0
          ? 1
          : static_cast<double>(input.link.bps) / static_cast<double>(switches.green_reference_rate.bps);
  input.marking_begins = scale * static_cast<double>(switches.green_min_threshold.n);
  input.marking_ends = scale * static_cast<double>(switches.green_max_threshold.n);
  input.marking_probability = switches.green_drop_probability / 100;
  return input;
}

void print_forecasts(std::ostream& out, const CongestionAlgorithm& algorithm, const void* settings,
                     ForecastInput input, const std::vector<uint32_t>& flows) {
  out << fmt::format("{} in theory: a port of {}, packets of {} B on the link, feedback after {}\n\n",
                     algorithm.name, format(input.link), input.frame_bytes, format(input.delay));
  out << fmt::format("{:>6}  {:>14}  {:<18}  {:>20}  {:>11}\n", "flows", "queue at rest", "outlook",
                     "queue, in the end", "utilisation");
  for (const uint32_t n : flows) {
    input.flows = n;
    const Forecast f = algorithm.forecast(settings, input);
    const std::string rest = f.queue_bytes ? fmt::format("{:.1f} kB", *f.queue_bytes / 1e3) : "-";
    const std::string range = fmt::format("{:.1f} to {:.1f} kB", f.lowest_bytes / 1e3, f.highest_bytes / 1e3);
    out << fmt::format("{:>6}  {:>14}  {:<18}  {:>20}  {:>11.3f}\n", n, rest, outlook_of(f), range,
                       f.utilisation);
  }
}

ExitCode model(Context& context, const Options& options, size_t algorithm) {
  Scenario scenario;
  if (options.file.empty()) {
    scenario.settings.push_back({"default", scenario.network});
    for (const std::string& override : options.overrides)
      if (const auto done = apply_override(scenario, override); !done)
        return fail(context, ExitCode::Usage, {done.error()});
  } else {
    auto loaded = load_scenario(options.file, options.overrides);
    if (!loaded) return fail(context, ExitCode::Usage, loaded.error());
    scenario = *std::move(loaded);
  }
  const auto network = setting_of(scenario, options);
  if (!network) return fail(context, ExitCode::Usage, {network.error()});
  SimTime delay = idle_delay(*network);
  if (!options.delay.empty()) {
    const auto parsed = parse_time(options.delay);
    if (!parsed || *parsed <= SimTime{0})
      return fail(context, ExitCode::Usage,
                  {fmt::format("--delay: '{}' is not a time above 0, such as 4us", options.delay)});
    delay = *parsed;
  }
  print_forecasts(context.out, congestion_algorithms()[algorithm], network->congestion.of(algorithm),
                  input_of(*network, delay), options.flows);
  if (!context.quiet)
    context.out
        << "\nFlows are equal and for ever, and every mark is answered at once. Packets rest lower where\n"
           "notifications are few: docs/validation.md, J1.\n";
  return ExitCode::Ok;
}

void add_algorithm(CLI::App& model_app, Subcommands& subcommands, size_t index) {
  constexpr uint32_t kMostFlows = 1'000'000;
  auto options = std::make_shared<Options>();
  CLI::App* sub = model_app.add_subcommand(std::string(congestion_algorithms()[index].name),
                                           "The queue that N flows come to rest at, or that they oscillate");
  sub->add_option("SCENARIO", options->file, "Scenario file whose values hold; without one the defaults do");
  sub->add_option("--setting", options->setting, "Setting of it; by default the first")->type_name("NAME");
  sub->add_option("--flows", options->flows, "Numbers of flows, as 2,8")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1u, kMostFlows))
      ->type_name("N");
  sub->add_option("--delay", options->delay,
                  "From a mark to the rate that it has changed; by default that of idle links")
      ->type_name("TIME");
  sub->add_option("--set", options->overrides, "Replace a value, such as fabric.link_rate=400Gbps")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  subcommands.push_back(
      {sub, [options, index](Context& context) { return model(context, *options, index); }});
}

}  // namespace

void add_model(CLI::App& app, Subcommands& subcommands) {
  CLI::App* sub =
      app.add_subcommand("model", "What theory says of an algorithm, before anything is simulated");
  sub->require_subcommand(1);
  for (size_t i = 0; i < congestion_algorithms().size(); ++i)
    if (congestion_algorithms()[i].forecast != nullptr) add_algorithm(*sub, subcommands, i);
}

}  // namespace railyard
