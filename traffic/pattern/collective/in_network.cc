// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/in_network.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "traffic/pattern/collective/reduction_tree.h"

namespace railyard::collective {
namespace {

// Up and down the host's level, and that of the network. A member is in one or both, and each goes on
// without waiting for another, but for what it needs of it.
enum Strand : uint32_t { Gather, Up, Down, Spread };
constexpr uint32_t kStrands = 4;

const ReductionTree::Level& level(const Call& call, uint32_t strand) {
  return strand == Gather || strand == Spread ? call.tree->host : call.tree->network;
}
bool reduces(uint32_t strand) {
  return strand == Gather || strand == Up;
}
bool is_switch(const Call& call) {
  return call.me >= call.size;
}

// What a place has to do in a strand.
struct Role {
  uint32_t parent = kNobody, children = 0;

  bool exists() const { return parent != kNobody || children > 0; }
  // Of a chunk: one a child, where the last sends up, or the first receives from above.
  uint64_t steps() const { return std::max(1u, children); }
};

Role role_in(const Call& call, uint32_t strand) {
  if (call.size < 2 || call.tree == nullptr) return {};
  const ReductionTree::Level& in = level(call, strand);
  if (in.parent.empty()) return {};
  return {in.parent[call.me], in.child_count(call.me)};
}

uint64_t chunks(const Call& call) {
  return divide_up(call.bytes, call.options.reduction_slice_bytes);
}

uint64_t step_count(const Call& call) {
  const Role role = role_in(call, call.strand);
  return role.exists() ? chunks(call) * role.steps() : 0;
}

uint64_t receive_count(const Call& call) {
  const Role role = role_in(call, call.strand);
  if (reduces(call.strand)) return chunks(call) * role.children;
  return role.parent == kNobody ? 0 : chunks(call);
}

// What must be in before a chunk is sent on: all that this place receives of it in that strand.
void wait_for(const Call& call, uint32_t strand, uint64_t chunk, Step& step) {
  const Role role = role_in(call, strand);
  if (reduces(strand) ? role.children == 0 : role.parent == kNobody) return;
  step.send_needs = chunk * role.steps() + (reduces(strand) ? role.steps() - 1 : 0);
  step.needed_strand = strand;
}

// What is sent up has come from below; a member of a host with a reducer gives that its own data.
void wait_below(const Call& call, uint64_t chunk, Step& step) {
  if (call.strand == Gather && !is_switch(call)) return;
  wait_for(call, role_in(call, call.strand).children > 0 ? call.strand : Gather, chunk, step);
}

// What is sent down has come from above; at the top it has come up.
void wait_above(const Call& call, uint64_t chunk, Step& step) {
  if (call.strand == Down)
    return wait_for(call, role_in(call, Down).parent == kNobody ? Up : Down, chunk, step);
  if (is_switch(call)) return wait_for(call, Spread, chunk, step);
  wait_for(call, role_in(call, Down).parent == kNobody ? Gather : Down, chunk, step);
}

Step step(const Call& call, uint64_t index) {
  const Role role = role_in(call, call.strand);
  const ReductionTree::Level& in = level(call, call.strand);
  const uint64_t chunk = index / role.steps();
  const auto nth = static_cast<uint32_t>(index % role.steps());
  const Part slice = part_of(call.bytes, chunks(call), chunk);
  const auto message = [&](uint32_t peer) { return Message{peer, slice.offset, slice.bytes}; };
  Step step;
  if (reduces(call.strand)) {
    // The sum that a host's reducer returns has the member's own data in it.
    step.reduce = call.strand == Up || is_switch(call);
    if (nth < role.children) step.receive = message(in.child(call.me, nth));
    if (nth + 1 == role.steps() && role.parent != kNobody) {
      step.send = message(role.parent);
      wait_below(call, chunk, step);
    }
    return step;
  }
  if (nth == 0 && role.parent != kNobody) step.receive = message(role.parent);
  if (nth < role.children) {
    step.send = message(in.child(call.me, nth));
    wait_above(call, chunk, step);
  }
  return step;
}

// Within a host a GPU sends the parts of all lanes by one link, first come, first served: what it has to pass
// on of the part that it speaks for must not wait behind all that it has itself.
uint32_t window(const Call& call) {
  constexpr uint64_t kSlicesOfGpu = 8;  // NCCL_STEPS [NCCL 2.30, device.h]
  const uint32_t connections = reduces(call.strand) ? 1 : std::max(1u, role_in(call, call.strand).children);
  if (call.strand == Up || call.strand == Down || call.tree == nullptr)
    return connections * slots_of(call.options, call.options.reduction_slice_bytes);
  return connections * static_cast<uint32_t>(divide_up(kSlicesOfGpu, call.tree->lanes));
}

std::vector<uint32_t> peers(const Call& call) {
  const Role role = role_in(call, call.strand);
  if (!role.exists() || call.bytes == 0) return {};
  if (reduces(call.strand))
    return role.parent == kNobody ? std::vector<uint32_t>() : std::vector{role.parent};
  std::vector<uint32_t> children;
  for (uint32_t nth = 0; nth < role.children; ++nth)
    children.push_back(level(call, call.strand).child(call.me, nth));
  return children;
}

}  // namespace

ReductionTree::Level level_of(std::vector<uint32_t> parents) {
  ReductionTree::Level level;
  level.first_child.assign(parents.size() + 1, 0);
  for (const uint32_t parent : parents)
    if (parent != kNobody) ++level.first_child[parent + 1];
  std::partial_sum(level.first_child.begin(), level.first_child.end(), level.first_child.begin());
  level.children.resize(level.first_child.back());
  std::vector<uint32_t> next(level.first_child.begin(), level.first_child.end() - 1);
  for (uint32_t place = 0; place < parents.size(); ++place)
    if (parents[place] != kNobody) level.children[next[parents[place]]++] = place;
  level.parent = std::move(parents);
  return level;
}

Algorithm in_network_all_reduce() {
  return {"in-network", Kind::AllReduce, Lanes::Trees, kStrands, step_count, receive_count,
          step,         window,          peers};
}

}  // namespace railyard::collective
