// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/chain.h"

namespace railyard::collective {
namespace {

uint32_t distance_from_root(const Call& call) {
  return (call.me + call.size - call.root) % call.size;
}
bool is_root(const Call& call) {
  return call.me == call.root;
}
bool is_last(const Call& call) {
  return distance_from_root(call) == call.size - 1;
}

uint64_t step_count(const Call& call) {
  return call.size < 2 ? 0 : divide_up(call.bytes, call.options.chain_slice_bytes);
}

uint64_t receive_count(const Call& call) {
  return is_root(call) ? 0 : step_count(call);
}

Step step(const Call& call, uint64_t index) {
  const Part slice = part_of(call.bytes, step_count(call), index);
  Step step;
  if (!is_root(call)) {
    step.receive = {(call.me + call.size - 1) % call.size, slice.offset, slice.bytes};
    step.send_needs = index;
  }
  if (!is_last(call)) step.send = {(call.me + 1) % call.size, slice.offset, slice.bytes};
  return step;
}

uint32_t window(const Call& call) {
  return slots_of(call.options, call.options.chain_slice_bytes);
}

std::vector<uint32_t> peers(const Call& call) {
  if (call.size < 2 || call.bytes == 0 || is_last(call)) return {};
  return {(call.me + 1) % call.size};
}

}  // namespace

Algorithm chain_broadcast() {
  return {"chain", Kind::Broadcast, Lanes::Rings, 1, step_count, receive_count, step, window, peers};
}

}  // namespace railyard::collective
