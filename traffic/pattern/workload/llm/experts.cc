// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/experts.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "traffic/pattern/workload/draws.h"
#include "traffic/units/random_stream.h"

namespace railyard::llm {

std::vector<double> expert_shares(uint32_t experts, uint32_t ranks, double skew, uint64_t seed,
                                  uint32_t layer) {
  std::vector<double> popularity(experts);
  for (uint32_t i = 0; i < experts; ++i)
    popularity[i] = workload::exponential_function(-skew * workload::natural_logarithm(i + 1.0));
  RandomStream random(seed, layer);
  for (uint32_t i = experts; i > 1; --i) std::swap(popularity[i - 1], popularity[random.below(i)]);
  const double sum = std::accumulate(popularity.begin(), popularity.end(), 0.0);
  std::vector<double> shares = shares_of_nodes(popularity, experts / ranks);
  for (double& share : shares) share /= sum;
  return shares;
}

std::vector<double> shares_of_nodes(const std::vector<double>& shares, uint32_t size) {
  std::vector<double> sums(shares.size() / size, 0.0);
  for (size_t i = 0; i < shares.size(); ++i) sums[i / size] += shares[i];
  return sums;
}

std::vector<double> capped(std::vector<double> shares, double most) {
  std::vector<bool> full(shares.size(), false);
  for (size_t round = 0; round < shares.size(); ++round) {
    double excess = 0, below = 0;
    for (size_t i = 0; i < shares.size(); ++i) {
      if (shares[i] > most) {
        excess += shares[i] - most;
        shares[i] = most;
        full[i] = true;
      }
      if (!full[i]) below += shares[i];
    }
    if (excess == 0 || below == 0) break;
    for (size_t i = 0; i < shares.size(); ++i) {
      if (!full[i]) shares[i] *= 1 + excess / below;
    }
  }
  return shares;
}

std::vector<uint64_t> split_tokens(uint64_t tokens, const std::vector<double>& shares) {
  std::vector<uint64_t> splits;
  double share = 0;
  uint64_t given = 0;
  for (const double of_member : shares) {
    share += of_member;
    const auto until = static_cast<uint64_t>(std::llround(share * static_cast<double>(tokens)));
    splits.push_back(until - given);
    given = until;
  }
  return splits;
}

}  // namespace railyard::llm
