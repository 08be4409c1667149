// SPDX-License-Identifier: BSD-3-Clause
// What members of an all-to-all send to each other: a block from every one to every one.
#pragma once

#include "traffic/pattern/collective/collective.h"

namespace railyard::collective {

// From a place to a place.
inline uint64_t block_bytes(const Call& call, uint32_t source, uint32_t destination) {
  if (call.splits == nullptr) return part_of(call.bytes, call.size, destination).bytes;
  if (call.member_at != nullptr) source = call.member_at[source], destination = call.member_at[destination];
  return call.splits[uint64_t{source} * call.size + destination];
}

// Where it lies in the send buffers of all members, one after another in the order of their places.
inline Part block_of(const Call& call, uint32_t source, uint32_t destination) {
  uint64_t before = 0;
  for (uint32_t s = 0; s <= source; ++s)
    for (uint32_t d = 0; d < (s == source ? destination : call.size); ++d) before += block_bytes(call, s, d);
  return {before, block_bytes(call, source, destination)};
}

}  // namespace railyard::collective
