// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/engine_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "tools/bench/case_traffic.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/llm/training.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard::bench {
namespace {

using Placement = std::vector<schedule::RankLocation>;

constexpr uint64_t kSeed = 1;
constexpr uint32_t kRailHosts = 128, kRails = 8;

uint32_t hosts_of_pod(uint32_t k) {
  return k * k / 4;
}
uint32_t hosts_of_fat_tree(uint32_t k) {
  return k * hosts_of_pod(k);
}

RunInput common_input() {
  RunInput input;
  input.scenario = "bench";
  input.seed = kSeed;
  input.fabric.link_delay = SimTime::microseconds(1);
  input.switches.green_min_threshold = {100'000};
  input.switches.green_max_threshold = {400'000};
  input.switches.green_drop_probability = 20;
  input.nic.mtu = 1000;
  input.sample_interval = {0};
  input.busiest_ports = 0;
  return input;
}

RunInput fat_tree(uint32_t k) {
  RunInput input = common_input();
  input.fabric.kind = FabricKind::FatTree;
  input.fabric.k = k;
  input.fabric.hosts_per_leaf = 0;
  return input;
}

void add_job(RunInput& input, std::shared_ptr<const trace::RankSource> source, Placement placement = {}) {
  JobInput job;
  job.name = source->header().name();
  const uint32_t ranks = source->header().rank_count();
  for (uint32_t rank = static_cast<uint32_t>(placement.size()); rank < ranks; ++rank)
    placement.push_back({rank, 0});
  job.placement = std::move(placement);
  job.source = std::move(source);
  input.jobs.push_back(std::move(job));
}

void add_job(RunInput& input, trace::Trace trace, Placement placement = {}) {
  add_job(input, trace::HeldTrace::of(std::move(trace)).value(), std::move(placement));
}

RunInput cross_pod(uint32_t k, Bytes message) {
  RunInput input = fat_tree(k);
  add_job(input,
          permutation_trace(cross_pod_permutation(hosts_of_fat_tree(k), hosts_of_pod(k), kSeed), message));
  return input;
}

RunInput cross_pod_k8(Bytes message) {
  return cross_pod(8, message);
}
RunInput cross_pod_k16(Bytes message) {
  return cross_pod(16, message);
}
RunInput cross_pod_k32(Bytes message) {
  return cross_pod(32, message);
}

RunInput cross_pod_under(std::string_view algorithm, Bytes message) {
  RunInput input = cross_pod_k8(message);
  input.nic.congestion_control = index_of_congestion_algorithm(algorithm);
  return input;
}

RunInput pfc_alone(Bytes message) {
  return cross_pod_under("none", message);
}

// Metres of cable, at 5 ns a metre.
template <int64_t kMetres>
RunInput cable(Bytes message) {
  RunInput input = cross_pod_k8(message);
  input.fabric.link_delay = SimTime::nanoseconds(5 * kMetres);
  return input;
}

RunInput with_telemetry(Bytes message) {
  RunInput input = cross_pod_k8(message);
  input.sample_interval = SimTime::microseconds(10);
  input.busiest_ports = ~uint32_t{0};
  return input;
}

// Hosts 16 + floor(112 j / senders), j = 0, 1, ..., to host 0: spread over all pods but host 0's own.
template <uint32_t kSenders>
RunInput incast(Bytes message) {
  RunInput input = fat_tree(8);
  const uint32_t pod = hosts_of_pod(8);
  Placement placement = {{0, 0}};
  for (uint32_t j = 0; j < kSenders; ++j)
    placement.push_back({pod + j * (hosts_of_fat_tree(8) - pod) / kSenders, 0});
  add_job(input, make_incast({kSenders, message}).value(), placement);
  return input;
}

RunInput neighbours(Bytes message) {
  RunInput input = fat_tree(8);
  PermutationSettings shift;
  shift.ranks = hosts_of_fat_tree(8);
  shift.bytes = message;
  shift.shift = 1;
  add_job(input, make_permutation(shift).value());
  return input;
}

RunInput all_reduce(Bytes buffer) {
  RunInput input = fat_tree(8);
  SingleCollectiveSettings collective;
  collective.ranks = hosts_of_fat_tree(8);
  collective.bytes = buffer;
  add_job(input, make_single_collective(collective).value());
  return input;
}

// 0.1 % of the line rate from every host.
RunInput sparse(Bytes message) {
  RunInput input = fat_tree(8);
  constexpr int64_t kInverseLoad = 1000;
  SparseTraffic traffic;
  traffic.hosts = hosts_of_fat_tree(8);
  traffic.pod_hosts = hosts_of_pod(8);
  traffic.message = message;
  const uint64_t packets = (message.n + input.nic.mtu - 1) / input.nic.mtu;
  traffic.mean_gap =
      serialisation_time(wire::data_frame_bytes(input.nic.mtu, false), input.fabric.link_rate.ps_per_byte()) *
      static_cast<int64_t>(packets) * kInverseLoad;
  traffic.seed = kSeed;
  add_job(input, sparse_trace(traffic));
  return input;
}

template <Direction kTowards>
RunInput queue_pairs(Bytes message) {
  RunInput input = fat_tree(8);
  constexpr uint32_t kQueuePairs = 4096;
  add_job(input, many_queue_pairs_trace(hosts_of_fat_tree(8), kQueuePairs, kTowards, message));
  return input;
}

// 128 hosts of 8 GPUs and NICs at 400 Gb/s, one leaf a rail with as much towards the spines as towards its
// hosts. There are no scale-up links: GPUs of one host reach each other through their NICs.
RunInput rail_ring(Bytes buffer, schedule::RankLocation (*location_of)(uint32_t rank)) {
  RunInput input = common_input();
  input.fabric.kind = FabricKind::RailOptimized;
  input.fabric.leaves = 1;
  input.fabric.hosts_per_leaf = kRailHosts;
  input.fabric.nics_per_host = input.fabric.gpus_per_host = kRails;
  input.fabric.spines = 16;
  input.fabric.leaf_spine_links = kRailHosts / input.fabric.spines;
  input.fabric.link_rate = BitRate::gigabits(400);
  input.fabric.scale_up_rate = {0};
  input.nic.mtu = 4096;
  SingleCollectiveSettings collective;
  collective.ranks = kRailHosts * kRails;
  collective.bytes = buffer;
  Placement placement;
  for (uint32_t rank = 0; rank < collective.ranks; ++rank) placement.push_back(location_of(rank));
  add_job(input, make_single_collective(collective).value(), placement);
  return input;
}

// Host after host: every neighbour in the ring is on another rail, across the spines.
RunInput ring_across_rails(Bytes buffer) {
  return rail_ring(buffer, [](uint32_t rank) {
    return schedule::RankLocation{rank / kRails, rank % kRails};
  });
}

// Rail after rail: almost every neighbour is on the same leaf.
RunInput ring_along_rails(Bytes buffer) {
  return rail_ring(buffer, [](uint32_t rank) {
    return schedule::RankLocation{rank % kRailHosts, rank / kRailHosts};
  });
}

// Megatron-LM's gradients of a GPT-13B in FP32, a rank of 8, as AICB counts it for SimAI: 12 h^2 a layer, two
// embeddings of 32,000 tokens, one of 2,048 positions.
constexpr Bytes kGpt13bGradients = {6'498'897'920};

// One step of GPT-13B on 16 hosts of 8 GPUs and NICs: tensor parallelism within the host, data parallelism
// along the rails. With fewer bytes the model is narrower.
template <uint32_t kMtu>
RunInput gpt13b(Bytes gradients) {
  RunInput input = common_input();
  input.fabric.kind = FabricKind::RailOptimized;
  input.fabric.leaves = 1;
  input.fabric.spines = 1;
  input.fabric.hosts_per_leaf = 16;
  input.fabric.nics_per_host = input.fabric.gpus_per_host = kRails;
  input.fabric.link_rate = BitRate::gigabits(400);
  input.fabric.scale_up_rate = BitRate::gigabits(2960);  // NVLink 4 as NCCL reaches it [nccl-tests#212]
  input.nic.mtu = kMtu;
  LlmSettings settings;
  settings.sequence = 2048;
  settings.tp = kRails;
  settings.dp = input.fabric.hosts_per_leaf;
  constexpr double kHeads = 40, kHeadDim = 128;
  const double narrower =
      std::sqrt(static_cast<double>(gradients.n) / static_cast<double>(kGpt13bGradients.n));
  llm::ModelShape shape;
  shape.layers = 40;
  shape.heads = shape.kv_heads = static_cast<uint32_t>(kHeads);
  shape.head_dim = std::max<uint64_t>(kRails, std::llround(kHeadDim * narrower));
  shape.hidden = shape.heads * shape.head_dim;
  shape.ffn = 4 * shape.hidden;
  shape.mlp_matrices = 2;
  shape.vocabulary = 32'000;
  shape.positions = 2'048;
  const auto plan = llm::TrainingPlan::make(settings, shape);
  Placement placement;
  for (uint32_t rank = 0; rank < plan->ranks(); ++rank) placement.push_back({rank / kRails, rank % kRails});
  add_job(input, workload::source_of(*plan), std::move(placement));
  return input;
}

constexpr Bytes operator""_B(unsigned long long n) {
  return {n};
}

std::vector<EngineCase> named_cases() {
  return {
      {"W1", "k=8 fat-tree, 128 x 10 MB, cross-pod permutation", 10'000'000_B, cross_pod_k8},
      {"W1-pfc", "W1 without congestion control: PFC alone, every link full", 10'000'000_B, pfc_alone},
      {"W2-16", "k=8, 16 hosts send 1 MB each to host 0", 1'000'000_B, incast<16>},
      {"W2-64", "k=8, 64 hosts send 1 MB each to host 0", 1'000'000_B, incast<64>},
      {"W2-64x10", "k=8, 64 hosts send 10 MB each to host 0", 10'000'000_B, incast<64>},
      {"W3", "k=8, host i sends 10 MB to i + 1", 10'000'000_B, neighbours},
      {"W3-AR", "k=8, ring all-reduce of 10 MB over 128 hosts", 10'000'000_B, all_reduce},
      {"K16", "k=16 fat-tree, 1,024 x 1 MB, cross-pod permutation", 1'000'000_B, cross_pod_k16},
      {"permutation-k16", "k=16, 1,024 x 10 MB, cross-pod permutation", 10'000'000_B, cross_pod_k16},
      {"K32", "k=32 fat-tree, 8,192 x 1 MB, cross-pod permutation", 1'000'000_B, cross_pod_k32, false},
      {"load-0.1%", "k=8, 100 messages of 10 kB a host at random times, 0.1 % of line rate", 10'000_B,
       sparse},
      {"qp-4096", "k=8, 4,096 queue pairs of host 0 send 100 kB each", 100'000_B,
       queue_pairs<Direction::FromHost0>},
      {"qp-4096-in", "k=8, 4,096 queue pairs send 100 kB each to host 0", 100'000_B,
       queue_pairs<Direction::ToHost0>},
      {"cable-3m", "W1 with links of 3 m (15 ns)", 10'000'000_B, cable<3>},
      {"cable-30m", "W1 with links of 30 m (150 ns)", 10'000'000_B, cable<30>},
      {"cable-200m", "W1 with links of 200 m (1 us)", 10'000'000_B, cable<200>},
      {"W1-telemetry", "W1, queue depth of every switch port kept every 10 us", 10'000'000_B, with_telemetry},
      {"ring-1024", "128 hosts of 8 rails at 400 Gb/s, ring all-reduce of 256 MiB over 1,024 GPUs",
       268'435'456_B, ring_across_rails, false},
      {"ring-1024-rails", "the same, with the ring laid along the rails", 268'435'456_B, ring_along_rails,
       false},
      {"gpt13b-128", "a step of GPT-13B with TP 8 in the host and DP 16 along 8 rails of 400 Gb/s",
       kGpt13bGradients, gpt13b<1000>, false},
      {"gpt13b-128-4096", "the same with 4096 B a packet", kGpt13bGradients, gpt13b<4096>, false},
  };
}

}  // namespace

const std::vector<EngineCase>& engine_cases() {
  static const std::vector<EngineCase> cases = [] {
    std::vector<EngineCase> all = named_cases();
    for (const CongestionAlgorithm& algorithm : congestion_algorithms()) {
      const uint32_t index = index_of_congestion_algorithm(algorithm.name);
      if (index == default_congestion_algorithm() || algorithm.name == "none") continue;
      all.push_back(
          {fmt::format("W1-{}", algorithm.name), fmt::format("W1 under {}", algorithm.name), 10'000'000_B,
           [name = algorithm.name](Bytes message) { return cross_pod_under(name, message); }, false});
    }
    return all;
  }();
  return cases;
}

const EngineCase* find_engine_case(std::string_view name) {
  const auto& cases = engine_cases();
  const auto found = std::find_if(cases.begin(), cases.end(), [&](const auto& c) { return c.name == name; });
  return found == cases.end() ? nullptr : &*found;
}

RunInput input_of(const EngineCase& engine_case) {
  return input_of(engine_case, engine_case.bytes);
}

RunInput input_of(const EngineCase& engine_case, Bytes bytes) {
  RunInput input = engine_case.build(bytes);
  input.setting = engine_case.name;
  return input;
}

}  // namespace railyard::bench
