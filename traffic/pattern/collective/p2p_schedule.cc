// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/p2p_schedule.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <vector>

namespace railyard::collective {
namespace {

uint32_t power_of_two_up(uint32_t n) {
  uint32_t power = 1;
  while (power < n) power *= 2;
  return power;
}

// Distances between groups, in their order, and where each is in it.
struct Distances {
  std::vector<uint32_t> at, index_of;

  explicit Distances(uint32_t groups) : index_of(groups) {
    const uint32_t power = power_of_two_up(groups);
    uint32_t distance = 0;
    for (uint32_t x = 0; x < power; ++x) {
      distance = (distance + x) & (power - 1);
      if (distance >= groups) continue;
      index_of[distance] = static_cast<uint32_t>(at.size());
      at.push_back(distance);
    }
  }
};

// Asked for at every step: each thread keeps those that it has used.
const Distances& distances(uint32_t groups) {
  thread_local std::unordered_map<uint32_t, Distances> all;
  thread_local const Distances* last = nullptr;
  if (last == nullptr || last->index_of.size() != groups)
    last = &all.try_emplace(groups, groups).first->second;
  return *last;
}

}  // namespace

uint32_t p2p_group(uint32_t ranks_per_host) {
  return std::gcd(kP2pBatch, ranks_per_host);
}

P2pPeers p2p_peers(const P2pRanks& ranks, uint32_t me, uint32_t round) {
  const uint32_t n = ranks.group, groups = ranks.size / n;
  const uint32_t distance = distances(groups).at[round / n], shift = round % n;
  const uint32_t group = me / n, local = me % n;
  return {(group + distance) % groups * n + (local + shift) % n,
          (group + groups - distance) % groups * n + (local + n - shift) % n};
}

uint32_t p2p_round(const P2pRanks& ranks, uint32_t from, uint32_t to) {
  const uint32_t n = ranks.group, groups = ranks.size / n;
  const uint32_t distance = (to / n + groups - from / n) % groups;
  return distances(groups).index_of[distance] * n + (to % n + n - from % n) % n;
}

P2pLimits p2p_limits(uint32_t channels, uint32_t channels_of_pair, uint32_t slots, uint32_t group) {
  const uint32_t all = power_of_two_up(std::max(1U, channels));
  // Groups of rounds go to one channel after another, and a batch ends with every eighth round.
  const uint32_t at_once = std::max(kP2pBatch, group * all);
  const uint32_t sharing = at_once / all == 0 ? 1 : at_once / all;
  P2pLimits limits;
  limits.rounds = std::max(1U, at_once / channels_of_pair);
  limits.steps = std::clamp(slots / sharing, 1U, kNcclSteps) * channels_of_pair;
  return limits;
}

}  // namespace railyard::collective
