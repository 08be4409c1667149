// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/report/synthetic_runs.h"

#include <cmath>

namespace railyard::report {
namespace {

using record::Record;

constexpr uint32_t kRanks = 16;

// Uniform on [0, 1), the same on every machine (Weyl's sequence of the golden ratio).
double scatter(uint64_t n) {
  const double x = static_cast<double>(n) * 0.6180339887498949;
  return x - std::floor(x);
}

SimTime us(double n) {
  return SimTime::picoseconds(std::llround(n * 1e6));
}

void add_steps(Record& r, double stretch) {
  const std::vector<double> ends = {380, 790, 1180};  // microseconds into the step, operation by operation
  for (uint32_t iteration = 0; iteration < 2; ++iteration) {
    const double begin = 1250 * stretch * iteration;
    for (uint32_t rank = 0; rank < kRanks; ++rank) {
      const double late = 3 * scatter(rank + 1);
      double start = begin + late;
      for (uint32_t operation = 0; operation < 3; ++operation) {
        const double end = begin + ends[operation] * stretch + late;
        r.spans.push_back({operation, iteration, rank, us(start), us(end)});
        start = end + 20;
      }
      r.iterations.push_back({0, iteration, rank, us(begin + late), us(begin + 1200 * stretch + late)});
    }
  }
}

void add_flows(Record& r, double stretch, unsigned flows, uint64_t seed) {
  for (uint32_t i = 0; i < flows; ++i) {
    const uint32_t src = i % kRanks;
    const double posted = 2400 * stretch * i / flows;
    // A body near the ideal and a tail thirty times as long.
    const double slowdown =
        1.05 + stretch * (0.6 * scatter(i + seed) + 30 * std::pow(scatter(7 * i + seed), 24));
    const double ideal = 22.4;
    r.messages.push_back({i % 3, 0, src, (src + 1) % kRanks, 262'144, us(posted),
                          us(posted + ideal * slowdown), us(posted + ideal * slowdown + 2), us(ideal)});
  }
  r.messages.push_back({3, 0, 0, 1, 1 << 20, us(0), us(900 * stretch), us(903 * stretch), us(86)});
}

record::Port port(const std::string& node, const std::string& name, bool is_switch) {
  record::Port p;
  p.node = node;
  p.name = name;
  p.is_switch = is_switch;
  p.rate = BitRate::gigabits(100);
  p.tx_packets = 120'000;
  p.tx_data_packets = 110'000;
  p.tx_bytes = 480'000'000;
  return p;
}

record::Port leaf_port(uint32_t i, const SyntheticSetting& s) {
  const std::string leaf = "leaf" + std::to_string(i / 3);
  record::Port p = port(leaf, leaf + ":" + std::to_string(i % 3), true);
  p.ecn_marked = s.marks / (i + 1);
  p.pfc_pauses_sent = s.pauses / (i + 2);
  p.drops[static_cast<size_t>(DropReason::SharedFull)] = i == 0 ? s.drops : 0;
  return p;
}

// Five swells over the run.
record::QueueSamples swelling_queue(const Record& r, uint32_t port, unsigned samples, double stretch) {
  record::QueueSamples queue{port, us(r.duration.to_microseconds() / (samples + 1)), {}};
  for (unsigned k = 0; k < samples; ++k) {
    const double wave = std::sin(6.283185307179586 * (k * 5.0 / samples + 0.1 * port));
    queue.bytes.push_back(static_cast<uint32_t>(std::max(0.0, wave) * 180'000 / (port + 1) * stretch));
  }
  return queue;
}

// A queue pair's rate falls and rises as the queues swell; the first has a window as well.
void add_rates(Record& r, unsigned samples, double stretch) {
  constexpr uint32_t kFirstNic = 6;
  for (const uint32_t queue_pair : {0u, 5u}) {
    record::RateSamples rates{queue_pair, 0, queue_pair, queue_pair + 1, kFirstNic + queue_pair, {}, {}, {}};
    rates.interval = us(r.duration.to_microseconds() / (samples + 1));
    for (unsigned k = 0; k < samples; ++k) {
      const double wave = std::sin(6.283185307179586 * (k * 5.0 / samples + 0.1 * queue_pair));
      rates.rate_bps.push_back(static_cast<uint64_t>(std::llround(60 + 40 * wave / stretch)) * 1'000'000'000);
      rates.window_bytes.push_back(queue_pair != 0 ? kNoWindow : 4096 * static_cast<uint64_t>(20 + 8 * wave));
    }
    r.rates.push_back(std::move(rates));
  }
}

void add_ports(Record& r, const SyntheticSetting& s, unsigned samples, double stretch) {
  for (uint32_t i = 0; i < 6; ++i) {
    r.ports.push_back(leaf_port(i, s));
    r.queues.push_back(swelling_queue(r, i, samples, stretch));
    for (const uint32_t bytes : r.queues.back().bytes)
      r.ports.back().max_queue_bytes = std::max<uint64_t>(r.ports.back().max_queue_bytes, bytes);
  }
  for (uint32_t i = 0; i < kRanks; ++i)
    r.ports.push_back(port("host" + std::to_string(i), "host" + std::to_string(i) + ":nic0", false));
  for (const uint32_t paused : {0u, 1u, 6u, 7u}) {
    for (uint64_t k = 0; k < s.pauses / 8; ++k) {
      const double start = r.duration.to_microseconds() * scatter(k + paused);
      r.pauses.push_back({paused, 3, us(start), us(start + 14)});
      r.ports[paused].paused += us(14);
      ++r.ports[paused].pfc_pauses_received;
    }
  }
}

Record synthetic_record(const SyntheticSetting& s, uint64_t seed, unsigned flows, unsigned samples) {
  const double stretch = s.slowness * (1 + s.seed_variation * (scatter(seed) - 0.5));
  Record r;
  r.scenario = "quickstart";
  r.setting = s.name;
  r.seed = seed;
  r.duration = us(2500 * stretch);
  r.jobs = {{"train", false, kRanks, 2}, {"incast", true, kRanks, 0}};
  r.operations = {{0, "all_reduce", "all_reduce", 64 << 20, kRanks},
                  {0, "all_to_all", "all_to_all", 8 << 20, kRanks},
                  {0, "all_reduce", "all_reduce", 16 << 20, kRanks},
                  {1, "send", "send", 1 << 20, 2}};
  add_steps(r, stretch);
  add_flows(r, stretch, flows, seed);
  add_ports(r, s, samples, stretch);
  add_rates(r, samples, stretch);
  r.totals = {4'200'000, 3'900'000, s.drops * 8, s.drops, s.marks / 3, 0};
  return r;
}

}  // namespace

RunSet synthetic_runs(const std::vector<SyntheticSetting>& settings, unsigned seeds, unsigned flows,
                      unsigned samples) {
  RunSet runs;
  runs.scenario = "quickstart";
  runs.description =
      "A training step of 16 ranks on an oversubscribed leaf-spine fabric, with an incast beside it.";
  runs.fabric = "leaf-spine, 4 leaves of 4 hosts, 1 spine, 100 Gb/s links, 4:1 oversubscribed";
  runs.configuration_hash = "sha256:0123456789abcdef";
  runs.version = "0.1.0";
  runs.command = "railyard compare scenarios/quickstart.yaml --seeds " + std::to_string(seeds);
  for (const SyntheticSetting& s : settings) {
    Setting setting{s.name, "congestion: " + s.name + "\n", {}};
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      Run run{seed, synthetic_record(s, seed, flows, samples), {}};
      run.summary = record::summarise(run.record);
      setting.runs.push_back(std::move(run));
    }
    runs.settings.push_back(std::move(setting));
  }
  return runs;
}

RunSet quickstart_like_runs() {
  return synthetic_runs({{"dcqcn-paper", 1.00, 0.02, 5400, 40, 0},
                         {"dcqcn-connectx", 1.01, 0.02, 3100, 64, 0},
                         {"pfc-only", 1.14, 0.03, 0, 420, 3}},
                        5, 400, 300);
}

}  // namespace railyard::report
