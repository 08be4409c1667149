// SPDX-License-Identifier: GPL-2.0-only
#include "tests/determinism/determinism_scenarios.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/record/record_file.h"

namespace railyard {
namespace {

void add_job(RunInput& input, const std::string& name, trace::Trace trace,
             std::vector<schedule::RankLocation> placement) {
  JobInput job;
  job.name = name;
  job.source = trace::HeldTrace::of(std::move(trace)).value();
  job.placement = std::move(placement);
  input.jobs.push_back(std::move(job));
}

// An all-to-all over all GPUs, which keeps every link busy, and an incast into the first host.
void add_traffic(RunInput& input, uint32_t hosts, Bytes all_to_all, uint32_t senders) {
  constexpr uint32_t kAllToAll = 4;
  SingleCollectiveSettings collective;
  collective.kind = kAllToAll;
  collective.bytes = all_to_all;
  std::vector<schedule::RankLocation> everywhere, incast;
  for (uint32_t host = 0; host < hosts; ++host)
    for (uint32_t gpu = 0; gpu < input.fabric.gpus_per_host; ++gpu) everywhere.push_back({host, gpu});
  collective.ranks = static_cast<uint32_t>(everywhere.size());
  add_job(input, "all-to-all", make_single_collective(collective).value(), everywhere);
  for (uint32_t rank = 0; rank <= senders; ++rank) incast.push_back({rank, 0});
  add_job(input, "incast", make_incast({senders, Bytes{40'000}}).value(), incast);
}

// The headroom is too small for what is under way when a pause is sent: packets are lost although PFC is on.
RunInput tight_buffers(FabricKind kind, uint64_t seed) {
  RunInput input;
  input.seed = seed;
  input.fabric.kind = kind;
  input.fabric.link_delay = SimTime::microseconds(1);
  input.switches.pool_size = {60'000};
  input.switches.xoff = {5'000};
  input.switches.green_min_threshold = {5'000};
  input.switches.green_max_threshold = {50'000};
  input.switches.green_drop_probability = 20;
  input.nic.mtu = 1000;
  input.nic.ack_timeout = 4;  // 66 us
  return input;
}

RunInput fat_tree(uint64_t seed) {
  RunInput input = tight_buffers(FabricKind::FatTree, seed);
  input.fabric.k = 4;
  input.fabric.hosts_per_leaf = 0;
  add_traffic(input, 16, {80'000}, 12);
  return input;
}

RunInput rail_optimized(uint64_t seed) {
  RunInput input = tight_buffers(FabricKind::RailOptimized, seed);
  input.fabric.leaves = 2;
  input.fabric.spines = 2;
  input.fabric.hosts_per_leaf = 3;
  input.fabric.nics_per_host = input.fabric.gpus_per_host = 4;
  add_traffic(input, 6, {120'000}, 5);
  return input;
}

RunInput oversubscribed(uint64_t seed) {
  RunInput input = tight_buffers(FabricKind::LeafSpine, seed);
  input.fabric.leaves = 3;
  input.fabric.spines = 2;
  input.fabric.hosts_per_leaf = 6;
  add_traffic(input, 18, {60'000}, 10);
  return input;
}

// Two all-reduces by way of the switches beside what keeps the links busy.
RunInput reducing(uint64_t seed) {
  RunInput input = tight_buffers(FabricKind::LeafSpine, seed);
  input.fabric.leaves = 3;
  input.fabric.spines = 2;
  input.fabric.hosts_per_leaf = 4;
  input.fabric.gpus_per_host = 2;
  input.fabric.in_network_reduction = InNetworkReduction::Both;
  EXPECT_TRUE(choose_algorithm(input.collectives, collective::Kind::AllReduce, "in-network"));
  add_traffic(input, 12, {60'000}, 10);
  SingleCollectiveSettings collective;
  collective.bytes = Bytes{400'000};
  for (const uint32_t ranks : {8u, 24u}) {
    std::vector<schedule::RankLocation> packed;
    for (uint32_t rank = 0; rank < ranks; ++rank) packed.push_back({rank / 2, rank % 2});
    collective.ranks = ranks;
    add_job(input, fmt::format("all-reduce of {}", ranks), make_single_collective(collective).value(),
            packed);
  }
  return input;
}

template <class Entries, class Same>
std::string difference_of(const char* what, const Entries& a, const Entries& b, Same same) {
  if (a.size() != b.size()) return fmt::format("{}: {} and {}", what, a.size(), b.size());
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), same);
  return at.first == a.end() ? "" : fmt::format("{}: number {}", what, at.first - a.begin());
}

}  // namespace

const std::vector<DeterminismScenario>& determinism_scenarios() {
  static const std::vector<DeterminismScenario> scenarios = {{"FatTree", fat_tree},
                                                             {"RailOptimized", rail_optimized},
                                                             {"Oversubscribed", oversubscribed},
                                                             {"Reducing", reducing}};
  return scenarios;
}

RunInput long_scenario(uint64_t seed) {
  RunInput input = tight_buffers(FabricKind::LeafSpine, seed);
  input.fabric.link_delay = SimTime::nanoseconds(15);
  input.switches.pipeline_latency = input.nic.nic_latency = SimTime::nanoseconds(100);
  input.fabric.leaves = 3;
  input.fabric.spines = 2;
  input.fabric.hosts_per_leaf = 4;
  add_traffic(input, 12, {900'000}, 8);
  return input;
}

record::Record simulate_with(RunInput input, uint32_t threads, bool may_fall_back) {
  ns3::Config::SetDefault("ns3::WindowSimulatorImpl::MayFallBack", ns3::BooleanValue(may_fall_back));
  input.reference_engine = threads == kReferenceEngine;
  input.threads = std::max(threads, 1U);
  auto record = ns3::Simulate(input, {});
  EXPECT_TRUE(record.has_value()) << record.error();
  return record.value_or(record::Record{});
}

std::string bytes_of(const record::Record& record) {
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("railyard-determinism-{}.ryrecord", getpid());
  const auto written = record::write_record(path.string(), record);
  EXPECT_TRUE(written.has_value()) << written.error();
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  return bytes;
}

std::string first_difference(const record::Record& a, const record::Record& b) {
  const std::string found[] = {
      difference_of("pauses", a.pauses, b.pauses,
                    [](const auto& x, const auto& y) {
                      return x.port == y.port && x.start == y.start && x.end == y.end;
                    }),
      difference_of("messages", a.messages, b.messages,
                    [](const auto& x, const auto& y) {
                      return x.posted == y.posted && x.received == y.received && x.acked == y.acked;
                    }),
      difference_of("ports", a.ports, b.ports,
                    [](const auto& x, const auto& y) {
                      return x.tx_packets == y.tx_packets && x.tx_bytes == y.tx_bytes &&
                             x.ecn_marked == y.ecn_marked && x.drops == y.drops && x.paused == y.paused &&
                             x.max_queue_bytes == y.max_queue_bytes;
                    }),
      difference_of("queue samples", a.queues, b.queues,
                    [](const auto& x, const auto& y) { return x.port == y.port && x.bytes == y.bytes; }),
      difference_of("rate samples", a.rates, b.rates,
                    [](const auto& x, const auto& y) {
                      return x.queue_pair == y.queue_pair && x.rate_bps == y.rate_bps &&
                             x.window_bytes == y.window_bytes;
                    }),
      a.duration == b.duration ? "" : "duration"};
  for (const std::string& difference : found)
    if (!difference.empty()) return difference;
  return "elsewhere: totals, operations, spans or iterations";
}

Incidents incidents_of(const record::Record& record) {
  Incidents incidents;
  for (const record::Port& port : record.ports) {
    incidents.marks += port.ecn_marked;
    incidents.drops = std::accumulate(port.drops.begin(), port.drops.end(), incidents.drops);
  }
  incidents.pauses = record.pauses.size();
  incidents.retransmitted = record.totals.retransmitted;
  return incidents;
}

}  // namespace railyard
