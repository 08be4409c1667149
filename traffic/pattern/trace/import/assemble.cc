// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/assemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "traffic/pattern/trace/names.h"
#include "traffic/units/error.h"

namespace railyard::trace {
namespace {

constexpr uint32_t kMaxWorldSize = 1U
                                   << 20;  // far beyond any job; a damaged number would otherwise fill memory
constexpr size_t kShownRanks = 8;

std::string list(const std::vector<uint32_t>& ranks) {
  std::string text;
  for (size_t i = 0; i < std::min(ranks.size(), kShownRanks); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", ranks[i]);
  if (ranks.size() > kShownRanks) text += fmt::format(", ... ({} in all)", ranks.size());
  return text;
}

// How many ranks the job has; `ranks` are sorted.
tl::expected<uint32_t, std::string> world_size_of(const std::vector<ImportedRank>& ranks,
                                                  const ImportOptions& options) {
  uint32_t world = 0;
  const std::string* source = nullptr;
  for (const ImportedRank& one : ranks) {
    if (one.world_size == 0) continue;
    if (world != 0 && one.world_size != world) {
      return error("{}: is from a job of {} ranks, but {} from one of {}: import one job at a time", one.file,
                   one.world_size, *source, world);
    }
    world = one.world_size;
    source = &one.file;
  }
  if (world != 0 && options.world_size != 0 && options.world_size != world) {
    return error("{}: says that the job has {} ranks, not {}; import it as it is and replicate the trace",
                 *source, world, options.world_size);
  }
  const uint32_t highest = ranks.back().rank.rank();
  if (world == 0) world = options.world_size != 0 ? options.world_size : highest + 1;
  if (world > kMaxWorldSize || highest >= world) {
    return error("{}: is rank {} of a job of {} ranks, which cannot be", ranks.back().file, highest, world);
  }
  return world;
}

// A rank can stand in for another only where both do the same: in groups that hold both.
class StandIn {
 public:
  StandIn(const Rank& model, const Header& header) : model_(model), header_(header) {
    std::set<uint32_t> groups;
    for (const Operation& operation : model.operations()) {
      if (operation.has_collective()) groups.insert(operation.collective().group());
    }
    groups_ = static_cast<uint32_t>(groups.size());
    for (const uint32_t group : groups) {
      for (const uint32_t member : header.groups(static_cast<int>(group)).ranks()) ++memberships_[member];
    }
  }

  tl::expected<Rank, std::string> copy_for(uint32_t missing) const {
    const auto known = memberships_.find(missing);
    const bool in_all = groups_ == 0 || (known != memberships_.end() && known->second == groups_);
    for (int i = 0; i < model_.operations_size(); ++i) {
      const Operation& operation = model_.operations(i);
      if (operation.has_send() || operation.has_receive()) {
        return error(
            "rank {} has no file and cannot be filled in from rank {}, which sends point to point (operation "
            "{})",
            missing, model_.rank(), i);
      }
      if (in_all || !operation.has_collective()) continue;
      const Group& group = header_.groups(static_cast<int>(operation.collective().group()));
      if (std::find(group.ranks().begin(), group.ranks().end(), missing) == group.ranks().end()) {
        return error(
            "rank {} has no file and cannot be filled in from rank {}, whose group '{}' does not hold it: "
            "give "
            "its file",
            missing, model_.rank(), group.name());
      }
    }
    Rank copy = model_;
    copy.set_rank(missing);
    return copy;
  }

 private:
  const Rank& model_;
  const Header& header_;
  uint32_t groups_ = 0;                       // that the model has collectives in
  std::map<uint32_t, uint32_t> memberships_;  // of each rank: how many of these hold it
};

}  // namespace

uint32_t GroupTable::index_of(const std::string& name, std::vector<uint32_t> ranks) {
  const auto [known, is_new] =
      indices_.try_emplace({name, std::move(ranks)}, static_cast<uint32_t>(groups_.size()));
  if (is_new) groups_.push_back(known->first);
  return known->second;
}

void GroupTable::append_to(Header& header, uint32_t world_size) const {
  for (const auto& [name, ranks] : groups_) {
    Group& group = *header.add_groups();
    group.set_name(name.empty() ? "world" : name);
    group.mutable_ranks()->Assign(ranks.begin(), ranks.end());
    for (uint32_t r = 0; ranks.empty() && r < world_size; ++r) group.add_ranks(r);
  }
}

std::string root_is_assumed(CollectiveKind kind) {
  return fmt::format("{}: its root is not in the file, the group's first rank is taken", name_of(kind));
}

std::vector<std::string> WarningCounter::lines() const {
  std::vector<std::string> lines;
  lines.reserve(counts_.size());
  for (const auto& [what, count] : counts_) lines.push_back(fmt::format("{} x {}", count, what));
  return lines;
}

void CommunicationLedger::attribute(uint64_t time_ns) {
  ++communications_;
  communication_ns_ += time_ns;
}

void CommunicationLedger::leave_out(const std::string& what, const std::string& reason, uint64_t time_ns) {
  attribute(time_ns);
  Sum& sum = left_out_[{what, reason}];
  ++sum.count;
  sum.time_ns += time_ns;
}

void CommunicationLedger::append_to(Header& header) const {
  header.set_communications(communications_);
  header.set_communication_ns(communication_ns_);
  for (const auto& [key, sum] : left_out_) {
    Unattributed& one = *header.add_unattributed();
    one.set_what(key.first);
    one.set_reason(key.second);
    one.set_count(sum.count);
    one.set_time_ns(sum.time_ns);
  }
}

tl::expected<Trace, std::string> assemble(std::vector<ImportedRank> ranks, const GroupTable& groups,
                                          const ImportOptions& options) {
  std::sort(ranks.begin(), ranks.end(),
            [](const ImportedRank& a, const ImportedRank& b) { return a.rank.rank() < b.rank.rank(); });
  for (size_t i = 1; i < ranks.size(); ++i) {
    if (ranks[i].rank.rank() == ranks[i - 1].rank.rank()) {
      return error("{} and {} are both rank {}: give each rank's file once", ranks[i - 1].file, ranks[i].file,
                   ranks[i].rank.rank());
    }
  }
  const auto world = world_size_of(ranks, options);
  if (!world) return tl::make_unexpected(world.error());
  Trace trace;
  groups.append_to(*trace.mutable_header(), *world);

  std::vector<uint32_t> missing;
  size_t next = 0;
  for (uint32_t r = 0; r < *world; ++r) {
    if (next < ranks.size() && ranks[next].rank.rank() == r) {
      *trace.add_ranks() = std::move(ranks[next++].rank);
    } else {
      trace.add_ranks()->set_rank(r);
      missing.push_back(r);
    }
  }
  if (missing.empty() || options.partial) return trace;
  if (!options.fill_missing_ranks) {
    return error(
        "{}: the job has {} ranks, but there are files of {} only; missing are ranks {}: give their files, "
        "or have them filled in with copies of the lowest one: --fill-missing-ranks {} (railyard trace), or "
        "'fill_missing_ranks: true' with 'world: {}' (scenario)",
        ranks.front().file, *world, ranks.size(), list(missing), *world, *world);
  }
  const std::set<uint32_t> empty(missing.begin(), missing.end());
  const auto model = std::find_if(trace.ranks().begin(), trace.ranks().end(),
                                  [&](const Rank& rank) { return empty.count(rank.rank()) == 0; });
  const StandIn stand_in(*model, trace.header());
  for (const uint32_t r : missing) {
    auto copy = stand_in.copy_for(r);
    if (!copy) return tl::make_unexpected(copy.error());
    *trace.mutable_ranks(static_cast<int>(r)) = std::move(*copy);
  }
  return trace;
}

}  // namespace railyard::trace
