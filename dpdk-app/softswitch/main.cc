// SPDX-License-Identifier: BSD-3-Clause
// railyard-softswitch: an emulated switch between ports that DPDK drives.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dpdk-app/control/player_server.h"
#include "dpdk-app/device/device_losses.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/port_name.h"
#include "dpdk-app/device/port_setup.h"
#include "dpdk-app/device/raw_clock.h"
#include "dpdk-app/device/real_time.h"
#include "dpdk-app/session/lab_plan.h"
#include "dpdk-app/session/player_session.h"
#include "dpdk-app/session/signals.h"
#include "dpdk-app/softswitch/options.h"
#include "dpdk-app/softswitch/port_table.h"
#include "dpdk-app/softswitch/switch_loop.h"
#include "dpdk-app/softswitch/switch_player.h"

namespace railyard::lab {
namespace {

constexpr int kOk = 0, kFailed = 1, kUsage = 2;

constexpr uint32_t kMegabyte = 1 << 20, kOverheadMb = 64;  // DPDK needs some itself

std::vector<SwitchOptions> switches_of(const SoftswitchOptions& options) {
  std::vector<SwitchOptions> switches = options.beside;
  switches.insert(switches.begin(), static_cast<const SwitchOptions&>(options));
  return switches;
}

// A pool that is made in one piece may find the memory in fragments: twice as much will do. One that grows
// does so in pieces.
uint32_t memory_mb(const SoftswitchOptions& options, uint32_t at_first, uint32_t most) {
  constexpr uint64_t kBesideFrame = 1'024;  // headroom, mbuf, and what the pool notes of each
  const uint64_t slot = frame_slot_bytes(options.settings.max_frame_bytes) + kBesideFrame;
  return static_cast<uint32_t>((at_first + uint64_t{most}) * slot / kMegabyte) + kOverheadMb;
}

int fail(int code, const std::string& what) {
  std::cerr << "railyard-softswitch: " << what << '\n';
  return code;
}

// In a command: the loop counts.
Snapshot snapshot_of(const SwitchLoop& loop, const EmulatedSwitch& on, const std::vector<std::string>& names,
                     SimTime now) {
  Snapshot snapshot = snapshot_of(on, names, now);
  for (size_t i = 0; i < snapshot.ports.size(); ++i) snapshot.ports[i].offload = loop.ports()[i].offload();
  return snapshot;
}

Snapshot look(SwitchLoop& loop, const std::vector<std::string>& names) {
  Snapshot snapshot;
  loop.call([&](EmulatedSwitch& on, SimTime now) { snapshot = snapshot_of(loop, on, names, now); });
  return snapshot;
}

void export_state(SwitchLoop& loop, const SoftswitchOptions& options, PrometheusEndpoint& to) {
  Histogram lateness;
  Snapshot snapshot;
  loop.call([&](EmulatedSwitch& on, SimTime now) {
    snapshot = snapshot_of(loop, on, options.ports, now);
    lateness = loop.lateness();
  });
  export_metrics(snapshot, lateness, to);
}

// A switch of this process's, and who may tell it what to do.
struct Served {
  Served(SwitchOptions of, std::vector<EthernetPort> ports, rte_mempool* pool, const TscClock& clock,
         const std::optional<CaptureFolder>& captures)
      : options(std::move(of)),
        loop(std::move(ports), pool, clock, options.settings),
        player(loop, options.settings, options.faults, options.name, clock.error().ppm, captures) {
    FabricRoutes tree;
    tree.on_tree = options.tree;
    loop.call([&](EmulatedSwitch& on, SimTime) {
      on.set_faults(options.faults);
      on.set_routes(tree);
    });
    player.on_run_over([this](const std::string& run, const EmulatedSwitch& on, SimTime start, SimTime end) {
      title = run;
      run_end = snapshot_of(on, options.ports, end);
      first = {start, std::vector<PortRow>(run_end->ports.size())};  // a run counts from 0
    });
  }
  Snapshot look() { return railyard::lab::look(loop, options.ports); }
  void print(const Snapshot& since, bool one_of_many) const {
    std::cout << (one_of_many ? options.name + '\n' : "") << port_table(since, last) << std::endl;
  }

  const SwitchOptions options;
  SwitchLoop loop;
  SwitchPlayer player;
  PlayerSession session{player};
  std::unique_ptr<PlayerServer> server;  // null: nobody
  // What the last table is of: all since the start, or a controller's last run, after which it counts anew.
  std::string title = "in all";
  std::optional<Snapshot> run_end;
  Snapshot first, last;
};
using Switches = std::vector<std::unique_ptr<Served>>;

void watch(Switches& switches, const SoftswitchOptions& options, PrometheusEndpoint* prometheus,
           const sigset_t& signals) {
  constexpr int64_t kExportNs = 1'000'000'000;
  constexpr int64_t kTickNs = 50'000'000, kPicosecondsPerNanosecond = 1'000;
  const int64_t interval_ns = options.statistics_interval.ps / kPicosecondsPerNanosecond;
  int64_t next = raw_clock_ns() + interval_ns, next_export = 0;
  while (!signalled_within(signals, kTickNs)) {
    const int64_t now_ns = raw_clock_ns();
    for (const auto& one : switches)
      if (one->server != nullptr) one->session.tick(now_ns);
    if (prometheus != nullptr && now_ns >= next_export) {
      next_export = now_ns + kExportNs;
      export_state(switches.front()->loop, options, *prometheus);
    }
    if (interval_ns == 0 || now_ns < next) continue;
    next += interval_ns;
    for (const auto& one : switches) {
      const Snapshot before = std::exchange(one->last, one->look());
      one->print(before, switches.size() > 1);
    }
  }
}

void conclude(const Served& one, bool one_of_many) {
  std::cout << '\n' << one.title << (one_of_many ? ", " : "\n");
  one.print(one.first, one_of_many);
  for (const PortRow& port : one.last.ports)
    if (const uint64_t lost = port.offload.undeliverable + port.offload.no_buffer; lost > 0)
      std::cout << lost << " frames from " << port.name << " could not be delivered\n";
  for (const EthernetPort& port : one.loop.ports())
    for (const DeviceLoss& loss : device_losses(port.id()))
      if (loss.frames > 0)
        std::cout << port.name() << ": " << loss.frames << " frames lost on the way "
                  << (loss.received ? "in" : "out") << ", as " << loss.counter << " counts\n";
  const LoopCounters& counters = one.loop.counters();
  if (counters.long_stalls > 0)
    std::cout << "stood still " << counters.long_stalls << " times, " << counters.lost.to_seconds() * 1e3
              << " ms in all\n";
}

int conclude(Switches& switches, const SoftswitchOptions& options) {
  for (const auto& one : switches) one->last = one->run_end ? *one->run_end : one->look();
  SwitchLoop& loop = switches.front()->loop;
  loop.stop();
  for (const auto& one : switches) conclude(*one, switches.size() > 1);
  const Snapshot &start = switches.front()->first, &end = switches.front()->last;
  if (!options.pcap.empty()) {
    const Capture capture = loop.take_capture();
    if (const auto written = capture.frames->write(options.pcap, capture.epoch); !written)
      return fail(kFailed, written.error());
  }
  if (options.json.empty()) return kOk;
  const std::string json = summary_json(start, end, loop.lateness());
  if (options.json == "-") {
    std::cout << json;
    return kOk;
  }
  std::ofstream file(options.json);
  file << json;
  file.close();
  return file ? kOk : fail(kFailed, "cannot write --json " + options.json);
}

// With FCS, of the port of this name.
tl::expected<uint32_t, std::string> longest_frame(const std::string& name, const SoftswitchOptions& options) {
  if (options.max_frame != 0) return options.max_frame;
  return own_frame_bytes(name, kLargestFrame);
}

tl::expected<std::vector<EthernetPort>, std::string> open_ports(const std::vector<std::string>& names,
                                                                const SoftswitchOptions& options,
                                                                rte_mempool* pool) {
  std::vector<EthernetPort> ports;
  for (const std::string& name : names) {
    const auto frame = longest_frame(name, options);
    if (!frame) return tl::make_unexpected(frame.error());
    auto port = EthernetPort::open(name, 1, *frame, pool);
    if (!port) return tl::make_unexpected(port.error());
    const auto finishes = port->finish_offloads(*frame, pool);
    if (!finishes) return tl::make_unexpected(finishes.error());
    ports.push_back(*std::move(port));
  }
  return ports;
}

// The error is of a port.
tl::expected<Switches, std::string> make_switches(const SoftswitchOptions& options, rte_mempool* pool,
                                                  const TscClock& clock) {
  Switches switches;
  for (const SwitchOptions& one : switches_of(options)) {
    auto ports = open_ports(one.ports, options, pool);
    if (!ports) return tl::make_unexpected(ports.error());
    switches.push_back(std::make_unique<Served>(one, *std::move(ports), pool, clock, options.captures));
  }
  return switches;
}

tl::expected<void, std::string> listen(Switches& switches) {
  for (const auto& one : switches) {
    if (!one->options.listens) continue;
    auto listening = PlayerServer::listen(one->options.session, one->session);
    if (!listening) return tl::make_unexpected(listening.error());
    one->server = *std::move(listening);
    std::cout << (switches.size() > 1 ? one->options.name + ": " : "") << "listening on "
              << one->server->place() << std::endl;
  }
  return {};
}

void start_polling(Switches& switches, unsigned lcore, bool real_time) {
  std::vector<SwitchLoop*> beside;
  for (size_t i = 1; i < switches.size(); ++i) beside.push_back(&switches[i]->loop);
  switches.front()->loop.start(lcore, real_time, std::move(beside));
  for (const auto& one : switches) one->first = one->last = one->look();
}

int run(SoftswitchOptions options) {
  std::vector<std::string> all_ports;
  for (const SwitchOptions& one : switches_of(options))
    all_ports.insert(all_ports.end(), one.ports.begin(), one.ports.end());
  options.settings.max_frame_bytes = 0;
  for (const std::string& port : all_ports) {
    const auto frame = longest_frame(port, options);
    if (!frame) return fail(kFailed, frame.error());
    options.settings.max_frame_bytes = std::max(options.settings.max_frame_bytes, *frame);
  }
  for (SwitchOptions& one : options.beside) one.settings.max_frame_bytes = options.settings.max_frame_bytes;
  const sigset_t signals = block_signals();  // before any thread is made
  constexpr uint32_t kAtFirst = 8'192;       // frames; switches ask for more, as their buffers need
  const uint32_t most = options.frames != 0
                            ? options.frames
                            : std::max(kAtFirst, frames_in_spare_memory(options.settings.max_frame_bytes));
  const uint32_t at_first = std::min(kAtFirst, most / 2);
  const auto eal = start_eal({{options.core},
                              all_ports,
                              memory_mb(options, at_first, at_first),
                              memory_mb(options, at_first, most)});
  if (!eal) return fail(kFailed, eal.error());
  const auto pool = make_frame_pool("softswitch", at_first, options.settings.max_frame_bytes, most);
  if (!pool) return fail(kFailed, pool.error());
  if (options.real_time) {
    if (const auto done = prioritise(eal->workers); !done) return fail(kFailed, done.error());
    if (!lock_memory()) std::cout << kMemoryIsNotLocked << std::endl;
  }
  auto switches = make_switches(options, pool->get(), TscClock::calibrate());
  if (!switches) return fail(kFailed, switches.error());
  if (!options.pcap.empty()) switches->front()->loop.capture(kCaptureBytes);
  start_polling(*switches, eal->workers[0], options.real_time);
  if (const auto listening = listen(*switches); !listening) return fail(kFailed, listening.error());
  std::optional<PrometheusEndpoint> prometheus;
  if (!options.prometheus.empty()) {
    auto listening = PrometheusEndpoint::listen(options.prometheus, options.name);
    if (!listening) return fail(kFailed, listening.error());
    prometheus.emplace(*std::move(listening));
  }
  watch(*switches, options, prometheus ? &*prometheus : nullptr, signals);
  for (const auto& one : *switches) one->server.reset();
  return conclude(*switches, options);
}

}  // namespace
}  // namespace railyard::lab

int main(int argc, char** argv) {
  using namespace railyard::lab;
  const auto options = parse_options(argc, argv);
  if (options) return run(*options);
  (options.error().is_error ? std::cerr : std::cout) << options.error().text << '\n';
  return options.error().is_error ? kUsage : kOk;
}
