// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "dpdk-app/control/access_options.h"
#include "dpdk-app/softswitch/scenario_switch.h"
#include "tools/manual/manual.h"
#include "traffic/parameter/file_name.h"
#include "traffic/parameter/parameter.h"
#include "traffic/protocol/switching/switch_parameters.h"

namespace railyard::lab {
namespace {

constexpr BitRate kUsualRate = BitRate::gigabits(10);

struct Texts {
  std::string rate, link_delay, statistics = "1s", token_file, capture_dir;
  std::string scenario, setting, lab;
  std::vector<std::string> sets;
};

tl::unexpected<UsageText> wrong(const std::string& what) {
  return tl::make_unexpected(UsageText{"railyard-softswitch: " + what, true});
}

template <class T>
tl::expected<void, UsageText> take(const char* option, tl::expected<T, std::string> value, T& field) {
  if (!value) return wrong(fmt::format("{}: {}", option, value.error()));
  field = *value;
  return {};
}

std::string settable() {
  std::string names = "Names that --set takes:\n";
  SwitchSettings settings;
  std::vector<BoundParameter> rows = bind(settings);
  for (const BoundParameter& row : bind(settings.maps)) rows.push_back(row);
  for (const BoundParameter& row : rows)
    names += fmt::format("  switch.{:<26} {} (default {})\n", row.name, row.help, row.text());
  FaultSettings faults;
  for (const BoundParameter& row : bind(faults))
    names += fmt::format("  faults.{:<26} {} (default {})\n", row.name, row.help, row.text());
  return names +
         "Faults are those of every link in both directions; faults.2.drop are those of port 2, and "
         "faults.in.drop or\n"
         "faults.2.in.drop those of frames that come in.\n"
         "A frame's class follows from its DSCP; VLAN priorities are not consulted, as in the simulator.\n";
}

tl::expected<void, UsageText> set_switch(SwitchSettings& settings, const std::string& name,
                                         const std::string& text) {
  std::vector<BoundParameter> rows = bind(settings);
  for (const BoundParameter& row : bind(settings.maps)) rows.push_back(row);
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
  if (row == rows.end())
    return wrong(fmt::format("--set switch.{}: there is no such parameter; see --help", name));
  if (const auto done = row->set(text); !done)
    return wrong(fmt::format("--set switch.{}: {}", name, done.error()));
  return {};
}

tl::expected<void, UsageText> apply(const std::string& assignment, SoftswitchOptions& options) {
  const size_t equals = assignment.find('=');
  const size_t dot = assignment.find('.');
  if (equals == std::string::npos || dot == std::string::npos || dot > equals)
    return wrong(fmt::format("--set {}: write switch.NAME=VALUE or faults.NAME=VALUE", assignment));
  const std::string section = assignment.substr(0, dot), name = assignment.substr(dot + 1, equals - dot - 1);
  const std::string text = assignment.substr(equals + 1);
  if (section == "switch") return set_switch(options.settings.switching, name, text);
  if (section != "faults")
    return wrong(
        fmt::format("--set {}: there is no section '{}', only switch and faults", assignment, section));
  if (const auto done = set_fault(options.faults, name, text); !done) return wrong("--set " + done.error());
  return {};
}

tl::expected<void, UsageText> interpret_links(const Texts& texts, SoftswitchOptions& options) {
  options.settings.rates.assign(options.ports.size(), kUsualRate);
  options.faults.resize(options.ports.size());
  if (!texts.scenario.empty()) {
    const auto taken = take_from_scenario(texts.scenario, texts.setting, options);
    if (!taken) return wrong("--scenario: " + taken.error());
  }
  if (!texts.rate.empty()) {
    BitRate rate;
    if (auto done = take("--rate", parse_rate(texts.rate), rate); !done) return done;
    options.settings.rates.assign(options.ports.size(), rate);
  }
  if (texts.link_delay.empty()) return {};
  return take("--link-delay", parse_time(texts.link_delay), options.settings.link_delay);
}

// An empty name: of all its switches.
tl::expected<void, UsageText> take_lab(const std::string& file, const std::string& name,
                                       SoftswitchOptions& options) {
  auto switches = switches_of_lab(file, name);
  if (!switches) return wrong("--lab: " + switches.error());
  for (const auto& [option, value] :
       {std::pair("--json", &options.json), {"--prometheus", &options.prometheus}})
    if (switches->size() > 1 && !value->empty())
      return wrong(
          fmt::format("{} is of one switch: choose it by --name, and start the others on their own", option));
  for (SwitchOptions& one : *switches) {
    const std::string address = one.session.address;
    one.session = options.session;
    one.session.address = address;
    one.settings = options.settings;
    one.settings.rates.assign(one.ports.size(), kUsualRate);
  }
  static_cast<SwitchOptions&>(options) = std::move(switches->front());
  switches->erase(switches->begin());
  options.beside = *std::move(switches);
  return {};
}

// That a file can be written at the end; what it holds until then stays.
tl::expected<void, UsageText> check_writable(const char* option, const std::string& path) {
  if (path.empty() || path == "-") return {};
  const bool is_new = access(path.c_str(), F_OK) != 0;
  const std::ofstream file(path, std::ios::app);
  if (!file) return wrong(fmt::format("{}: {} cannot be written: {}", option, path, std::strerror(errno)));
  if (is_new) unlink(path.c_str());
  return {};
}

tl::expected<void, UsageText> interpret(const Texts& texts, SoftswitchOptions& options) {
  if (options.ports.empty()) return wrong("give it a --port, or a --lab; see --help");
  if (auto done = interpret_links(texts, options); !done) return done;
  if (auto done = take("--stats", parse_time(texts.statistics), options.statistics_interval); !done)
    return done;
  for (const std::string& assignment : texts.sets)
    if (auto done = apply(assignment, options); !done) return done;
  if (!texts.token_file.empty())
    if (auto done = take("--token-file", read_token(texts.token_file), options.session.token); !done)
      return done;
  if (!texts.capture_dir.empty()) {
    auto folder = CaptureFolder::open(texts.capture_dir);
    if (!folder) return wrong("--capture-dir: " + folder.error());
    options.captures = *std::move(folder);
  }
  for (const auto& [option, path] : {std::pair("--pcap", &options.pcap), {"--json", &options.json}})
    if (auto done = check_writable(option, *path); !done) return done;
  if (const auto good = check(options.settings); !good) return wrong("--rate: " + good.error());
  options.listens = !options.session.address.empty();
  if (options.listens && !options.pcap.empty())
    return wrong(
        "--listen excludes --pcap: each run captures on its own; use --capture-dir, and railyard-lab run "
        "--pcap instead");
  for (SwitchOptions& other : options.beside) {
    other.session.token = options.session.token;
    if (const auto good = check_token(other.session, geteuid() == 0); !good) return wrong(good.error());
  }
  if (options.listens)
    if (const auto good = check_token(options.session, geteuid() == 0); !good) return wrong(good.error());
  return {};
}

}  // namespace

tl::expected<SoftswitchOptions, UsageText> parse_options(int argc, const char* const* argv) {
  SoftswitchOptions options;
  Texts texts;
  CLI::App app("An emulated shared-buffer switch between the given ports.", "railyard-softswitch");
  app.footer(settable());
  CLI::Option* ports = app.add_option("--port", options.ports,
                                      "A port: af_packet:eth1, memif:/run/a.sock,server, 0000:3b:00.1, ...");
  CLI::Option* scenario =
      app.add_option("--scenario", texts.scenario,
                     "Take switch, link_rate, link_delay and faults from this file, with its "
                     "time scale; options below go before it");
  app.add_option("--setting", texts.setting, "Of the scenario, where it has several")->needs(scenario);
  app.add_option("--rate", texts.rate, "Rate of every port: 100Mbps, 25Gbps")
      ->default_str(format(kUsualRate));
  app.add_option("--link-delay", texts.link_delay, "Propagation delay of every link, each way")
      ->default_str("0");
  CLI::Option* sets =
      app.add_option("--set", texts.sets, "A setting, as in switch.dynamic_th=-2 or faults.drop=1%");
  app.add_option("--max-frame", options.max_frame,
                 "Longest frame, with FCS (default: by each interface's MTU; others carry 4096 B payload)")
      ->check(CLI::Range(64, 16'000));
  app.add_flag("--realtime", options.real_time,
               "Poll ahead of what else runs on that processor (SCHED_FIFO); needs CAP_SYS_NICE");
  app.add_option(
         "--frames", options.frames,
         "Frames that there is room for (default: what the buffer can hold, within the memory to spare)")
      ->check(CLI::Range(1'024, 16'000'000));
  app.add_option("--seed", options.settings.seed, "Of marking and faults")->capture_default_str();
  app.add_option("--core", options.core, "Processor that polls the ports")->capture_default_str();
  app.add_option("--stats", texts.statistics, "Time between tables; 0 prints none")->capture_default_str();
  app.add_flag("--ignore-pauses", options.settings.ignore_pauses,
               "Do not obey PFC, as a switch on which it is not enabled; lab check finds it");
  app.add_option("--json", options.json, "At the end write totals to this file; - is standard output");
  app.add_option("--pcap", options.pcap, "At the end write the last frames that left to this file");
  app.add_option(
      "--capture-dir", texts.capture_dir,
      "Folder for captures that controllers ask for (lab run --pcap); nobody else may write there");
  app.add_option("--prometheus", options.prometheus,
                 "Serve metrics to Prometheus here: 9465 on loopback, or 10.1.0.7:9465");
  CLI::Option* name = app.add_option("--name", options.name, "How the controller knows this switch")
                          ->check([](const std::string& text) { return name_mistake(text); })
                          ->capture_default_str();
  CLI::Option* listen = add_access(app, options.session, texts.token_file);
  app.add_option("--lab", texts.lab,
                 "Play all soft switches of this scenario's lab, with the names, ports and addresses that it "
                 "gives them; with --name that one")
      ->excludes(ports)
      ->excludes(listen)
      ->excludes(scenario)
      ->excludes(sets);
  add_manual(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return tl::make_unexpected(UsageText{app.help(), false});
  } catch (const CLI::ParseError& error) {
    return wrong(std::string(error.what()) + "; see --help");
  }
  if (!texts.lab.empty())
    if (const auto done = take_lab(texts.lab, name->count() > 0 ? options.name : "", options); !done)
      return tl::make_unexpected(done.error());
  if (const auto done = interpret(texts, options); !done) return tl::make_unexpected(done.error());
  return options;
}

}  // namespace railyard::lab
