// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/pairwise.h"

#include <algorithm>

#include "traffic/pattern/collective/blocks.h"

namespace railyard::collective {
namespace {

Message block(uint32_t peer, uint64_t bytes) {
  if (bytes == 0) return {};
  return {peer, 0, bytes};
}

uint64_t step_count(const Call& call) {
  return call.size - 1;
}

uint64_t receive_count(const Call& call) {
  uint64_t count = 0;
  for (uint32_t peer = 0; peer < call.size; ++peer)
    count += peer != call.me && block_bytes(call, peer, call.me) > 0;
  return count;
}

Step step(const Call& call, uint64_t index) {
  const uint32_t distance = static_cast<uint32_t>(index) + 1;
  const uint32_t to = (call.me + distance) % call.size;
  const uint32_t from = (call.me + call.size - distance) % call.size;
  Step step;
  step.send = block(to, block_bytes(call, call.me, to));
  step.receive = block(from, block_bytes(call, from, call.me));
  return step;
}

uint32_t window(const Call& call) {
  return std::max(1U, call.options.pairwise_rounds);
}

std::vector<uint32_t> peers(const Call& call) {
  std::vector<uint32_t> result;
  for (uint32_t peer = 0; peer < call.size; ++peer) {
    if (peer != call.me && block_bytes(call, call.me, peer) > 0) result.push_back(peer);
  }
  return result;
}

}  // namespace

Algorithm pairwise_all_to_all() {
  return {"pairwise", Kind::AllToAll, Lanes::Pairs, 1, step_count, receive_count, step, window, peers};
}

}  // namespace railyard::collective
