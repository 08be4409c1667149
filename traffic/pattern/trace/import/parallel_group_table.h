// SPDX-License-Identifier: BSD-3-Clause
// The process groups of a workload of many ranks, each listed once however many of its members ask.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/parallel_groups.h"

namespace railyard::trace {

class ParallelGroupTable {
 public:
  explicit ParallelGroupTable(const Parallelism& parallelism) : parallelism_(parallelism) {}

  // In GroupTable, of the group of this kind that the rank is in.
  uint32_t index_of(ParallelGroup kind, const std::string& name, uint32_t rank) {
    const RankRange range = group_of(parallelism_, kind, rank);
    const auto [known, is_new] = indices_.try_emplace({kind, range.first}, 0);
    if (is_new) known->second = groups_.index_of(name, range.ranks());
    return known->second;
  }

  const GroupTable& groups() const { return groups_; }

 private:
  const Parallelism& parallelism_;
  GroupTable groups_;
  std::map<std::pair<ParallelGroup, uint32_t>, uint32_t> indices_;
};

}  // namespace railyard::trace
