// SPDX-License-Identifier: BSD-3-Clause
// Runs the graph of tasks as if messages took no time: collectives are barriers of their group, a send ends
// once it is issued. What has not ended then never will, whatever the network does.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "traffic/pattern/schedule/draft.h"

namespace railyard::schedule {
namespace {

struct Node {
  uint32_t rank, index;  // task, within its rank
};

class IdealRun {
 public:
  explicit IdealRun(const Draft& draft) : draft_(draft), schedule_(draft.schedule) {
    const size_t count = schedule_.tasks.size() - 1;
    pending_.resize(count);
    ended_.resize(count);
    parts_.resize(schedule_.operations.size());
    arrived_.resize(schedule_.operations.size());
    for (uint32_t rank = 0; rank < schedule_.rank_count(); ++rank) {
      for (uint32_t index = 0; index < schedule_.ranks[rank].task_count; ++index) prepare({rank, index});
    }
  }

  void run() {
    while (!ready_.empty()) {
      const Node node = ready_.front();
      ready_.pop_front();
      const Task& task = task_of(node);
      if (task.kind != TaskKind::Collective) {
        end(node);
      } else if (++arrived_[task.operation] == parts_[task.operation].size()) {
        for (const Node& part : parts_[task.operation]) end(part);
      }
    }
    find_stuck_dependencies();
  }

  std::optional<Node> first_stuck(uint32_t rank) const {
    for (uint32_t index = 0; index < schedule_.ranks[rank].task_count; ++index) {
      if (!ended_[flat({rank, index})]) return Node{rank, index};
    }
    return std::nullopt;
  }

  // What a stuck task waits for: stuck itself, so that following it leads round a cycle.
  Node blocker_of(const Node& node) const {
    if (stuck_dependency_[flat(node)] != kNone) return {node.rank, stuck_dependency_[flat(node)]};
    const Task& task = task_of(node);
    if (task.kind == TaskKind::Collective) return absent_member(task.operation);
    const Channel& channel = schedule_.channels[task.channel];
    const uint32_t message = channel.first_message + task.ordinal;
    if (task.kind == TaskKind::Receive) return {channel.src_rank, schedule_.messages[message].send_task};
    return {channel.src_rank, schedule_.messages[message - 1].send_task};
  }

 private:
  void find_stuck_dependencies() {
    stuck_dependency_.assign(ended_.size(), kNone);
    for (uint32_t rank = 0; rank < schedule_.rank_count(); ++rank) {
      for (const auto& [before, after] : draft_.dependencies[rank]) {
        if (!ended_[flat({rank, before})]) stuck_dependency_[flat({rank, after})] = before;
      }
    }
  }

  size_t flat(const Node& node) const { return schedule_.ranks[node.rank].first_task + node.index; }
  const Task& task_of(const Node& node) const { return schedule_.tasks[flat(node)]; }

  void prepare(const Node& node) {
    const Task& task = task_of(node);
    uint32_t pending = task.dependency_count;
    if (task.kind == TaskKind::Send && task.ordinal > 0) ++pending;  // sends of a channel leave in order
    if (task.kind == TaskKind::Receive) ++pending;                   // its message
    if (task.kind == TaskKind::Collective) parts_[task.operation].push_back(node);
    pending_[flat(node)] = pending;
    if (pending == 0) ready_.push_back(node);
  }

  void release(const Node& node) {
    if (--pending_[flat(node)] == 0) ready_.push_back(node);
  }

  void end(const Node& node) {
    ended_[flat(node)] = true;
    const Task& task = task_of(node);
    const uint32_t end_of_dependents = schedule_.tasks[flat(node) + 1].first_dependent;
    for (uint32_t i = task.first_dependent; i < end_of_dependents; ++i) {
      release({node.rank, schedule_.dependents[i]});
    }
    if (task.kind != TaskKind::Send) return;
    const Channel& channel = schedule_.channels[task.channel];
    const uint32_t message = channel.first_message + task.ordinal;
    release({channel.dst_rank, schedule_.messages[message].receive_task});
    if (task.ordinal + 1 < channel.message_count) {
      release({channel.src_rank, schedule_.messages[message + 1].send_task});
    }
  }

  Node absent_member(uint32_t operation) const {
    const auto& parts = parts_[operation];
    return *std::find_if(parts.begin(), parts.end(), [this](const Node& n) { return pending_[flat(n)] > 0; });
  }

  const Draft& draft_;
  const Schedule& schedule_;
  std::vector<uint32_t> pending_;
  std::vector<bool> ended_;
  std::vector<uint32_t> stuck_dependency_;  // one of a task's dependencies that has not ended, or kNone
  std::vector<std::vector<Node>> parts_;    // per operation, the tasks of a collective
  std::vector<uint32_t> arrived_;           // per operation, members that have reached it
  std::deque<Node> ready_;
};

// The cycle that waiting leads into from a stuck task.
std::vector<Node> cycle_from(const IdealRun& run, Node node) {
  std::vector<Node> path;
  std::map<std::pair<uint32_t, uint32_t>, std::ptrdiff_t> seen;  // where in the path
  for (;;) {
    const auto [entry, is_new] = seen.try_emplace({node.rank, node.index}, path.size());
    if (!is_new) return {path.begin() + entry->second, path.end()};
    path.push_back(node);
    node = run.blocker_of(node);
  }
}

std::string describe(const Draft& draft, const Node& node) {
  const Task& task = draft.schedule.tasks[draft.schedule.ranks[node.rank].first_task + node.index];
  const std::string place = place_of(draft, node.rank, node.index);
  if (task.kind == TaskKind::Compute) return place + " (compute)";
  if (task.kind == TaskKind::Collective) {
    return fmt::format("{} ({})", place, draft.schedule.operations[task.operation].kind);
  }
  const Channel& channel = draft.schedule.channels[task.channel];
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
      "operations wait for each other and none can start: " + describe(draft, shortest.front());
  for (size_t i = 1; i <= shortest.size(); ++i) {
    text += " waits for " + describe(draft, shortest[i % shortest.size()]);
    if (i < shortest.size()) text += ", which";
  }
  return tl::make_unexpected(text +
                             "; list them in an order that every rank can follow, or remove a dependency");
}

}  // namespace railyard::schedule
