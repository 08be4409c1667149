// SPDX-License-Identifier: BSD-3-Clause
// Runs the graph of tasks as if messages took no time: collectives are barriers of their group, a send ends
// once it is issued. What has not ended then never will, whatever the network does.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>

#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {
namespace {

struct Node {
  uint32_t rank, index;  // task, within its rank
};

using Edges = std::vector<std::pair<uint32_t, uint32_t>>;  // task, and one that it depends on; sorted

class IdealRun {
 public:
  explicit IdealRun(const Draft& draft)
      : draft_(draft), schedule_(draft.schedule), arrived_(schedule_.operation_count()) {
    size_t count = 0;
    for (uint32_t rank = 0; rank < schedule_.rank_count(); ++rank) {
      first_task_.push_back(count);
      count += schedule_.program_of(rank).task_count();
    }
    pending_.resize(count);
    ended_.resize(count);
    for (uint32_t rank = 0; rank < schedule_.rank_count(); ++rank) prepare(rank);
  }

  void run() {
    while (!ready_.empty()) {
      const Node node = ready_.front();
      ready_.pop_front();
      if (task_of(node).kind == TaskKind::Collective)
        arrive(node);
      else
        end(node);
    }
  }

  std::optional<Node> first_stuck(uint32_t rank) const {
    for (uint32_t index = 0; index < schedule_.program_of(rank).task_count(); ++index) {
      if (!ended_[flat({rank, index})]) return Node{rank, index};
    }
    return std::nullopt;
  }

  // What a stuck task waits for: stuck itself, so that following it leads round a cycle.
  Node blocker_of(const Node& node) {
    if (const auto before = stuck_dependency(node)) return *before;
    const Task& task = task_of(node);
    if (task.kind == TaskKind::Collective) return absent_member(node);
    const Channel channel = channel_of(node);
    if (task.kind == TaskKind::Receive) return send_of(channel, task.ordinal);
    return send_of(channel, task.ordinal - 1);
  }

  Channel channel_of(const Node& node) const {
    const RankPart& part = schedule_.ranks[node.rank];
    const Task& task = task_of(node);
    return schedule_.channel(task.kind == TaskKind::Send
                                 ? schedule_.outgoing[part.first_outgoing + task.slot]
                                 : schedule_.incoming[part.first_incoming + task.slot]);
  }

 private:
  size_t flat(const Node& node) const { return first_task_[node.rank] + node.index; }
  const Task& task_of(const Node& node) const { return schedule_.program_of(node.rank).tasks[node.index]; }

  // The last of a task's dependencies that has not ended.
  std::optional<Node> stuck_dependency(const Node& node) {
    const Edges& edges = edges_of(schedule_.ranks[node.rank].program);
    for (auto edge = std::upper_bound(edges.begin(), edges.end(), std::make_pair(node.index, kNone));
         edge != edges.begin() && std::prev(edge)->first == node.index; --edge) {
      const Node before{node.rank, std::prev(edge)->second};
      if (!ended_[flat(before)]) return before;
    }
    return std::nullopt;
  }

  const Edges& edges_of(uint32_t index) {
    const auto [entry, is_new] = edges_.try_emplace(index);
    if (!is_new) return entry->second;
    const Program& program = schedule_.programs[index];
    for (uint32_t before = 0; before < program.task_count(); ++before)
      for (uint32_t i = program.tasks[before].first_dependent; i < program.tasks[before + 1].first_dependent;
           ++i)
        entry->second.emplace_back(program.dependents[i], before);
    std::sort(entry->second.begin(), entry->second.end());
    return entry->second;
  }

  void prepare(uint32_t rank) {
    const Program& program = schedule_.program_of(rank);
    uint32_t* const pending = pending_.data() + first_task_[rank];
    for (const uint32_t dependent : program.dependents) ++pending[dependent];
    for (uint32_t index = 0; index < program.task_count(); ++index) {
      const Task& task = program.tasks[index];
      if (task.kind == TaskKind::Send && task.ordinal > 0) ++pending[index];  // those of a channel, in order
      if (task.kind == TaskKind::Receive) ++pending[index];                   // its message
      if (pending[index] == 0) ready_.push_back({rank, index});
    }
  }

  void release(const Node& node) {
    if (--pending_[flat(node)] == 0) ready_.push_back(node);
  }

  const Membership& membership_of(const Node& node) const {
    return schedule_.memberships[schedule_.ranks[node.rank].first_membership + task_of(node).slot];
  }
  const GroupDraft& group_of(const Node& node) const {
    return draft_.groups[draft_.group_of_communicator[membership_of(node).communicator]];
  }
  static Node part_of(const Schedule& schedule, const GroupDraft& group, uint32_t member, uint32_t ordinal) {
    const Program& program = schedule.program_of(group.rank(member));
    return {group.rank(member), program.task_at(program.memberships[group.slots[member]], ordinal)};
  }

  void arrive(const Node& node) {
    const uint32_t ordinal = task_of(node).ordinal;
    const Communicator& in = schedule_.communicators[membership_of(node).communicator];
    const GroupDraft& group = group_of(node);
    if (++arrived_[schedule_.ranges[in.operations].first + ordinal] < group.size()) return;
    for (uint32_t member = 0; member < group.size(); ++member)
      end(part_of(schedule_, group, member, ordinal));
  }

  Node send_of(const Channel& channel, uint32_t ordinal) const {
    const Program& program = schedule_.program_of(channel.src_rank);
    return {channel.src_rank, program.task_at(program.outgoing[channel.src_slot], ordinal)};
  }
  Node receive_of(const Channel& channel, uint32_t ordinal) const {
    const Program& program = schedule_.program_of(channel.dst_rank);
    return {channel.dst_rank, program.task_at(program.incoming[channel.dst_slot], ordinal)};
  }

  void end(const Node& node) {
    ended_[flat(node)] = true;
    const Program& program = schedule_.program_of(node.rank);
    const Task& task = program.tasks[node.index];
    const uint32_t end_of_dependents = program.tasks[node.index + 1].first_dependent;
    for (uint32_t i = task.first_dependent; i < end_of_dependents; ++i)
      release({node.rank, program.dependents[i]});
    if (task.kind != TaskKind::Send) return;
    const Channel channel = channel_of(node);
    release(receive_of(channel, task.ordinal));
    if (task.ordinal + 1 < schedule_.ranges[channel.operations].count)
      release(send_of(channel, task.ordinal + 1));
  }

  // Of those that have not come, the one of the lowest rank.
  Node absent_member(const Node& node) const {
    const GroupDraft& group = group_of(node);
    std::optional<Node> absent;
    for (uint32_t member = 0; member < group.size(); ++member) {
      const Node part = part_of(schedule_, group, member, task_of(node).ordinal);
      if (pending_[flat(part)] > 0 && (!absent || part.rank < absent->rank)) absent = part;
    }
    return *absent;
  }

  const Draft& draft_;
  const Schedule& schedule_;
  std::vector<size_t> first_task_;  // by rank: in pending_ and ended_
  std::vector<uint32_t> pending_;
  std::vector<bool> ended_;
  std::vector<uint32_t> arrived_;  // per operation, members that have reached it
  std::deque<Node> ready_;
  std::map<uint32_t, Edges> edges_;  // by program, of those that were asked about
};

// The cycle that waiting leads into from a stuck task.
std::vector<Node> cycle_from(IdealRun& run, Node node) {
  std::vector<Node> path;
  std::map<std::pair<uint32_t, uint32_t>, std::ptrdiff_t> seen;  // where in the path
  for (;;) {
    const auto [entry, is_new] = seen.try_emplace({node.rank, node.index}, path.size());
    if (!is_new) return {path.begin() + entry->second, path.end()};
    path.push_back(node);
    node = run.blocker_of(node);
  }
}

std::string describe(const Draft& draft, const IdealRun& run, const Node& node) {
  const Schedule& schedule = draft.schedule;
  const Task& task = schedule.program_of(node.rank).tasks[node.index];
  const std::string place = place_of(draft, node.rank, node.index);
  if (task.kind == TaskKind::Compute) return place + " (compute)";
  if (task.kind == TaskKind::Collective) {
    const Membership& in = schedule.memberships[schedule.ranks[node.rank].first_membership + task.slot];
    const OperationRange& range = schedule.ranges[schedule.communicators[in.communicator].operations];
    return fmt::format("{} ({})", place, schedule.operation_of(range, task.ordinal).kind);
  }
  const Channel channel = run.channel_of(node);
  if (task.kind == TaskKind::Send) return fmt::format("{} (send to rank {})", place, channel.dst_rank);
  return fmt::format("{} (receive from rank {})", place, channel.src_rank);
}

// Starting points for the search of a short cycle. Every stuck task leads into one; a few find a short one.
constexpr size_t kStartingPoints = 32;

}  // namespace

Checked check_progress(const Draft& draft) {
  IdealRun run(draft);
  run.run();
  std::vector<Node> shortest;
  size_t tried = 0;
  for (uint32_t rank = 0; rank < draft.schedule.rank_count() && tried < kStartingPoints; ++rank) {
    const auto stuck = run.first_stuck(rank);
    if (!stuck) continue;
    ++tried;
    const std::vector<Node> cycle = cycle_from(run, *stuck);
    if (shortest.empty() || cycle.size() < shortest.size()) shortest = cycle;
  }
  if (shortest.empty()) return {};
  std::string text =
      "operations wait for each other and none can start: " + describe(draft, run, shortest.front());
  for (size_t i = 1; i <= shortest.size(); ++i) {
    text += " waits for " + describe(draft, run, shortest[i % shortest.size()]);
    if (i < shortest.size()) text += ", which";
  }
  return tl::make_unexpected(text +
                             "; list them in an order that every rank can follow, or remove a dependency");
}

}  // namespace railyard::schedule
