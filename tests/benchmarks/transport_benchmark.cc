// SPDX-License-Identifier: GPL-2.0-only
// The lab's whole transport: two NICs over rings, 16 queue pairs from one to the other, each packet of 1024 B
// encoded, sent, received, decoded, acknowledged. On one core: data packets a second of processor time; with
// a queue on each of several cores: a second of time.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <rte_common.h>
#include <rte_launch.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "dpdk-app/agent/port_player.h"
#include "dpdk-app/agent/shared_port.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/tsc_clock.h"
#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/pattern/workload/incast.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kFlows = 16;
constexpr uint64_t kMessage = 1 << 20;

rte_mempool* pool = nullptr;
std::vector<unsigned> workers;

LabPlan make_plan(uint32_t ack_every) {
  LabPlan plan;
  plan.nic.mtu = 1024;
  plan.nic.ack_every = ack_every;
  for (uint32_t i = 0; i < 2; ++i) {
    LabEndpoint e;
    e.host = i;
    e.ip = 0x0a000001 + i;
    e.prefix_length = 24;
    e.rate = BitRate::gigabits(1'000);  // so that the processor is what limits
    e.mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(i)};
    plan.endpoints.push_back(e);
  }
  IncastSettings one_to_one;
  one_to_one.senders = 1;
  schedule::JobInput job;
  job.source = trace::HeldTrace::of(make_incast(one_to_one).value()).value();
  job.placement = {{0, 0}, {1, 0}};
  const schedule::HostShape hosts{2, 1, 1, {}, {}, {}, {}};
  plan.played = schedule::compile_jobs(std::vector<schedule::JobInput>(kFlows, job), hosts).value();
  return plan;
}

// Posts a message for each that was acknowledged.
class Reposting final : public MessageEvents {
 public:
  void message_received(uint32_t, SimTime) override {}
  void message_acked(uint32_t flow, SimTime now) override { sender->post(flow, kMessage, now); }
  void queue_pair_failed(uint32_t, SimTime) override { failed = true; }

  PortPlayer* sender = nullptr;
  bool failed = false;
};

std::string label_of(uint32_t ack_every, uint32_t sample) {
  const std::string acks =
      ack_every == 1 ? "ACK for every packet" : fmt::format("ACK for every {} packets", ack_every);
  if (sample == 0) return acks + "; ICRC sent: computed over the frame; received: every one verified";
  return acks + fmt::format("; ICRC sent: derived, payload of zeros; received: 1 in {} verified", sample);
}

// Arguments: packets for each ACK; 0 with every ICRC computed, n with the sent ones derived and 1 in n
// verified. Payloads are written anew into every frame either way; only a verified ICRC makes the receiver
// read them.
void transport(benchmark::State& state) {
  static const TscClock clock = TscClock::calibrate();
  const LabPlan plan = make_plan(static_cast<uint32_t>(state.range(0)));
  const FlowTable flows = *FlowTable::of(plan);
  auto a = EthernetPort::open("ring:transport,a", 1, kLargestFrame, pool);
  auto b = EthernetPort::open("ring:transport,b", 1, kLargestFrame, pool);
  if (!a || !b) return state.SkipWithError("no ring");
  const auto sample = static_cast<uint32_t>(state.range(1));
  const IcrcShortcuts icrc{sample > 0, std::max(1u, sample)};
  std::array<std::unique_ptr<PortPlayer>, 2> players = {
      make_port_player(plan, 0, flows.size(), {*a, 0, pool, clock, icrc}),
      make_port_player(plan, 1, flows.size(), {*b, 0, pool, clock, icrc})};
  const uint32_t from = flows[0].source;
  for (uint32_t i = 0; i < 2; ++i) players[i]->addresses().resolve(plan.endpoints[1 - i].ip, {});
  for (int i = 0; i < 8; ++i) players[i % 2]->poll();
  Reposting events;
  events.sender = players[from].get();
  for (const auto& player : players) player->add_flows(plan, flows, events);
  for (uint32_t flow = 0; flow < flows.size(); ++flow) players[from]->post(flow, kMessage, clock.now());
  for (int i = 0; i < 100'000; ++i) players[i % 2]->poll();

  const NicCounters& received = players[1 - from]->counters();
  const uint64_t before = received.rx_data_packets;
  for (auto _ : state) {
    players[0]->poll();
    players[1]->poll();
  }
  const auto packets = static_cast<double>(received.rx_data_packets - before);
  state.counters["data_packets"] = benchmark::Counter(packets, benchmark::Counter::kIsRate);
  state.counters["bits"] = benchmark::Counter(packets * 1024 * 8, benchmark::Counter::kIsRate);
  state.SetLabel(label_of(static_cast<uint32_t>(state.range(0)), sample));
  if (events.failed || received.lost > 0 || players[from]->retransmitted() > 0)
    state.SkipWithError("packets were lost");
}
BENCHMARK(transport)
    ->ArgNames({"ack_every", "icrc_sample"})
    ->Args({1, 0})
    ->Args({16, 0})
    ->Args({1, 64})
    ->Args({16, 64});

// What one core plays: the same queue of both NICs.
struct alignas(RTE_CACHE_LINE_SIZE) Core {
  std::array<std::unique_ptr<PortPlayer>, 2> players;
  Reposting events;
  PortPlayer* receiver = nullptr;
  std::atomic<uint64_t> data_packets{0};
  std::atomic<bool> quit{false};

  static int run(void* self) {
    auto& core = *static_cast<Core*>(self);
    while (!core.quit) {
      constexpr int kRounds = 64;
      for (int i = 0; i < 2 * kRounds; ++i) core.players[i % 2]->poll();
      core.data_packets.store(core.receiver->counters().rx_data_packets, std::memory_order_relaxed);
    }
    return 0;
  }
};

// Both ports with their queues, each queue of each with its player.
class Cores {
 public:
  Cores(const LabPlan& plan, const FlowTable& flows, const std::array<EthernetPort*, 2>& ports,
        const TscClock& clock, const IcrcShortcuts& icrc, uint32_t queues)
      : cores_(queues) {
    const uint32_t from = flows[0].source;
    for (uint32_t e = 0; e < 2; ++e)
      shared_[e] = std::make_unique<SharedPort>(QueuePairSpread(plan, flows, e, queues));
    for (uint16_t q = 0; q < queues; ++q)
      for (uint32_t e = 0; e < 2; ++e)
        cores_[q].players[e] =
            make_port_player(plan, e, flows.size(),
                             {*ports[e], q, pool, clock, icrc, queues > 1 ? shared_[e].get() : nullptr});
    for (uint32_t e = 0; e < 2; ++e) {
      shared_[e]->addresses = &cores_[0].players[e]->addresses();
      cores_[0].players[e]->addresses().resolve(plan.endpoints[1 - e].ip, {});
    }
    for (int i = 0; i < 8; ++i)
      for (Core& core : cores_) core.players[i % 2]->poll();
    for (Core& core : cores_) {
      core.events.sender = core.players[from].get();
      core.receiver = core.players[1 - from].get();
      for (const auto& player : core.players) player->add_flows(plan, flows, core.events);
    }
    for (uint32_t flow = 0; flow < flows.size(); ++flow)
      cores_[shared_[from]->spread().queue_of_sender(flow)].events.sender->post(flow, kMessage, clock.now());
    for (uint32_t q = 0; q < queues; ++q) rte_eal_remote_launch(Core::run, &cores_[q], workers[q]);
  }
  // Whether all came, in order.
  bool stop() {
    bool good = true;
    for (Core& core : cores_) core.quit = true;
    rte_eal_mp_wait_lcore();
    for (const Core& core : cores_) {
      const NicCounters& received = core.receiver->counters();
      good &= !core.events.failed && received.lost + received.reordered + received.unknown_queue_pair == 0 &&
              core.events.sender->retransmitted() == 0;
    }
    return good;
  }
  uint64_t data_packets() const {
    uint64_t sum = 0;
    for (const Core& core : cores_) sum += core.data_packets.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  std::array<std::unique_ptr<SharedPort>, 2> shared_;
  std::vector<Core> cores_;
};

// Arguments: as above, and the queues of each port.
void transport_queues(benchmark::State& state) {
  static const TscClock clock = TscClock::calibrate();
  const LabPlan plan = make_plan(static_cast<uint32_t>(state.range(0)));
  const FlowTable flows = *FlowTable::of(plan);
  const auto queues = static_cast<uint16_t>(state.range(2));
  if (queues > workers.size()) return state.SkipWithError("fewer processors than queues");
  auto a = EthernetPort::open("ring:queues,a", queues, kLargestFrame, pool);
  auto b = EthernetPort::open("ring:queues,b", queues, kLargestFrame, pool);
  if (!a || !b) return state.SkipWithError("no ring");
  const auto sample = static_cast<uint32_t>(state.range(1));
  Cores cores(plan, flows, {&*a, &*b}, clock, {sample > 0, std::max(1u, sample)}, queues);
  constexpr std::chrono::milliseconds kWarmUp(100), kMeasured(500);
  std::this_thread::sleep_for(kWarmUp);
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    const uint64_t before = cores.data_packets();
    std::this_thread::sleep_for(kMeasured);
    const auto packets = static_cast<double>(cores.data_packets() - before);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(time.count());
    state.counters["data_packets"] = packets / time.count();
  }
  state.SetLabel(label_of(static_cast<uint32_t>(state.range(0)), sample));
  if (!cores.stop()) state.SkipWithError("packets were lost, or came out of order");
}
BENCHMARK(transport_queues)
    ->ArgNames({"ack_every", "icrc_sample", "queues"})
    ->ArgsProduct({{1, 16}, {0, 64}, {1, 2}})
    ->UseManualTime()
    ->Iterations(1);

std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown";
}

}  // namespace
}  // namespace railyard::lab

int main(int argc, char** argv) {
  using namespace railyard::lab;
  benchmark::Initialize(&argc, argv);
  EalOptions options;
  options.cores = usable_cores();
  options.memory_mb = 192;
  const auto eal = start_eal(options);
  if (!eal) return fprintf(stderr, "%s\n", eal.error().c_str()), 1;
  auto frames = make_frame_pool("transport", 8'192, kLargestFrame);
  if (!frames) return fprintf(stderr, "%s\n", frames.error().c_str()), 1;
  pool = frames->get();
  workers = eal->workers;
  printf("%s, %s\n", processor().c_str(), eal->version.c_str());
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
