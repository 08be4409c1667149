// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/tree_lanes.h"

#include <fmt/format.h>

#include <utility>

namespace railyard::schedule {
namespace {

using collective::kNobody;

// Of the group's operations, those that go by trees.
std::vector<uint32_t> in_network(const Schedule& schedule, const Communicator& in) {
  std::vector<uint32_t> ordinals;
  const OperationRange& range = schedule.ranges[in.operations];
  for (uint32_t i = 0; i < range.count; ++i)
    if (schedule.operation_of(range, i).algorithm->lanes == collective::Lanes::Trees) ordinals.push_back(i);
  return ordinals;
}

// One collective after another.
Program program_of(const std::vector<uint32_t>& ordinals) {
  Program program;
  const auto count = static_cast<uint32_t>(ordinals.size());
  program.tasks.resize(count + 1);
  for (uint32_t i = 0; i < count; ++i) {
    program.tasks[i].kind = TaskKind::Collective;
    program.tasks[i].ordinal = ordinals[i];
    program.tasks[i].first_dependent = i;
    if (i + 1 < count) program.dependents.push_back(i + 1);
    program.in_order.push_back(i);
  }
  program.tasks[count].first_dependent = static_cast<uint32_t>(program.dependents.size());
  program.first_tasks = {0};
  program.memberships = {{0, count}};
  return program;
}

// The edges of a lane in the making. Places are the members', in the order of a ring, and the reducers'.
class TreeLane {
 public:
  TreeLane(const Draft& draft, const std::vector<uint32_t>& ranks, const Lane& ring)
      : hosts_(draft.options.hosts), members_(static_cast<uint32_t>(ranks.size())) {
    lane_.member_at = ring.member_at;
    for (uint32_t place = 0; place < members_; ++place) {
      const RankLocation at = location_of(draft, ranks[ring.member_at[place]]);
      if (place == 0 || at.host != host_.back()) first_of_host_.push_back(place);
      host_.push_back(at.host);
      add_place();
    }
    first_of_host_.push_back(members_);
  }

  uint32_t host_count() const { return static_cast<uint32_t>(first_of_host_.size()) - 1; }

  // The endpoints by which the hosts are joined: those of the ring's NIC.
  std::vector<uint32_t> endpoints(const Lane& ring) const {
    std::vector<uint32_t> endpoints;
    for (uint32_t host = 0; host < host_count(); ++host) {
      const uint32_t head = first_of_host_[host];
      endpoints.push_back(hosts_.endpoint_of(host_[head], ring.nic[ring.member_at[head]]));
    }
    return endpoints;
  }

  void join_hosts(const SwitchTree& tree, const Lane& ring) {
    const uint32_t first = add_reducers(tree.switches);
    for (uint32_t host = 0; host < host_count(); ++host) {
      const uint32_t head = first_of_host_[host];
      to_parent_[head] = first + tree.leaves[host].parent;
      lane_.uplinks[head] = {ring.nic[ring.member_at[head]], tree.leaves[host].parent_nic};
    }
    for (uint32_t i = 0; i < tree.edges.size(); ++i) {
      if (tree.edges[i].parent == SwitchTree::kRoot) continue;
      to_parent_[first + i] = first + tree.edges[i].parent;
      lane_.uplinks[first + i] = {tree.edges[i].nic, tree.edges[i].parent_nic};
    }
  }

  // The members of each host: to its reducer, or as a chain to the first. `head`: of those of a host, who
  // speaks for it.
  void join_members(uint32_t head) {
    for (uint32_t host = 0; host < host_count(); ++host) {
      const uint32_t begin = first_of_host_[host], end = first_of_host_[host + 1];
      if (end - begin < 2) continue;
      if (!hosts_.scale_up_reduces) {
        for (uint32_t place = begin + 1; place < end; ++place) to_parent_[place] = place - 1;
        continue;
      }
      reducers_.push_back(hosts_.reducer_of_host(host_[begin]));
      const uint32_t reducer = add_place();
      for (uint32_t place = begin; place < end; ++place) in_host_[place] = reducer;
      in_host_[reducer] = begin + head;
    }
  }

  const std::vector<RankLocation>& reducers() const { return reducers_; }

  Lane take() {
    for (uint32_t place = members_; place < to_parent_.size(); ++place) lane_.member_at.push_back(place);
    lane_.place_of.resize(lane_.member_at.size());
    for (uint32_t place = 0; place < lane_.member_at.size(); ++place)
      lane_.place_of[lane_.member_at[place]] = place;
    lane_.tree.network = collective::level_of(std::move(to_parent_));
    lane_.tree.host = collective::level_of(std::move(in_host_));
    return std::move(lane_);
  }

 private:
  uint32_t add_place() {
    to_parent_.push_back(kNobody);
    in_host_.push_back(kNobody);
    lane_.uplinks.push_back({});
    return static_cast<uint32_t>(to_parent_.size()) - 1;
  }
  uint32_t add_reducers(const std::vector<uint32_t>& switches) {
    const auto first = static_cast<uint32_t>(to_parent_.size());
    for (const uint32_t at : switches) {
      reducers_.push_back(hosts_.reducer_of_switch(at));
      add_place();
    }
    return first;
  }

  const HostShape& hosts_;
  const uint32_t members_;
  std::vector<uint32_t> host_;                 // by place of a member
  std::vector<uint32_t> first_of_host_;        // places, and one more: where the last one's members end
  std::vector<uint32_t> to_parent_, in_host_;  // by place: parents of the two levels
  std::vector<RankLocation> reducers_;
  Lane lane_;
};

Checked cannot(const Draft& draft, uint32_t communicator, std::string_view why) {
  return tl::make_unexpected(fmt::format("group '{}' cannot reduce in the network: {}",
                                         draft.schedule.communicators[communicator].name, why));
}

Checked check_group(const Draft& draft, uint32_t communicator) {
  if (draft.options.placement == nullptr)
    return cannot(draft, communicator,
                  "nobody says where its ranks are; place them, or choose another all_reduce");
  if (draft.schedule.communicators[communicator].hosts > 1 &&
      draft.options.hosts.reducing_switches == nullptr)
    return cannot(draft, communicator,
                  "it is on several hosts, and the fabric's switches do not reduce; set "
                  "fabric.in_network_reduction to switches or both, or choose another all_reduce");
  return {};
}

// The ranks of a lane's reducers; their program is that of the group's collectives.
void add_ranks(Draft& draft, uint32_t communicator, uint32_t members, const std::vector<uint32_t>& ordinals,
               const std::vector<RankLocation>& reducers, RankStrands& strands) {
  Schedule& schedule = draft.schedule;
  const auto [entry, is_new] =
      draft.reducer_programs.try_emplace(ordinals, static_cast<uint32_t>(schedule.programs.size()));
  if (is_new) schedule.programs.push_back(program_of(ordinals));
  for (const RankLocation at : reducers) {
    schedule.ranks.emplace_back().program = entry->second;
    schedule.reducers.push_back(at);
    Membership membership;
    membership.communicator = communicator;
    membership.me = members++;
    strands.emplace_back().memberships.push_back(membership);
  }
}

}  // namespace

Checked add_tree_lanes(Draft& draft, const std::vector<uint32_t>& ranks, uint32_t communicator,
                       RankStrands& strands) {
  const auto group = [&]() -> Communicator& { return draft.schedule.communicators[communicator]; };
  const std::vector<uint32_t> ordinals = in_network(draft.schedule, group());
  if (ordinals.empty()) return {};
  if (Checked checked = check_group(draft, communicator); !checked) return checked;
  const HostShape& hosts = draft.options.hosts;
  if (hosts.reducing_switches != nullptr && !draft.switch_trees)
    draft.switch_trees.emplace(*hosts.reducing_switches);
  const bool within = group().hosts == 1;
  group().trees = within ? static_cast<uint32_t>(ranks.size())
                         : group().rings / draft.options.collectives.channels_per_nic;
  for (uint32_t nth = 0; nth < group().trees; ++nth) {
    const Lane& ring = group().lanes[within ? 0 : nth];
    TreeLane tree(draft, ranks, ring);
    if (!within) {
      const auto switches = draft.switch_trees->next(tree.endpoints(ring));
      if (!switches) return cannot(draft, communicator, switches.error());
      tree.join_hosts(*switches, ring);
    }
    tree.join_members(within ? nth : 0);
    if (Checked taken = take_pairs(draft, tree.reducers().size()); !taken) return taken;
    const auto first_reducer = static_cast<uint32_t>(draft.schedule.ranks.size());
    add_ranks(draft, communicator, static_cast<uint32_t>(ranks.size()), ordinals, tree.reducers(), strands);
    Lane lane = tree.take();
    lane.first_reducer = first_reducer;
    lane.tree.lanes = group().trees;
    group().lanes.push_back(std::move(lane));
  }
  return {};
}

}  // namespace railyard::schedule
