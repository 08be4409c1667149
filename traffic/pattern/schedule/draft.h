// SPDX-License-Identifier: BSD-3-Clause
// A schedule in the making: what the passes of compile() share. Each pass is one function in a file of its
// own. The trace is read once, rank by rank; what ranks have alike is kept once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/switch_trees.h"

namespace railyard::schedule {

using Checked = tl::expected<void, std::string>;

constexpr uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio [Knuth, TAOCP 3, 6.4]
  return hash ^ (hash >> 32);
}

// Values of which equal ones are held once.
template <class T>
class Interned {
 public:
  // Gives its index. hash_of(value) is found by its type's namespace.
  uint32_t add(const T& value) {
    const uint64_t hash = hash_of(value);
    const auto [begin, end] = by_hash_.equal_range(hash);
    for (auto at = begin; at != end; ++at)
      if (values_[at->second] == value) return at->second;
    const auto index = static_cast<uint32_t>(values_.size());
    by_hash_.emplace(hash, index);
    values_.push_back(value);
    return index;
  }
  const T& operator[](uint32_t index) const { return values_[index]; }
  std::vector<T> take() { return std::move(values_); }

 private:
  std::vector<T> values_;
  std::unordered_multimap<uint64_t, uint32_t> by_hash_;
};

// An entry of what a rank does in a group or on a channel.
struct ListedCall {
  std::string name;  // not of a receive
  trace::CollectiveKind kind = trace::COLLECTIVE_UNSPECIFIED;
  uint64_t bytes = 0;
  uint32_t root = 0;
  std::vector<uint64_t> splits;
};
using CallList = std::vector<ListedCall>;

bool operator==(const ListedCall& a, const ListedCall& b);
uint64_t hash_of(const CallList& list);
bool operator==(const Program& a, const Program& b);
uint64_t hash_of(const Program& program);

// A process group and, by member, what it does there.
struct GroupDraft {
  const trace::Group* group = nullptr;
  std::unordered_map<uint32_t, uint32_t> member_of_rank;
  std::vector<uint32_t> lists;  // in Draft::lists; kNone where it does nothing
  std::vector<uint32_t> slots;  // among the rank's memberships

  uint32_t size() const { return static_cast<uint32_t>(group->ranks_size()); }
  uint32_t rank(uint32_t member) const { return group->ranks(static_cast<int>(member)); }
};

// One end of a point-to-point channel.
struct ChannelEnd {
  uint32_t tag = 0, source = 0, destination = 0;
  uint32_t list = 0;  // in Draft::lists
  uint32_t slot = 0;  // among the rank's outgoing, or incoming, ones
};

struct Draft {
  const trace::RankSource& source;
  const CompileOptions& options;
  Schedule schedule{};
  std::vector<GroupDraft> groups{};
  std::vector<uint32_t> group_of_communicator{};
  std::vector<ChannelEnd> sends{}, receives{};
  Interned<Program> programs{};
  Interned<CallList> lists{};
  uint64_t pairs = 0;  // of CompileOptions::most_pairs
  std::optional<SwitchTrees> switch_trees{};
  std::map<std::vector<uint32_t>, uint32_t> reducer_programs{};  // by the ordinals of their collectives
};

// Of a rank or a reducer. Only where the ranks are placed.
RankLocation location_of(const Draft& draft, uint32_t rank);

// "rank 3, operation 7 'all_reduce'"; reads the rank once more.
std::string place_of(const Draft& draft, uint32_t rank, uint32_t index);

// That a queue pair can carry a message of so many bytes, which this operation would send.
Checked check_message(const Draft& draft, uint32_t rank, uint32_t index, uint64_t bytes);

// Of these options, none of which is taken back.
Checked take_pairs(Draft& draft, uint64_t count);
// The error says that somebody wants no schedule any more.
Checked check_cancelled(const Draft& draft);

uint32_t add_channel(Schedule& schedule, Channel channel);

// So many operations that begin at this entry of Schedule::operations, numbered after all before; gives the
// range's index.
uint32_t add_range(Schedule& schedule, uint32_t first_entry, uint32_t count);

// Groups are complete; fills Draft::groups, without what their members do.
Checked make_groups(Draft& draft);
// Dependencies point back, every operation does something, alone or in a group of its rank's. Fills the
// programs and lists, and Draft::sends and receives.
Checked read_ranks(Draft& draft);
// Operations, memberships and channels of the process groups; a group's collectives one after another.
Checked match_collectives(Draft& draft);
// Operations and channels of sends and receives.
Checked match_messages(Draft& draft);
// Runs the graph without a network; what does not end waits for itself.
Checked check_progress(const Draft& draft);

std::optional<collective::Kind> kind_of(trace::CollectiveKind kind);

}  // namespace railyard::schedule
