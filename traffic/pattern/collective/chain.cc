// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/chain.h"

namespace railyard::collective {
namespace {

// Both go the way of the ring. A broadcast begins at the root, a reduce at the member after it.
bool is_at(const Call& call, uint32_t distance) {
  return (call.me + call.size - call.root) % call.size == distance % call.size;
}
bool broadcast_begins(const Call& call) {
  return is_at(call, 0);
}
bool broadcast_ends(const Call& call) {
  return is_at(call, call.size - 1);
}
bool reduce_begins(const Call& call) {
  return is_at(call, 1);
}
bool reduce_ends(const Call& call) {
  return is_at(call, 0);
}

uint64_t step_count(const Call& call) {
  return call.size < 2 ? 0 : divide_up(call.bytes, call.options.chain_slice_bytes);
}

Step step_of(const Call& call, uint64_t index, bool begins, bool ends) {
  const Part slice = part_of(call.bytes, step_count(call), index);
  Step step;
  if (!begins) {
    step.receive = {(call.me + call.size - 1) % call.size, slice.offset, slice.bytes};
    step.send_needs = index;
  }
  if (!ends) step.send = {(call.me + 1) % call.size, slice.offset, slice.bytes};
  return step;
}

Step broadcast_step(const Call& call, uint64_t index) {
  return step_of(call, index, broadcast_begins(call), broadcast_ends(call));
}
Step reduce_step(const Call& call, uint64_t index) {
  Step step = step_of(call, index, reduce_begins(call), reduce_ends(call));
  step.reduce = true;
  return step;
}

uint64_t broadcast_receives(const Call& call) {
  return broadcast_begins(call) ? 0 : step_count(call);
}
uint64_t reduce_receives(const Call& call) {
  return reduce_begins(call) ? 0 : step_count(call);
}

uint32_t window(const Call& call) {
  return slots_of(call.options, call.options.chain_slice_bytes);
}

std::vector<uint32_t> next_member(const Call& call, bool ends) {
  if (call.size < 2 || call.bytes == 0 || ends) return {};
  return {(call.me + 1) % call.size};
}
std::vector<uint32_t> broadcast_peers(const Call& call) {
  return next_member(call, broadcast_ends(call));
}
std::vector<uint32_t> reduce_peers(const Call& call) {
  return next_member(call, reduce_ends(call));
}

}  // namespace

Algorithm chain_broadcast() {
  return {"chain",        Kind::Broadcast, Lanes::Rings,   1, step_count, broadcast_receives,
          broadcast_step, window,          broadcast_peers};
}

Algorithm chain_reduce() {
  return {"chain",         Kind::Reduce, Lanes::Rings, 1,           step_count,
          reduce_receives, reduce_step,  window,       reduce_peers};
}

}  // namespace railyard::collective
