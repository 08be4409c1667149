// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/incast.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

constexpr uint32_t kReceiver = 0;

void add_sender(const IncastSettings& settings, trace::Rank& rank) {
  trace::RankBuilder builder(rank);
  trace::RankBuilder::Indices after;
  for (uint32_t i = 0; i < settings.repeat; ++i) {
    if (i > 0 && settings.gap.ps > 0) after = {builder.wait("gap", workload::to_ns(settings.gap), after)};
    after = {builder.send(kReceiver, settings.bytes.n, 0, after)};
  }
}

uint32_t ranks_of(const IncastSettings& settings) {
  return settings.senders + 1;
}

tl::expected<trace::Trace, std::string> made(const IncastSettings& settings, const WorkloadContext&) {
  return make_incast(settings);
}

}  // namespace

tl::expected<trace::Trace, std::string> make_incast(const IncastSettings& settings) {
  if (settings.senders == 0) return tl::make_unexpected("incast: senders must be at least 1");
  if (settings.bytes.n == 0) return tl::make_unexpected("incast: bytes must be at least 1");
  trace::Trace trace =
      workload::empty_trace("incast",
                            fmt::format("incast senders={} bytes={} repeat={} gap={}", settings.senders,
                                        format(settings.bytes), settings.repeat, format(settings.gap)),
                            settings.senders + 1);
  trace::RankBuilder receiver(*trace.mutable_ranks(kReceiver));
  for (uint32_t sender = 1; sender <= settings.senders; ++sender) {
    for (uint32_t i = 0; i < settings.repeat; ++i) receiver.receive(sender, settings.bytes.n, 0);
    add_sender(settings, *trace.mutable_ranks(static_cast<int>(sender)));
  }
  return trace;
}

const std::vector<Parameter<IncastSettings>>& parameters_of(const IncastSettings*) {
  using S = IncastSettings;
  static const std::vector<Parameter<S>> rows = {
      {"senders", &S::senders, 1, workload::kMaxRanks, "Ranks that send to rank 0 at the same time",
       workload::kOurs},
      {"bytes", &S::bytes, 1, workload::kMaxMessage, "Size of each message", workload::kOurs},
      {"repeat", &S::repeat, 1, workload::kMaxRanks, "Messages of each sender, one after another",
       workload::kOurs},
      {"gap", &S::gap, 0, workload::kMaxTime, "Pause of a sender between two messages", workload::kOurs},
  };
  return rows;
}

Workload incast_workload() {
  return workload_row<IncastSettings, ranks_of, made>("incast", "Many ranks send to rank 0 at the same time");
}

}  // namespace railyard
