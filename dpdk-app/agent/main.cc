// SPDX-License-Identifier: BSD-3-Clause
// railyard-agent: plays a scenario's hosts on real or virtual NICs.
#include <rte_launch.h>

#include <iostream>
#include <memory>
#include <optional>

#include "dpdk-app/agent/agent_options.h"
#include "dpdk-app/agent/lab_agent.h"
#include "dpdk-app/control/player_server.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/port_name.h"
#include "dpdk-app/device/port_setup.h"
#include "dpdk-app/device/raw_clock.h"
#include "dpdk-app/device/real_time.h"
#include "dpdk-app/session/signals.h"

namespace railyard::lab {
namespace {

constexpr int kOk = 0, kFailed = 1, kUsage = 2;

int fail(int code, const std::string& what) {
  std::cerr << "railyard-agent: " << what << '\n';
  return code;
}

void serve(PlayerSession& session, const sigset_t& signals) {
  constexpr int64_t kTickNs = 20'000'000;
  while (!signalled_within(signals, kTickNs)) session.tick(raw_clock_ns());
}

// The lcores' loops, for as long as it lives.
class Lcores {
 public:
  Lcores(const Eal& eal, const TscClock& clock, bool real_time) : ids_(eal.workers) {
    for (const unsigned id : ids_) {
      loops_.push_back(std::make_unique<LcoreLoop>(clock, real_time));
      rte_eal_remote_launch(
          [](void* loop) {
            static_cast<LcoreLoop*>(loop)->run();
            return 0;
          },
          loops_.back().get(), id);
    }
  }
  ~Lcores() {
    for (const auto& loop : loops_) loop->quit();
    for (const unsigned id : ids_) rte_eal_wait_lcore(id);
  }
  Lcores(const Lcores&) = delete;
  Lcores& operator=(const Lcores&) = delete;

  std::vector<LcoreLoop*> loops() const {
    std::vector<LcoreLoop*> all;
    for (const auto& loop : loops_) all.push_back(loop.get());
    return all;
  }

 private:
  const std::vector<unsigned> ids_;
  std::vector<std::unique_ptr<LcoreLoop>> loops_;
};

int run(const AgentOptions& options) {
  const sigset_t signals = block_signals();  // before any thread is made
  const auto frames = static_cast<uint32_t>(options.frames_per_port * options.ports.size() * options.queues);
  constexpr uint32_t kMegabyte = 1 << 20, kOverheadMb = 64;
  const auto memory_mb =
      static_cast<uint32_t>(2 * uint64_t{frames} * frame_slot_bytes(kLargestFrame) / kMegabyte) + kOverheadMb;
  const auto eal = start_eal({options.cores, options.ports, memory_mb});
  if (!eal) return fail(kFailed, eal.error());
  const auto pool = make_frame_pool("agent", frames, kLargestFrame);
  if (!pool) return fail(kFailed, pool.error());
  AgentResources resources;
  resources.name = options.name;
  resources.dpdk_version = eal->version;
  resources.pool = pool->get();
  resources.icrc = options.icrc;
  resources.queues = options.queues;
  resources.ignore_pauses = options.ignore_pauses;
  resources.captures = options.captures;
  for (const std::string& name : options.ports) {
    const auto frame = carried_frame_bytes(name, kLargestFrame);
    if (!frame) return fail(kFailed, frame.error());
    auto port = EthernetPort::open(name, static_cast<uint16_t>(options.queues), *frame, pool->get());
    if (!port) return fail(kFailed, port.error());
    resources.ports.push_back(std::move(*port));
  }
  std::optional<PrometheusEndpoint> prometheus;
  if (!options.prometheus.empty()) {
    auto listening = PrometheusEndpoint::listen(options.prometheus, options.name);
    if (!listening) return fail(kFailed, listening.error());
    prometheus.emplace(std::move(*listening));
    resources.prometheus = &*prometheus;
  }
  const TscClock clock = TscClock::calibrate();
  if (options.real_time) {
    if (const auto done = prioritise(eal->workers); !done) return fail(kFailed, done.error());
    if (!lock_memory()) std::cout << kMemoryIsNotLocked << std::endl;
  }
  const Lcores lcores(*eal, clock, options.real_time);
  resources.lcores = lcores.loops();
  LabAgent agent(std::move(resources), clock);
  PlayerSession session(agent);
  auto server = PlayerServer::listen(options.session, session);
  if (!server) return fail(kFailed, server.error());
  std::cout << "railyard-agent '" << options.name << "' with " << options.ports.size() << " ports listens on "
            << (*server)->place() << std::endl;
  serve(session, signals);
  server->reset();
  return kOk;
}

}  // namespace
}  // namespace railyard::lab

int main(int argc, char** argv) {
  using namespace railyard::lab;
  const auto options = parse_agent_options(argc, argv);
  if (options) return run(*options);
  (options.error().is_error ? std::cerr : std::cout) << options.error().text << '\n';
  return options.error().is_error ? kUsage : kOk;
}
