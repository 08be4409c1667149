// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/all_to_all.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

constexpr uint32_t kMostMessages = 1 << 24;

uint32_t ranks_of(const AllToAllSettings& settings) {
  return settings.ranks;
}

tl::expected<trace::Trace, std::string> made(const AllToAllSettings& settings, const WorkloadContext&) {
  return make_all_to_all(settings);
}

}  // namespace

tl::expected<trace::Trace, std::string> make_all_to_all(const AllToAllSettings& settings) {
  const uint32_t n = settings.ranks;
  if (n < 2) return tl::make_unexpected("all_to_all: ranks must be at least 2");
  if (settings.bytes.n == 0) return tl::make_unexpected("all_to_all: bytes must be at least 1");
  if (double{1} * n * (n - 1) * settings.repeat > kMostMessages)
    return tl::make_unexpected(fmt::format(
        "all_to_all: {} ranks would send more than {} messages; lower ranks or repeat", n, kMostMessages));
  trace::Trace trace = workload::empty_trace(
      "all_to_all",
      fmt::format("all_to_all ranks={} bytes={} repeat={}", n, format(settings.bytes), settings.repeat), n);
  for (uint32_t r = 0; r < n; ++r) {
    trace::RankBuilder rank(*trace.mutable_ranks(static_cast<int>(r)));
    // Beginning beside itself, so that not all send to one at first.
    for (uint32_t distance = 1; distance < n; ++distance) {
      trace::RankBuilder::Indices after;
      for (uint32_t i = 0; i < settings.repeat; ++i)
        after = {rank.send((r + distance) % n, settings.bytes.n, 0, after)};
      for (uint32_t i = 0; i < settings.repeat; ++i)
        rank.receive((r + n - distance) % n, settings.bytes.n, 0);
    }
  }
  return trace;
}

const std::vector<Parameter<AllToAllSettings>>& parameters_of(const AllToAllSettings*) {
  using S = AllToAllSettings;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 2, workload::kMaxRanks, "Ranks; each sends to every other", workload::kOurs},
      {"bytes", &S::bytes, 1, workload::kMaxMessage, "Size of each message", workload::kOurs},
      {"repeat", &S::repeat, 1, workload::kMaxRanks, "Messages of each pair, one after another",
       workload::kOurs},
  };
  return rows;
}

Workload all_to_all_workload() {
  return workload_row<AllToAllSettings, ranks_of, made>("all_to_all",
                                                        "Every rank sends to every other at the same time");
}

}  // namespace railyard
