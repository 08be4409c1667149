// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/layout.h"

#include <fmt/format.h>

#include <string_view>

namespace railyard::llm {
namespace {

constexpr std::array<std::string_view, kGroupKinds> kNames = {
    "tp", "cp", "dp", "ep", "expert dp", "ep between hosts", "ep within a host", "embeddings", "world"};

}  // namespace

Layout::Layout(const Degrees& degrees, uint32_t experts_per_node, const std::vector<With>& kinds,
               uint32_t first_rank, uint32_t first_group)
    : degrees_(degrees),
      experts_per_node_(experts_per_node),
      first_rank_(first_rank),
      first_group_(first_group) {
  for (const With kind : kinds) {
    if (size_of(kind) > 1) add(kind);
  }
}

Coordinates Layout::of(uint32_t rank) const {
  rank -= first_rank_;
  const uint32_t stage_size = degrees_.tp * degrees_.replicas();
  return {rank % degrees_.tp, rank % stage_size / degrees_.tp, rank / stage_size};
}

uint32_t Layout::rank_at(const Coordinates& at) const {
  return first_rank_ + at.tp + degrees_.tp * (at.replica + degrees_.replicas() * at.stage);
}

uint32_t Layout::size_of(With kind) const {
  switch (kind) {
    case With::Tensor:
      return degrees_.tp;
    case With::Context:
      return degrees_.cp;
    case With::Data:
      return degrees_.replicas();
    case With::Experts:
      return degrees_.ep;
    case With::ExpertReplicas:
      return degrees_.replicas() / degrees_.ep;
    case With::ExpertRail:
      return degrees_.ep / experts_per_node_;
    case With::ExpertNode:
      return experts_per_node_;
    case With::Embeddings:
      return degrees_.pp > 1 ? 2 : 1;
    case With::World:
      return ranks();
  }
  return 1;
}

bool Layout::takes_part(With kind, const Coordinates& at) const {
  return kind != With::Embeddings || at.stage == 0 || at.stage == degrees_.pp - 1;
}

Coordinates Layout::first_of(With kind, Coordinates at) const {
  const uint32_t expert = at.replica % degrees_.ep, group = at.replica - expert;
  switch (kind) {
    case With::Tensor:
      at.tp = 0;
      break;
    case With::Context:
      at.replica -= at.replica % degrees_.cp;
      break;
    case With::Data:
      at.replica = 0;
      break;
    case With::Experts:
      at.replica = group;
      break;
    case With::ExpertReplicas:
      at.replica = expert;
      break;
    case With::ExpertRail:
      at.replica = group + expert % experts_per_node_;
      break;
    case With::ExpertNode:
      at.replica = group + expert - expert % experts_per_node_;
      break;
    case With::Embeddings:
      at.stage = 0;
      break;
    case With::World:
      at = {};
      break;
  }
  return at;
}

void Layout::add(With kind) {
  std::vector<uint32_t>& group_of = group_of_[static_cast<size_t>(kind)];
  group_of.resize(ranks());
  uint32_t count = 0;
  for (uint32_t rank = 0; rank < ranks(); ++rank) {
    const Coordinates at = of(first_rank_ + rank);
    if (!takes_part(kind, at)) continue;
    const uint32_t first = rank_at(first_of(kind, at)) - first_rank_;
    if (first == rank) {
      group_of[rank] = static_cast<uint32_t>(groups_.size());
      groups_.emplace_back().set_name(fmt::format("{} {}", kNames[static_cast<size_t>(kind)], count++));
    }
    group_of[rank] = group_of[first];
    groups_[group_of[rank]].add_ranks(first_rank_ + rank);
  }
}

}  // namespace railyard::llm
