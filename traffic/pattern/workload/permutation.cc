// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/permutation.h"

#include <fmt/format.h>

#include <numeric>
#include <random>
#include <utility>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

uint32_t ranks_of(const PermutationSettings& settings) {
  return settings.ranks;
}

tl::expected<trace::Trace, std::string> made(const PermutationSettings& settings, const WorkloadContext&) {
  return make_permutation(settings);
}

}  // namespace

std::vector<uint32_t> random_cycle(uint32_t ranks, uint64_t seed) {
  std::vector<uint32_t> destination(ranks);
  std::iota(destination.begin(), destination.end(), 0U);
  // The distributions of <random> differ between libraries; the engine does not.
  std::mt19937_64 random(seed);
  for (uint32_t i = ranks; i > 1; --i) std::swap(destination[i - 1], destination[random() % (i - 1)]);
  return destination;
}

tl::expected<trace::Trace, std::string> make_permutation(const PermutationSettings& settings) {
  if (settings.ranks < 2) return tl::make_unexpected("permutation: ranks must be at least 2");
  if (settings.bytes.n == 0) return tl::make_unexpected("permutation: bytes must be at least 1");
  if (settings.shift != 0 && settings.shift % settings.ranks == 0) {
    return tl::make_unexpected(
        fmt::format("permutation: shift {} over {} ranks sends to itself", settings.shift, settings.ranks));
  }
  trace::Trace trace = workload::empty_trace(
      "permutation",
      fmt::format("permutation ranks={} bytes={} shift={} seed={} repeat={}", settings.ranks,
                  format(settings.bytes), settings.shift, settings.seed, settings.repeat),
      settings.ranks);
  std::vector<uint32_t> destination = random_cycle(settings.ranks, settings.seed);
  if (settings.shift != 0) {
    for (uint32_t r = 0; r < settings.ranks; ++r) {
      destination[r] = static_cast<uint32_t>((uint64_t{r} + settings.shift) % settings.ranks);
    }
  }
  for (uint32_t r = 0; r < settings.ranks; ++r) {
    trace::RankBuilder sender(*trace.mutable_ranks(static_cast<int>(r)));
    trace::RankBuilder receiver(*trace.mutable_ranks(static_cast<int>(destination[r])));
    trace::RankBuilder::Indices after;
    for (uint32_t i = 0; i < settings.repeat; ++i) {
      receiver.receive(r, settings.bytes.n, 0);
      after = {sender.send(destination[r], settings.bytes.n, 0, after)};
    }
  }
  return trace;
}

const std::vector<Parameter<PermutationSettings>>& parameters_of(const PermutationSettings*) {
  using S = PermutationSettings;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 2, workload::kMaxRanks, "Ranks; each sends to one other", workload::kOurs},
      {"bytes", &S::bytes, 1, workload::kMaxMessage, "Size of each message", workload::kOurs},
      {"shift", &S::shift, 0, workload::kMaxRanks,
       "Rank i sends to rank i + shift; 0 draws the destinations by the seed", workload::kOurs},
      {"seed", &S::seed, 0, kUnlimited, "Seed of the destinations", workload::kOurs},
      {"repeat", &S::repeat, 1, workload::kMaxRanks, "Messages of each rank, one after another",
       workload::kOurs},
  };
  return rows;
}

Workload permutation_workload() {
  return workload_row<PermutationSettings, ranks_of, made>(
      "permutation", "Every rank sends to one other rank and receives from one other");
}

}  // namespace railyard
