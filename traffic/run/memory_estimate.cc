// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/memory_estimate.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "traffic/pattern/schedule/footprint.h"
#include "traffic/pattern/schedule/run_log.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/record/record.h"

namespace railyard {
namespace {

// A vector that doubles as it grows holds, on the average, one and a half times what is in it.
uint64_t grown(uint64_t bytes) {
  return bytes + bytes / 2;
}

// "1.2 GiB"; as format() of Bytes writes whole numbers only.
std::string rounded(uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

// What a rank can send at most, of messages so long, and no shorter than a frame.
double messages_within(SimTime duration, const schedule::HostShape& hosts, uint64_t length) {
  const auto rate = static_cast<double>(std::max(hosts.scale_up_rate.bps, hosts.nic_rate.bps));
  constexpr double kBitPicoseconds = 8e12;
  const auto bytes = static_cast<double>(std::max<uint64_t>(length, wire::kMinimumFrame));
  return 1 + static_cast<double>(duration.ps) * rate / (kBitPicoseconds * bytes);
}

}  // namespace

MemoryEstimate estimate_of(const schedule::PlayedJobs& jobs, SimTime duration) {
  MemoryEstimate estimate;
  for (const schedule::PlayedJob& job : jobs.jobs) {
    estimate.schedule += schedule::footprint_of(*job.schedule);
    const schedule::RunCounts counts = schedule::counts_of(job, jobs.hosts);
    estimate.hosts += counts.state_bytes;
    const double most = messages_within(duration, jobs.hosts, counts.shortest) *
                        static_cast<double>(job.schedule->ranks.size());
    const auto at_most = [&](uint64_t count) {
      return static_cast<double>(count) <= most ? count : static_cast<uint64_t>(most);
    };
    estimate.record +=
        at_most(counts.messages) *
            (grown(sizeof(schedule::SentMessage) + 2 * sizeof(SimTime)) + grown(sizeof(record::Message))) +
        at_most(counts.carried) *
            (grown(sizeof(schedule::LocalLog::Carried)) + grown(sizeof(record::Message))) +
        counts.spans * 2 * grown(sizeof(record::Span)) +
        job.schedule->operation_count() * grown(sizeof(record::Operation));
  }
  return estimate;
}

std::string in_words(const MemoryEstimate& estimate) {
  return fmt::format("queue pairs {}, ranks {}, fabric {}, record {}", rounded(estimate.queue_pairs),
                     rounded(estimate.hosts), rounded(estimate.fabric), rounded(estimate.record));
}

tl::expected<void, std::string> check_memory(const MemoryEstimate& estimate,
                                             const AvailableMemory& available) {
  if (estimate.to_come() <= available.bytes.n) return {};
  return tl::make_unexpected(fmt::format(
      "the run needs {} of memory beside its schedule of {}, and {} is available ({}): {}; use fewer ranks, "
      "operations or iterations, or a machine with more memory",
      rounded(estimate.to_come()), rounded(estimate.schedule), rounded(available.bytes.n), available.limit,
      in_words(estimate)));
}

}  // namespace railyard
