// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/algorithm.h"

#include <algorithm>

#include "traffic/pattern/collective/bruck.h"
#include "traffic/pattern/collective/chain.h"
#include "traffic/pattern/collective/direct.h"
#include "traffic/pattern/collective/dissemination.h"
#include "traffic/pattern/collective/halving_doubling.h"
#include "traffic/pattern/collective/hierarchical.h"
#include "traffic/pattern/collective/in_network.h"
#include "traffic/pattern/collective/pairwise.h"
#include "traffic/pattern/collective/pat.h"
#include "traffic/pattern/collective/ring.h"
#include "traffic/pattern/collective/tree.h"

namespace railyard::collective {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::AllReduce:
      return "all_reduce";
    case Kind::AllGather:
      return "all_gather";
    case Kind::ReduceScatter:
      return "reduce_scatter";
    case Kind::Broadcast:
      return "broadcast";
    case Kind::AllToAll:
      return "all_to_all";
    case Kind::Reduce:
      return "reduce";
    case Kind::Gather:
      return "gather";
    case Kind::Scatter:
      return "scatter";
    case Kind::Barrier:
      return "barrier";
  }
  return "unknown";
}

const std::vector<Algorithm>& algorithms() {
  static const std::vector<Algorithm> all = {
      ring_all_reduce(),         tree_all_reduce(),       halving_doubling_all_reduce(),
      hierarchical_all_reduce(), in_network_all_reduce(), ring_all_gather(),
      pat_all_gather(),          ring_reduce_scatter(),   pat_reduce_scatter(),
      chain_broadcast(),         pairwise_all_to_all(),   bruck_all_to_all(),
      hierarchical_all_to_all(), chain_reduce(),          direct_gather(),
      direct_scatter(),          dissemination_barrier()};
  return all;
}

const Algorithm& default_algorithm(Kind kind) {
  const auto& all = algorithms();
  return *std::find_if(all.begin(), all.end(), [kind](const Algorithm& a) { return a.kind == kind; });
}

const Algorithm* find_algorithm(Kind kind, std::string_view name) {
  for (const Algorithm& a : algorithms()) {
    if (a.kind == kind && a.name == name) return &a;
  }
  return nullptr;
}

}  // namespace railyard::collective
