// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/placed_schedules.h"

#include <utility>

namespace railyard::schedule {

tl::expected<std::shared_ptr<const Schedule>, std::string> PlacedSchedules::at(
    const std::vector<RankLocation>& placement, const HostShape& hosts,
    const CollectiveSettings& collectives) {
  for (const Entry& entry : entries_)
    if (entry.hosts == hosts && entry.collectives == collectives && entry.placement == placement)
      return entry.schedule;
  CompileOptions options;
  options.collectives = collectives;
  options.placement = &placement;
  options.hosts = hosts;
  auto compiled = compile(*source_, options);
  if (!compiled) return tl::make_unexpected(compiled.error());
  auto schedule = std::make_shared<const Schedule>(*std::move(compiled));
  entries_.push_back({placement, hosts, collectives, schedule});
  return schedule;
}

}  // namespace railyard::schedule
