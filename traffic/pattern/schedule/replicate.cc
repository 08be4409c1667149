// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/replicate.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

#include "traffic/pattern/collective/collective.h"

namespace railyard::schedule {
namespace {

bool is_world(const trace::Trace& trace, const trace::Group& group) {
  const std::set<uint32_t> ranks(group.ranks().begin(), group.ranks().end());
  return ranks.size() == trace.header().rank_count();
}

void add_copy(trace::Group& to, const trace::Group& from, uint32_t first_rank) {
  for (uint32_t rank : from.ranks()) to.add_ranks(first_rank + rank);
}

// Where each group of the captured step lies in the replicated header, copy by copy.
using GroupMap = std::vector<std::vector<uint32_t>>;

GroupMap add_groups(const trace::Trace& from, uint32_t copies, trace::Header& header) {
  GroupMap map;
  const uint32_t n = from.header().rank_count();
  for (const trace::Group& group : from.header().groups()) {
    const bool world = is_world(from, group);
    map.emplace_back();
    for (uint32_t copy = 0; copy < copies; ++copy) {
      if (copy == 0 || !world) {
        header.add_groups()->set_name(copy == 0 ? group.name()
                                                : fmt::format("{} copy {}", group.name(), copy));
      }
      const int index = header.groups_size() - 1;
      add_copy(*header.mutable_groups(index), group, copy * n);
      map.back().push_back(static_cast<uint32_t>(index));
    }
  }
  return map;
}

// Splits to the members of a world group, spread over their copies: member c * n + m is copy c of member m.
void spread_splits(trace::Collective& collective, uint32_t copies) {
  const std::vector<uint64_t> before(collective.split_bytes().begin(), collective.split_bytes().end());
  collective.clear_split_bytes();
  for (uint32_t copy = 0; copy < copies; ++copy) {
    for (uint64_t bytes : before) collective.add_split_bytes(collective::part_of(bytes, copies, copy).bytes);
  }
}

}  // namespace

trace::Trace replicate(const trace::Trace& from, uint32_t copies) {
  const uint32_t n = from.header().rank_count();
  trace::Trace to;
  *to.mutable_header() = from.header();
  to.mutable_header()->set_rank_count(n * copies);
  to.mutable_header()->clear_groups();
  const GroupMap groups = add_groups(from, copies, *to.mutable_header());
  for (uint32_t copy = 0; copy < copies; ++copy) {
    for (const trace::Rank& rank : from.ranks()) {
      trace::Rank& added = *to.add_ranks();
      added = rank;
      added.set_rank(copy * n + rank.rank());
      for (trace::Operation& operation : *added.mutable_operations()) {
        if (operation.has_send()) operation.mutable_send()->set_peer(copy * n + operation.send().peer());
        if (operation.has_receive())
          operation.mutable_receive()->set_peer(copy * n + operation.receive().peer());
        if (!operation.has_collective()) continue;
        trace::Collective& collective = *operation.mutable_collective();
        // A group that the header lacks is left to compile(), which names it.
        if (collective.group() >= groups.size()) continue;
        if (is_world(from, from.header().groups(static_cast<int>(collective.group())))) {
          spread_splits(collective, copies);
        }
        collective.set_group(groups[collective.group()][copy]);
      }
    }
  }
  return to;
}

}  // namespace railyard::schedule
