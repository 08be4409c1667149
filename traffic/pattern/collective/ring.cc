// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/ring.h"

namespace railyard::collective {
namespace {

// Slices of the longest chunk. Every chunk is cut in as many, or the two ends of a link would count
// differently.
uint64_t slices(const Call& call) {
  return divide_up(divide_up(call.bytes, call.size), call.options.ring_slice_bytes);
}

Message slice_of(const Call& call, uint32_t peer, uint64_t chunk, uint64_t slice, uint64_t slice_count) {
  const Part whole = part_of(call.bytes, call.size, chunk);
  const Part piece = part_of(whole.bytes, slice_count, slice);
  if (piece.bytes == 0) return {};
  return {peer, whole.offset + piece.offset, piece.bytes};
}

// In round r a member sends chunk me - shift - r and receives the one before it, which it sends in the next
// round. With shift 0 its own chunk leaves first (all-gather); with shift 1 its own chunk comes back last
// (reduce-scatter).
Step ring_step(const Call& call, uint64_t index, uint32_t shift, uint64_t reduce_rounds) {
  const uint64_t n = call.size, k = slices(call);
  const uint64_t round = index / k, slice = index % k;
  const uint64_t sent = (call.me + 2 * n - shift - round % n) % n;
  Step step;
  step.send = slice_of(call, (call.me + 1) % call.size, sent, slice, k);
  step.receive = slice_of(call, (call.me + call.size - 1) % call.size, (sent + n - 1) % n, slice, k);
  step.send_needs = round == 0 ? kNoStep : index - k;
  step.reduce = round < reduce_rounds;
  return step;
}

uint64_t all_reduce_steps(const Call& call) {
  return 2 * (call.size - 1) * slices(call);
}
uint64_t one_pass_steps(const Call& call) {
  return (call.size - 1) * slices(call);
}

Step all_reduce_step(const Call& call, uint64_t index) {
  return ring_step(call, index, 0, call.size - 1);
}
Step all_gather_step(const Call& call, uint64_t index) {
  return ring_step(call, index, 0, 0);
}
Step reduce_scatter_step(const Call& call, uint64_t index) {
  return ring_step(call, index, 1, call.size - 1);
}

uint64_t receives_in(const Call& call, uint64_t steps, Step (*step)(const Call&, uint64_t)) {
  if (steps == 0 || call.bytes / call.size >= slices(call)) return steps;
  uint64_t count = 0;
  for (uint64_t i = 0; i < steps; ++i) count += step(call, i).receive.exists();
  return count;
}

uint64_t all_reduce_receives(const Call& call) {
  return receives_in(call, all_reduce_steps(call), all_reduce_step);
}
uint64_t all_gather_receives(const Call& call) {
  return receives_in(call, one_pass_steps(call), all_gather_step);
}
uint64_t reduce_scatter_receives(const Call& call) {
  return receives_in(call, one_pass_steps(call), reduce_scatter_step);
}

uint32_t ring_window(const Call& call) {
  return slots_of(call.options, call.options.ring_slice_bytes);
}

std::vector<uint32_t> next_member(const Call& call) {
  if (call.size < 2 || call.bytes == 0) return {};
  return {(call.me + 1) % call.size};
}

Algorithm ring(Kind kind, uint64_t (*steps)(const Call&), uint64_t (*receives)(const Call&),
               Step (*step)(const Call&, uint64_t)) {
  return {"ring", kind, Lanes::Rings, 1, steps, receives, step, ring_window, next_member};
}

}  // namespace

Algorithm ring_all_reduce() {
  return ring(Kind::AllReduce, all_reduce_steps, all_reduce_receives, all_reduce_step);
}

Algorithm ring_all_gather() {
  return ring(Kind::AllGather, one_pass_steps, all_gather_receives, all_gather_step);
}

Algorithm ring_reduce_scatter() {
  return ring(Kind::ReduceScatter, one_pass_steps, reduce_scatter_receives, reduce_scatter_step);
}

}  // namespace railyard::collective
