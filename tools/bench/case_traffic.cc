// SPDX-License-Identifier: GPL-2.0-only
#include "tools/bench/case_traffic.h"

#include <numeric>
#include <utility>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/units/random_stream.h"

namespace railyard::bench {
namespace {

trace::RankBuilder rank_of(trace::Trace& trace, uint32_t rank) {
  return trace::RankBuilder(*trace.mutable_ranks(static_cast<int>(rank)));
}

void add_message(trace::Trace& trace, uint32_t from, uint32_t to, Bytes message, uint32_t tag) {
  rank_of(trace, from).send(to, message.n, tag);
  rank_of(trace, to).receive(from, message.n, tag);
}

}  // namespace

std::vector<uint32_t> cross_pod_permutation(uint32_t hosts, uint32_t pod_hosts, uint64_t seed) {
  std::vector<uint32_t> destination(hosts);
  std::iota(destination.begin(), destination.end(), 0U);
  RandomStream random(seed, 0);
  for (uint32_t i = hosts; i > 1; --i) std::swap(destination[i - 1], destination[random.below(i)]);
  const auto pod = [&](uint32_t host) { return host / pod_hosts; };
  // A pair within a pod exchanges destinations with any pair that leaves both of them across pods.
  for (uint32_t h = 0; h < hosts; ++h) {
    while (pod(destination[h]) == pod(h)) {
      const uint32_t other = random.below(hosts);
      if (pod(destination[other]) != pod(h) && pod(destination[h]) != pod(other))
        std::swap(destination[h], destination[other]);
    }
  }
  return destination;
}

trace::Trace permutation_trace(const std::vector<uint32_t>& destination, Bytes message) {
  const auto hosts = static_cast<uint32_t>(destination.size());
  trace::Trace trace = workload::empty_trace("permutation", "bench cross-pod permutation", hosts);
  for (uint32_t host = 0; host < hosts; ++host) add_message(trace, host, destination[host], message, 0);
  return trace;
}

trace::Trace many_queue_pairs_trace(uint32_t hosts, uint32_t queue_pairs, Direction direction,
                                    Bytes message) {
  trace::Trace trace = workload::empty_trace("queue-pairs", "bench many queue pairs", hosts);
  for (uint32_t i = 0; i < queue_pairs; ++i) {
    const uint32_t other = 1 + i % (hosts - 1);
    const uint32_t tag = i / (hosts - 1);  // messages of one pair and tag would share a queue pair
    if (direction == Direction::FromHost0)
      add_message(trace, 0, other, message, tag);
    else
      add_message(trace, other, 0, message, tag);
  }
  return trace;
}

trace::Trace sparse_trace(const SparseTraffic& traffic) {
  trace::Trace trace = workload::empty_trace("sparse", "bench sparse open-loop traffic", traffic.hosts);
  const auto gap_range = static_cast<uint32_t>(2 * workload::to_ns(traffic.mean_gap));
  for (uint32_t host = 0; host < traffic.hosts; ++host) {
    RandomStream random(traffic.seed, host);
    trace::RankBuilder sender = rank_of(trace, host);
    trace::RankBuilder::Indices after;
    for (uint32_t i = 0; i < traffic.count; ++i) {
      const uint32_t elsewhere = random.below(traffic.hosts - traffic.pod_hosts);
      const uint32_t own_pod = host / traffic.pod_hosts * traffic.pod_hosts;
      const uint32_t to = elsewhere < own_pod ? elsewhere : elsewhere + traffic.pod_hosts;
      after = {sender.compute("gap", random.below(gap_range), after)};
      sender.send(to, traffic.message.n, 0, after);
      rank_of(trace, to).receive(host, traffic.message.n, 0);
    }
  }
  return trace;
}

}  // namespace railyard::bench
