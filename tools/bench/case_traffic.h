// SPDX-License-Identifier: GPL-2.0-only
// Traffic of the engine's cases that no generator of traffic/pattern/workload makes. Rank r is host r; the
// same arguments give the same trace on every machine.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/units/quantity.h"

namespace railyard::bench {

// Every host sends one message to a host of another pod and receives one. destination[h] is whom h sends to;
// pods are runs of pod_hosts hosts, at least two.
std::vector<uint32_t> cross_pod_permutation(uint32_t hosts, uint32_t pod_hosts, uint64_t seed);

// One message along each arrow of a permutation, all at once.
trace::Trace permutation_trace(const std::vector<uint32_t>& destination, Bytes message);

// `queue_pairs` messages at once between host 0 and all others in turn, each on a queue pair of its own.
enum class Direction : uint8_t { FromHost0, ToHost0 };
trace::Trace many_queue_pairs_trace(uint32_t hosts, uint32_t queue_pairs, Direction direction, Bytes message);

// Open-loop traffic: every host sends `count` messages to hosts of other pods, drawn at random, whether or
// not the earlier ones have arrived. The gaps between their beginnings are uniform from 0 to twice their
// mean.
struct SparseTraffic {
  uint32_t hosts = 128;
  uint32_t pod_hosts = 16;
  uint32_t count = 100;
  Bytes message = {10'000};
  SimTime mean_gap;
  uint64_t seed = 1;
};
trace::Trace sparse_trace(const SparseTraffic& traffic);

}  // namespace railyard::bench
