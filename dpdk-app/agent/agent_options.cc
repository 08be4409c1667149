// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/agent_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "dpdk-app/control/access_options.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/port_name.h"
#include "tools/manual/manual.h"
#include "traffic/parameter/file_name.h"

namespace railyard::lab {
namespace {

constexpr const char* kFooter = R"(Ports:
  af_packet:eth1                 a Linux interface, veth too; needs CAP_NET_RAW and CAP_NET_ADMIN
  0000:3b:00.1                   a NIC by its PCI address, held by vfio-pci or mlx5_core
  memif:/run/a.sock,server       shared memory with another process
  af_xdp:eth1 tap:name net_...   see docs/lab.md

Example: two emulated NICs on veth interfaces, for a controller on this machine
  railyard-agent --name left --port af_packet:h0 --port af_packet:h1

A scenario's `lab:` section names agents, their addresses and ports; `railyard lab check` tries them.
The agent serves one controller at a time, run after run, until SIGINT or SIGTERM.
Exit codes: 0 ended by a signal, 1 something failed, 2 wrong arguments)";

constexpr uint32_t kMostQueues = 16;  // net_ring's most; NICs have more than there are cores to play them

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "agent";
}

tl::unexpected<UsageMessage> wrong(const std::string& what) {
  return tl::unexpected(UsageMessage{"railyard-agent: " + what, true});
}

// The processors to poll on: those that were named, or the last ones, which interrupts like least.
tl::expected<std::vector<unsigned>, UsageMessage> cores_of(unsigned count,
                                                           const std::vector<unsigned>& list) {
  const std::vector<unsigned> usable = usable_cores();
  for (const unsigned core : list)
    if (std::find(usable.begin(), usable.end(), core) == usable.end())
      return wrong(fmt::format("--core {}: this process may run on processors {} only", core,
                               fmt::join(usable, ", ")));
  if (!list.empty()) return list;
  if (count < 1 || count > usable.size())
    return wrong(fmt::format("--cores {}: this process may run on {} processors; give 1 to {}", count,
                             usable.size(), usable.size()));
  return std::vector<unsigned>(usable.end() - count, usable.end());
}

tl::expected<void, UsageMessage> check_ports(const std::vector<std::string>& ports) {
  constexpr uint32_t kAnyFrame = 1'518;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (auto good = parse_port_name(ports[i], 1, kAnyFrame); !good)
      return wrong(fmt::format("--port {}: {}", ports[i], good.error()));
    if (std::find(ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(i), ports[i]) !=
        ports.begin() + static_cast<std::ptrdiff_t>(i))
      return wrong(fmt::format("--port {} is given twice", ports[i]));
  }
  return {};
}

}  // namespace

tl::expected<AgentOptions, UsageMessage> parse_agent_options(int argc, const char* const* argv) {
  AgentOptions options;
  options.name = host_name();
  options.session.address = "127.0.0.1:7471";
  unsigned cores = 1;
  std::string token_file, capture_dir;
  CLI::App app(
      "Plays a scenario's hosts on the given ports: RoCEv2 NICs with congestion control and PFC, and their "
      "ranks.",
      "railyard-agent");
  app.footer(kFooter);
  app.add_option("--port", options.ports, "A port, of one emulated NIC; repeat it for more")->required();
  app.add_option("--name", options.name, "How the scenario calls this agent")
      ->check([](const std::string& name) { return name_mistake(name); })
      ->default_str("HOST");
  CLI::Option* count = app.add_option("--cores", cores, "Processors that poll; hosts are spread over them")
                           ->capture_default_str();
  app.add_option("--core", options.cores, "Processor that polls, by number; repeat it for more")
      ->excludes(count);
  app.add_option("--queues", options.queues,
                 "Queues of each port, each polled by a processor of its own: for more than one can send")
      ->check(CLI::Range(1u, kMostQueues))
      ->capture_default_str();
  app.add_flag("--realtime", options.real_time,
               "Poll ahead of what else runs on these processors (SCHED_FIFO); needs CAP_SYS_NICE");
  add_access(app, options.session, token_file);
  app.add_option("--prometheus", options.prometheus,
                 "Serve metrics to Prometheus here: 9464 on loopback, or 10.1.0.7:9464");
  app.add_option(
      "--capture-dir", capture_dir,
      "Folder for captures that controllers ask for (lab run --pcap); nobody else may write there");
  app.add_option("--frames", options.frames_per_port, "Frames that there is room for, by port and queue")
      ->capture_default_str();
  app.add_flag("--derive-icrc", options.icrc.derive,
               "Derive the ICRC of full packets, whose payload is constant, and of ACKs; results say so");
  app.add_option("--icrc-sample", options.icrc.sample, "Verify one in so many received ICRCs; results say so")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--ignore-pauses", options.ignore_pauses, "Do not obey PFC: as a NIC on which it is off");
  add_manual(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return tl::unexpected(UsageMessage{app.help(), false});
  } catch (const CLI::ParseError& error) {
    return wrong(std::string(error.what()) + "; see --help");
  }
  if (auto good = check_ports(options.ports); !good) return tl::unexpected(good.error());
  auto chosen = cores_of(cores, options.cores);
  if (!chosen) return tl::unexpected(chosen.error());
  options.cores = std::move(*chosen);
  if (options.queues > options.cores.size())
    return wrong(fmt::format("--queues {0}: each queue of a port wants a processor; give --cores {0} or more",
                             options.queues));
  if (!capture_dir.empty()) {
    auto folder = CaptureFolder::open(capture_dir);
    if (!folder) return wrong("--capture-dir: " + folder.error());
    options.captures = std::move(*folder);
  }
  if (!token_file.empty()) {
    auto token = read_token(token_file);
    if (!token) return wrong("--token-file: " + token.error());
    options.session.token = std::move(*token);
  }
  if (auto good = check_token(options.session, geteuid() == 0); !good) return wrong(good.error());
  return options;
}

}  // namespace railyard::lab
