// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/incast.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"

namespace railyard {
namespace {

constexpr uint32_t kReceiver = 0;

void add_sender(const IncastSettings& settings, trace::Rank& rank) {
  trace::RankBuilder builder(rank);
  trace::RankBuilder::Indices after;
  for (uint32_t i = 0; i < settings.repeat; ++i) {
    if (i > 0 && settings.gap.ps > 0) after = {builder.compute("gap", workload::to_ns(settings.gap), after)};
    after = {builder.send(kReceiver, settings.bytes.n, 0, after)};
  }
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

}  // namespace railyard
