// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/operation_graph.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Index = RankBuilder::Index;

constexpr Index kBeginning = std::numeric_limits<Index>::max();

// An instant of the replay: so long after the end of an operation that is in the list already.
struct Instant {
  Index base = kBeginning;
  uint64_t offset_ns = 0;
};
using Instants = std::vector<Instant>;

class Folder {
 public:
  explicit Folder(Rank& rank) : builder_(rank) {}

  void add(GraphNode node) {
    Instants starts = latest_ends(node.after);
    for (Instant& start : starts) start.offset_ns += node.delay_ns;
    if (node.communication) {
      ends_.push_back({emit(std::move(*node.communication), starts, 0), 0});
    } else if (starts.size() == 1) {
      ends_.push_back({starts[0].base, starts[0].offset_ns + node.duration_ns});
    } else {
      Operation join;
      join.set_name("compute");
      join.mutable_compute()->set_duration_ns(node.duration_ns);
      ends_.push_back({emit(std::move(join), starts, node.duration_ns), 0});
    }
    uint64_t& tail = tail_ns_[ends_.back().base];
    tail = std::max(tail, ends_.back().offset_ns);
  }

  // Local work after the last communication belongs to the step as well.
  void finish() {
    const std::map<Index, uint64_t> tails = std::exchange(tail_ns_, {});
    for (const auto& [base, offset_ns] : tails) {
      if (offset_ns > longest_delay_ns_[base]) delay({base, offset_ns});
    }
  }

 private:
  // One instant for each operation that the nodes' ends hang on, without those that another one implies.
  Instants latest_ends(const std::vector<uint32_t>& after) const {
    Instants instants;
    for (const uint32_t node : after) {
      const Instant end = ends_[node];
      const auto known =
          std::find_if(instants.begin(), instants.end(), [&](Instant i) { return i.base == end.base; });
      if (known == instants.end()) {
        instants.push_back(end);
      } else {
        known->offset_ns = std::max(known->offset_ns, end.offset_ns);
      }
    }
    if (instants.empty()) return {{kBeginning, 0}};
    Instants needed;
    for (const Instant& one : instants) {
      const bool implied = std::any_of(instants.begin(), instants.end(), [&](const Instant& other) {
        return other.base != kBeginning && other.base != one.base && implies(other, one);
      });
      if (!implied) needed.push_back(one);
    }
    return needed;
  }

  // Whether `later` hangs on the same operation as `earlier` and cannot come before it.
  bool implies(const Instant& later, const Instant& earlier) const {
    for (const Instant& link : links_[later.base]) {
      if (link.base == earlier.base && link.offset_ns + later.offset_ns >= earlier.offset_ns) return true;
    }
    return false;
  }

  Index emit(Operation operation, const Instants& starts, uint64_t duration_ns) {
    RankBuilder::Indices after;
    for (const Instant& start : starts) {
      if (start.offset_ns > 0) {
        after.push_back(delay(start));
      } else if (start.base != kBeginning) {
        after.push_back(start.base);
      }
    }
    const Index index = builder_.append(std::move(operation), after);
    links_.resize(index + 1);
    links_[index] = starts;
    for (Instant& link : links_[index]) link.offset_ns += duration_ns;
    return index;
  }

  // The Compute that ends at `instant`.
  Index delay(Instant instant) {
    const auto known = delays_.find({instant.base, instant.offset_ns});
    if (known != delays_.end()) return known->second;
    uint64_t& longest = longest_delay_ns_[instant.base];
    longest = std::max(longest, instant.offset_ns);
    const RankBuilder::Indices after =
        instant.base == kBeginning ? RankBuilder::Indices{} : RankBuilder::Indices{instant.base};
    const Index index = builder_.compute("compute", instant.offset_ns, after);
    delays_[{instant.base, instant.offset_ns}] = index;
    return index;
  }

  RankBuilder builder_;
  Instants ends_;                // of each node
  std::vector<Instants> links_;  // of each operation that was emitted: when it ends at the earliest
  std::map<std::pair<Index, uint64_t>, Index> delays_;
  std::map<Index, uint64_t> longest_delay_ns_;
  std::map<Index, uint64_t> tail_ns_;  // how long local work goes on after each operation
};

}  // namespace

void append_folded(std::vector<GraphNode> nodes, Rank& rank) {
  Folder folder(rank);
  for (GraphNode& node : nodes) folder.add(std::move(node));
  folder.finish();
}

}  // namespace railyard::trace
