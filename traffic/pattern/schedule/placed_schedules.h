// SPDX-License-Identifier: BSD-3-Clause
// A trace's schedules, compiled once for all runs that place it alike.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/compiler.h"

namespace railyard::schedule {

class PlacedSchedules {
 public:
  explicit PlacedSchedules(std::shared_ptr<const trace::RankSource> source) : source_(std::move(source)) {}

  // What compile() makes of the trace there. One entry of `placement` a rank.
  tl::expected<std::shared_ptr<const Schedule>, std::string> at(const std::vector<RankLocation>& placement,
                                                                const HostShape& hosts,
                                                                const CollectiveSettings& collectives);

 private:
  struct Entry {
    std::vector<RankLocation> placement;
    HostShape hosts;
    CollectiveSettings collectives;
    std::shared_ptr<const Schedule> schedule;
  };

  std::shared_ptr<const trace::RankSource> source_;
  std::vector<Entry> entries_;
};

}  // namespace railyard::schedule
