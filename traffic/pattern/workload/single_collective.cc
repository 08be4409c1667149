// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/single_collective.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/empty_trace.h"

namespace railyard {

tl::expected<trace::Trace, std::string> make_single_collective(const SingleCollectiveSettings& settings) {
  const auto kind =
      static_cast<trace::CollectiveKind>(settings.kind + 1);  // the schema keeps 0 for "unspecified"
  if (settings.kind > 4)
    return tl::make_unexpected(fmt::format("collective: kind {} does not exist", settings.kind));
  if (settings.ranks < 2) return tl::make_unexpected("collective: ranks must be at least 2");
  if (settings.bytes.n == 0) return tl::make_unexpected("collective: bytes must be at least 1");
  const std::string name(trace::name_of(kind));
  trace::Trace trace =
      workload::empty_trace(name,
                            fmt::format("collective kind={} ranks={} bytes={} iterations={}", name,
                                        settings.ranks, format(settings.bytes), settings.iterations),
                            settings.ranks);
  const uint32_t group = workload::add_world_group(trace, "world");
  for (trace::Rank& rank : *trace.mutable_ranks()) {
    trace::RankBuilder builder(rank);
    trace::RankBuilder::Indices after;
    for (uint32_t i = 0; i < settings.iterations; ++i) {
      after = {builder.collective(name, kind, group, settings.bytes.n, after)};
    }
  }
  return trace;
}

}  // namespace railyard
