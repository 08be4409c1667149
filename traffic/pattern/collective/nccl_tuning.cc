// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/nccl_tuning.h"

#include <algorithm>
#include <array>
#include <vector>

#include "traffic/pattern/collective/algorithm.h"

namespace railyard::collective {
namespace {

// Tables by protocol are in the order LL, LL128, Simple; latencies in microseconds, bandwidths in GB/s.
using ByProtocol = std::array<double, 3>;
size_t column(Protocol protocol) {
  return protocol == Protocol::LL ? 0 : protocol == Protocol::LL128 ? 1 : 2;
}

struct Latencies {
  ByProtocol tree, ring, pat;
  double of(TunedAlgorithm algorithm, Protocol protocol) const {
    const ByProtocol& row = algorithm == TunedAlgorithm::Tree   ? tree
                            : algorithm == TunedAlgorithm::Ring ? ring
                                                                : pat;
    return row[column(protocol)];
  }
};
constexpr Latencies kBase = {{6.8, 14.0, 8.4}, {6.6, 14.0, 8.4}, {8.0, 8.0, 8.0}};
constexpr Latencies kNvlink = {{0.6, 1.25, 4.0}, {0.6, 1.9, 3.4}, {0, 0, 4.0}};
constexpr Latencies kPci = {{1.0, 1.9, 4.0}, {1.0, 2.5, 5.7}, {0, 0, 4.0}};
constexpr Latencies kNet = {{5.0, 8.5, 14.0}, {2.7, 4.0, 14.0}, {0, 0, 14.0}};

// By generation, or by CPU where there are several hosts: of one host, two, more.
using ByHosts = std::array<double, 3>;
constexpr std::array<ByHosts, 4> kMostLl = {
    {{39.0, 39.0, 20.4}, {87.7, 22.5, 19.0}, {141.0, 45.0, 35.0}, {282.0, 90.0, 70.0}}};
// Of a channel, by generation.
constexpr std::array<ByHosts, 4> kMostRingLl128 = {
    {{20.0, 20.0, 20.0}, {20.0, 20.0, 20.0}, {36.7, 36.7, 36.7}, {40.0, 40.0, 40.0}}};
constexpr std::array<ByHosts, 4> kMostTreeLl128 = {
    {{20.0, 20.0, 20.0}, {20.0, 20.0, 20.0}, {36.7, 36.7, 29.0}, {55.6, 31.67, 20.0}}};
constexpr std::array<ByHosts, 4> kMostTree = {
    {{26.5, 18.5, 10.0}, {24.0, 23.6, 17.8}, {38.7, 41.4, 36.0}, {70.0, 42.8, 24.0}}};

// How much of its bandwidth a tree gets, by the logarithm of its bytes / 64.
constexpr std::array<std::array<double, 23>, 3> kTreeCorrection = {{
    {1.0, 1.0, 1.0, 1.0, .9, .8, .7, .7, .7, .7, .6, .5, .4, .4, .5, .6, .7, .8, .9, 1.0, 1.0, 1.0, 1.0},
    {1.0, 1.0, 1.0, 1.0, 1.0, .9, .8, .8, .8, .7, .6, .6, .6, .6, .6, .6, .8, .9, .9, .9, .9, 1.0, 1.0},
    {.9, .9, .9, .9, .9, .9, .9, .8, .7, .6, .6, .5, .5, .5, .5, .6, .7, .8, .7, .7, .8, .9, .9},
}};

// The bandwidths that the search tries for a channel between hosts, and within one.
const std::vector<double>& tried(GpuGeneration gpu, bool between_hosts) {
  static const std::vector<double> old_inter = {48, 30, 28, 24, 20, 18,  15,  12,   10,  9,
                                                7,  6,  5,  4,  3,  2.4, 1.2, 0.24, 0.12};
  static const std::vector<double> old_intra = {40, 30, 20, 18, 15, 12, 10, 9, 7, 6, 5, 4, 3};
  static const std::vector<double> hopper_inter = {48, 45, 42, 40, 30,  24,  22,   20,  17.5,
                                                   15, 12, 6,  3,  2.4, 1.2, 0.24, 0.12};
  static const std::vector<double> hopper_intra = {60, 50, 40, 30, 24, 20, 15, 12, 11, 6, 3};
  static const std::vector<double> blackwell_inter = {96,   48, 45.1, 42, 40, 30,  24,  22,   20,
                                                      17.5, 15, 12,   6,  3,  2.4, 1.2, 0.24, 0.12};
  static const std::vector<double> blackwell_intra = {90, 80, 70, 60, 50, 40, 30, 24, 20, 19, 18};
  switch (gpu) {
    case GpuGeneration::Hopper:
      return between_hosts ? hopper_inter : hopper_intra;
    case GpuGeneration::Blackwell:
      return between_hosts ? blackwell_inter : blackwell_intra;
    default:
      return between_hosts ? old_inter : old_intra;
  }
}

double largest_below(const std::vector<double>& steps, double limit) {
  for (const double step : steps)
    if (step <= limit) return step;
  return std::min(limit, steps.back());
}

double gigabytes_per_second(BitRate rate) {
  constexpr double kBitsOfAGigabyte = 8e9;
  return static_cast<double>(rate.bps) / kBitsOfAGigabyte;
}

uint32_t log2_of(uint64_t n) {
  uint32_t log = 0;
  while (n >>= 1) ++log;
  return log;
}

class Model {
 public:
  Model(Kind kind, TunedAlgorithm algorithm, Protocol protocol, const TunedGroup& group)
      : kind_(kind), algorithm_(algorithm), protocol_(protocol), group_(group) {}

  double microseconds(uint64_t bytes) const {
    constexpr double kBytesOfAMicrosecond = 1e3;  // at 1 GB/s
    double bandwidth = algorithm_bandwidth(), latency = this->latency();
    if (is_tree()) {
      const uint32_t log = log2_of(bytes >> 6);
      if (log < kTreeCorrection[0].size()) bandwidth *= kTreeCorrection[column(protocol_)][log];
    } else if (protocol_ == Protocol::Simple && group_.hosts > 1 && kind_ == Kind::AllReduce &&
               bytes / (uint64_t{channels()} * group_.ranks) >= 64) {
      latency *= group_.gpu == GpuGeneration::Volta ? 1.9 : 1.4;  // the plateau of rings
    }
    return latency + static_cast<double>(bytes) / (kBytesOfAMicrosecond * bandwidth);
  }

 private:
  bool is_tree() const { return algorithm_ == TunedAlgorithm::Tree; }
  uint32_t channels() const { return group_.nics * group_.channels_per_nic; }
  uint32_t per_host() const { return group_.ranks / group_.hosts; }
  size_t hosts_column() const { return std::min<size_t>(group_.hosts, 3) - 1; }
  size_t generation() const { return static_cast<size_t>(group_.gpu); }
  uint32_t steps() const { return (kind_ == Kind::AllReduce ? 2 : 1) * (group_.ranks - 1); }

  double channel_bandwidth() const {
    const double nic = largest_below(tried(group_.gpu, true), gigabytes_per_second(group_.nic_rate));
    if (group_.hosts > 2 || per_host() == 1) return nic / group_.channels_per_nic;
    const double within = largest_below(tried(group_.gpu, false), gigabytes_per_second(group_.scale_up_rate) /
                                                                      static_cast<double>(group_.nics));
    return (group_.hosts == 1 ? within : std::max(nic, within)) / group_.channels_per_nic;
  }

  // What NCCL calls the bus's, turned into the algorithm's.
  double algorithm_bandwidth() const {
    const double n = channels();
    double bus = n * channel_bandwidth();
    const size_t ll_row = group_.hosts == 1 ? generation() : group_.cpu == CpuVendor::Amd ? 1 : 0;
    const double most_ll = kMostLl[ll_row][hosts_column()];
    if (algorithm_ == TunedAlgorithm::Pat) return bus * 0.75;
    if (!is_tree()) {
      if (protocol_ == Protocol::LL) bus = std::min(most_ll, bus * 0.5);
      if (protocol_ == Protocol::LL128)
        bus = std::min(bus * 0.92, n * kMostRingLl128[generation()][hosts_column()]);
      return bus * group_.ranks / steps();
    }
    bus = std::min(bus * 0.92, n * kMostTree[generation()][hosts_column()]);
    if (protocol_ == Protocol::LL) bus = std::min(bus / 3.8, most_ll);
    if (protocol_ == Protocol::LL128)
      bus = std::min(bus * (group_.hosts == 1 ? 7.0 / 9.0 : 120.0 / 128.0),
                     n * kMostTreeLl128[generation()][hosts_column()]);
    // From Hopper on a host's first GPU has all of the tree's network traffic.
    if (group_.gpu >= GpuGeneration::Hopper) bus *= 0.85;
    return bus * 0.5;
  }

  double latency() const {
    const double intra = (group_.scale_up_rate.bps != 0 ? kNvlink : kPci).of(algorithm_, protocol_);
    // With one rank a host nothing hides the network's latency: that of a tree is taken.
    const double inter = kNet.of(per_host() == 1 ? TunedAlgorithm::Tree : algorithm_, protocol_);
    const double base = kBase.of(algorithm_, protocol_);
    if (is_tree()) return base + 2 * ((per_host() - 1) * intra + log2_of(group_.hosts) * inter);
    if (algorithm_ == TunedAlgorithm::Pat)
      return base + log2_of(group_.hosts) * inter / 3.5 + group_.ranks * 2.8;
    if (group_.hosts == 1) return base + steps() * intra;
    double overhead = group_.cpu == CpuVendor::Amd ? 2.0 : 1.0;  // NCCL_NET_OVERHEAD
    if (protocol_ == Protocol::Simple) overhead *= 3;
    const uint32_t inter_steps = (kind_ == Kind::AllReduce ? 2 : 1) * (group_.hosts - 1);
    return base + (steps() - inter_steps) * std::max(intra, overhead) + inter_steps * inter;
  }

  Kind kind_;
  TunedAlgorithm algorithm_;
  Protocol protocol_;
  const TunedGroup& group_;
};

}  // namespace

std::string_view name_of(TunedAlgorithm algorithm) {
  constexpr std::array<std::string_view, 3> kNames = {"tree", "ring", "pat"};
  return kNames[static_cast<size_t>(algorithm)];
}

bool is_offered(Kind kind, TunedAlgorithm algorithm) {
  // NCCL's rings carry these along a chain.
  if (kind == Kind::Broadcast || kind == Kind::Reduce) return algorithm == TunedAlgorithm::Ring;
  return find_algorithm(kind, name_of(algorithm)) != nullptr;
}

std::optional<double> predicted_microseconds(Kind kind, TunedAlgorithm algorithm, Protocol protocol,
                                             uint64_t bytes, const TunedGroup& group) {
  const bool is_tuned = kind == Kind::AllReduce || kind == Kind::AllGather || kind == Kind::ReduceScatter;
  if (!is_tuned || group.ranks < 2) return std::nullopt;
  if (algorithm == TunedAlgorithm::Tree && kind != Kind::AllReduce) return std::nullopt;
  // NCCL_PAT_ENABLE = 2: where each host has one GPU.
  const bool has_pat = kind != Kind::AllReduce && protocol == Protocol::Simple && group.ranks == group.hosts;
  if (algorithm == TunedAlgorithm::Pat && !has_pat) return std::nullopt;
  // Over PCIe between GPUs, stores of 128 bytes are not known to stay together.
  const bool over_pcie = group.ranks > group.hosts && group.scale_up_rate.bps == 0;
  if (protocol == Protocol::LL128 && over_pcie) return std::nullopt;
  return Model(kind, algorithm, protocol, group).microseconds(bytes);
}

TunedChoice fastest(Kind kind, uint64_t bytes, const TunedGroup& group,
                    std::optional<TunedAlgorithm> algorithm, std::optional<Protocol> protocol) {
  std::optional<TunedChoice> best;
  for (const TunedAlgorithm a : {TunedAlgorithm::Tree, TunedAlgorithm::Ring, TunedAlgorithm::Pat})
    for (const Protocol p : {Protocol::LL, Protocol::LL128, Protocol::Simple}) {
      if (a != algorithm.value_or(a) || p != protocol.value_or(p) || !is_offered(kind, a)) continue;
      const auto time = predicted_microseconds(kind, a, p, bytes, group);
      if (time && (!best || *time < best->microseconds)) best = {a, p, *time};
    }
  return best.value_or(
      TunedChoice{algorithm.value_or(TunedAlgorithm::Ring), protocol.value_or(Protocol::Simple), 0});
}

}  // namespace railyard::collective
