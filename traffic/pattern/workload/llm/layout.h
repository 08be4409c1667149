// SPDX-License-Identifier: BSD-3-Clause
// Which rank does which part of a model, and with whom: Megatron-LM's order tp-cp-ep-dp-pp
// (core/parallel_state.py, RankGenerator): ranks that differ in tensor parallelism alone are neighbours,
// pipeline stages lie farthest apart. Experts divide what data and context parallelism make: q = cp + CP dp
// is expert rank q % ep of replica q / ep.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::llm {

struct Degrees {
  uint32_t tp = 1, pp = 1, dp = 1, cp = 1, ep = 1;

  uint32_t replicas() const { return cp * dp; }  // that have the same gradients
  uint32_t ranks() const { return tp * replicas() * pp; }
};

struct Coordinates {
  uint32_t tp = 0, replica = 0, stage = 0;  // replica = cp + CP dp
};

// Of whom a collective is: ranks that differ only in
enum class With : uint8_t {
  Tensor,          // their part of each matrix
  Context,         // their part of a sequence
  Data,            // the tokens that they see, context parallelism's included
  Experts,         // which experts they have
  ExpertReplicas,  // which copy of the same experts
  ExpertRail,      // the host, of the ranks with experts at one place in theirs
  ExpertNode,      // which experts they have, within one host
  Embeddings,      // being the first stage or the last
  World,
};
constexpr size_t kGroupKinds = 9;

// The groups of a job. Only kinds that are asked for are made, and groups of one rank are not.
class Layout {
 public:
  // `experts_per_node`: ranks of an expert group that a host has; divides ep. Ranks and groups count on from
  // the given ones, where the job has others before them.
  Layout(const Degrees& degrees, uint32_t experts_per_node, const std::vector<With>& kinds,
         uint32_t first_rank = 0, uint32_t first_group = 0);

  uint32_t ranks() const { return degrees_.ranks(); }
  Coordinates of(uint32_t rank) const;
  uint32_t rank_at(const Coordinates& at) const;
  uint32_t size_of(With kind) const;
  // The rank's group of that kind, as an index in the job's groups.
  uint32_t group_of(With kind, uint32_t rank) const {
    return first_group_ + group_of_[static_cast<size_t>(kind)][rank - first_rank_];
  }
  const std::vector<trace::Group>& groups() const { return groups_; }

 private:
  void add(With kind);
  bool takes_part(With kind, const Coordinates& at) const;
  Coordinates first_of(With kind, Coordinates at) const;

  Degrees degrees_;
  uint32_t experts_per_node_, first_rank_, first_group_;
  std::vector<trace::Group> groups_;
  std::array<std::vector<uint32_t>, kGroupKinds> group_of_;
};

}  // namespace railyard::llm
