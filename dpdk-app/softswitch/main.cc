// SPDX-License-Identifier: BSD-3-Clause
// railyard-softswitch: an emulated switch between ports that DPDK drives.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include "dpdk-app/control/player_server.h"
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

// The pool wants one piece, which fragments of the memory may not give; and DPDK needs some itself.
constexpr uint32_t kMegabyte = 1 << 20, kOverheadMb = 64;

uint32_t memory_mb(const SoftswitchOptions& options) {
  const uint64_t slot = frame_slot_bytes(options.settings.max_frame_bytes);
  return static_cast<uint32_t>(uint64_t{2} * options.frames * slot / kMegabyte) + kOverheadMb;
}

int fail(int code, const std::string& what) {
  std::cerr << "railyard-softswitch: " << what << '\n';
  return code;
}

Snapshot look(SwitchLoop& loop, const std::vector<std::string>& names) {
  Snapshot snapshot;
  loop.call([&](EmulatedSwitch& on, SimTime now) { snapshot = snapshot_of(on, names, now); });
  return snapshot;
}

void export_state(SwitchLoop& loop, const SoftswitchOptions& options, PrometheusEndpoint& to) {
  Histogram lateness;
  Snapshot snapshot;
  loop.call([&](EmulatedSwitch& on, SimTime now) {
    snapshot = snapshot_of(on, options.ports, now);
    lateness = loop.lateness();
  });
  export_metrics(snapshot, lateness, to);
}

void watch(SwitchLoop& loop, const SoftswitchOptions& options, PlayerSession* session,
           PrometheusEndpoint* prometheus, const sigset_t& signals) {
  constexpr int64_t kExportNs = 1'000'000'000;
  constexpr int64_t kTickNs = 50'000'000, kPicosecondsPerNanosecond = 1'000;
  const int64_t interval_ns = options.statistics_interval.ps / kPicosecondsPerNanosecond;
  Snapshot before = look(loop, options.ports);
  int64_t next = raw_clock_ns() + interval_ns, next_export = 0;
  while (!signalled_within(signals, kTickNs)) {
    const int64_t now_ns = raw_clock_ns();
    if (session != nullptr) session->tick(now_ns);
    if (prometheus != nullptr && now_ns >= next_export) {
      next_export = now_ns + kExportNs;
      export_state(loop, options, *prometheus);
    }
    if (interval_ns == 0 || now_ns < next) continue;
    next += interval_ns;
    const Snapshot current = look(loop, options.ports);
    std::cout << port_table(before, current) << std::endl;
    before = current;
  }
}

int conclude(SwitchLoop& loop, const SoftswitchOptions& options, const Snapshot& start) {
  const Snapshot end = look(loop, options.ports);
  loop.stop();
  std::cout << "\nin all\n" << port_table(start, end);
  const LoopCounters& counters = loop.counters();
  if (counters.refused > 0) std::cout << counters.refused << " frames were not taken by their port\n";
  if (counters.long_stalls > 0)
    std::cout << "stood still " << counters.long_stalls << " times, " << counters.lost.to_seconds() * 1e3
              << " ms in all\n";
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

tl::expected<std::vector<EthernetPort>, std::string> open_ports(const SoftswitchOptions& options,
                                                                rte_mempool* pool) {
  std::vector<EthernetPort> ports;
  for (const std::string& name : options.ports) {
    const auto frame = options.max_frame != 0 ? tl::expected<uint32_t, std::string>(options.max_frame)
                                              : carried_frame_bytes(name, options.settings.max_frame_bytes);
    if (!frame) return tl::make_unexpected(frame.error());
    auto port = EthernetPort::open(name, 1, *frame, pool);
    if (!port) return tl::make_unexpected(port.error());
    ports.push_back(*std::move(port));
  }
  return ports;
}

int run(SoftswitchOptions options) {
  options.settings.max_frame_bytes = options.max_frame != 0 ? options.max_frame : kLargestFrame;
  const sigset_t signals = block_signals();  // before any thread is made
  const auto eal = start_eal({{options.core}, options.ports, memory_mb(options)});
  if (!eal) return fail(kFailed, eal.error());
  const auto pool = make_frame_pool("softswitch", options.frames, options.settings.max_frame_bytes);
  if (!pool) return fail(kFailed, pool.error());
  auto ports = open_ports(options, pool->get());
  if (!ports) return fail(kUsage, ports.error());  // nothing was run
  if (options.real_time) {
    if (const auto done = prioritise(eal->workers); !done) return fail(kFailed, done.error());
    if (!lock_memory()) std::cout << kMemoryIsNotLocked << std::endl;
  }
  const TscClock clock = TscClock::calibrate();
  SwitchLoop loop(*std::move(ports), pool->get(), clock, options.settings);
  loop.call([&](EmulatedSwitch& on, SimTime) { on.set_faults(options.faults); });
  if (!options.pcap.empty()) loop.capture(kCaptureBytes);
  loop.start(eal->workers[0], options.real_time);

  SwitchPlayer player(loop, options.settings, options.faults, options.name, clock.error().ppm,
                      options.captures);
  PlayerSession session(player);
  std::unique_ptr<PlayerServer> server;
  if (options.listens) {
    auto listening = PlayerServer::listen(options.session, session);
    if (!listening) return fail(kFailed, listening.error());
    server = *std::move(listening);
    std::cout << "listening on " << server->place() << std::endl;
  }
  std::optional<PrometheusEndpoint> prometheus;
  if (!options.prometheus.empty()) {
    auto listening = PrometheusEndpoint::listen(options.prometheus, options.name);
    if (!listening) return fail(kFailed, listening.error());
    prometheus.emplace(*std::move(listening));
  }
  const Snapshot start = look(loop, options.ports);
  watch(loop, options, options.listens ? &session : nullptr, prometheus ? &*prometheus : nullptr, signals);
  server.reset();
  return conclude(loop, options, start);
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
