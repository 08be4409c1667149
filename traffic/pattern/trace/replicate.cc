// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/replicate.h"

#include <fmt/format.h>

#include <vector>

namespace railyard::trace {
namespace {

class Replicator {
 public:
  Replicator(const Trace& trace, uint32_t replicas)
      : trace_(trace), ranks_(static_cast<uint32_t>(trace.ranks_size())), replicas_(replicas) {}

  Trace run() {
    *result_.mutable_header() = trace_.header();
    result_.mutable_header()->clear_groups();
    result_.mutable_header()->set_rank_count(ranks_ * replicas_);
    for (const Group& group : trace_.header().groups()) add_group(group);
    for (uint32_t replica = 0; replica < replicas_; ++replica) {
      for (const Rank& rank : trace_.ranks()) add_rank(rank, replica);
    }
    return std::move(result_);
  }

 private:
  bool spans_world(uint32_t group) const {
    return static_cast<uint32_t>(trace_.header().groups(static_cast<int>(group)).ranks_size()) == ranks_;
  }

  void add_group(const Group& group) {
    first_copy_.push_back(static_cast<uint32_t>(result_.header().groups_size()));
    const bool world = static_cast<uint32_t>(group.ranks_size()) == ranks_;
    Group* copy = nullptr;
    for (uint32_t replica = 0; replica < replicas_; ++replica) {
      if (copy == nullptr || !world) {
        copy = result_.mutable_header()->add_groups();
        copy->set_name(world ? group.name() : fmt::format("{} #{}", group.name(), replica));
      }
      for (const uint32_t rank : group.ranks()) copy->add_ranks(rank + replica * ranks_);
    }
  }

  void add_rank(const Rank& rank, uint32_t replica) {
    Rank& copy = *result_.add_ranks();
    copy = rank;
    copy.set_rank(rank.rank() + replica * ranks_);
    for (Operation& operation : *copy.mutable_operations()) {
      if (operation.has_send()) {
        operation.mutable_send()->set_peer(operation.send().peer() + replica * ranks_);
      } else if (operation.has_receive()) {
        operation.mutable_receive()->set_peer(operation.receive().peer() + replica * ranks_);
      } else if (operation.has_collective()) {
        adapt(*operation.mutable_collective(), replica);
      }
    }
  }

  void adapt(Collective& collective, uint32_t replica) {
    const uint32_t old_group = collective.group();
    const bool world = spans_world(old_group);
    collective.set_group(first_copy_[old_group] + (world ? 0 : replica));
    if (!world || collective.split_bytes().empty()) return;
    const std::vector<uint64_t> splits(collective.split_bytes().begin(), collective.split_bytes().end());
    collective.clear_split_bytes();
    for (uint32_t r = 0; r < replicas_; ++r) {
      // The first replicas take the bytes that do not divide.
      for (const uint64_t bytes : splits)
        collective.add_split_bytes(bytes / replicas_ + (r < bytes % replicas_ ? 1 : 0));
    }
  }

  const Trace& trace_;
  const uint32_t ranks_;
  const uint32_t replicas_;
  Trace result_;
  std::vector<uint32_t> first_copy_;  // of each group of the trace
};

}  // namespace

tl::expected<Trace, std::string> replicate(const Trace& trace, uint32_t world_size) {
  const auto ranks = static_cast<uint32_t>(trace.ranks_size());
  if (ranks == 0 || world_size == 0 || world_size % ranks != 0) {
    return tl::make_unexpected(fmt::format(
        "a trace of {} ranks cannot be replicated to {}: that is no multiple of it", ranks, world_size));
  }
  return Replicator(trace, world_size / ranks).run();
}

}  // namespace railyard::trace
