// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/direct.h"

#include <algorithm>

#include "traffic/pattern/collective/p2p_schedule.h"

namespace railyard::collective {
namespace {

Message block_of_member(const Call& call, uint32_t peer, uint32_t owner) {
  const Part block = part_of(call.bytes, call.size, owner);
  return block.bytes == 0 ? Message{} : Message{peer, block.offset, block.bytes};
}

bool is_root(const Call& call) {
  return call.me == call.root;
}

uint64_t step_count(const Call& call) {
  return is_root(call) ? call.size - 1 : 1;
}

// The root's in that round.
uint32_t peer_of_root(const Call& call, uint64_t round, bool sends) {
  const auto distance = static_cast<uint32_t>(round) + 1;
  return (call.me + (sends ? distance : call.size - distance)) % call.size;
}

Step gather_step(const Call& call, uint64_t index) {
  Step step;
  if (is_root(call)) {
    const uint32_t peer = peer_of_root(call, index, false);
    step.receive = block_of_member(call, peer, peer);
  } else {
    step.send = block_of_member(call, call.root, call.me);
  }
  return step;
}

Step scatter_step(const Call& call, uint64_t index) {
  Step step;
  if (is_root(call)) {
    const uint32_t peer = peer_of_root(call, index, true);
    step.send = block_of_member(call, peer, peer);
  } else {
    step.receive = block_of_member(call, call.root, call.me);
  }
  return step;
}

// The members other than the root whose blocks have bytes: those with lower places come first.
uint64_t blocks_of_others(const Call& call) {
  const uint64_t blocks = std::min<uint64_t>(call.bytes, call.size);
  return blocks - (call.root < blocks ? 1 : 0);
}
uint64_t has_block(const Call& call) {
  return part_of(call.bytes, call.size, call.me).bytes > 0 ? 1 : 0;
}

uint64_t gather_receives(const Call& call) {
  return is_root(call) ? blocks_of_others(call) : 0;
}
uint64_t scatter_receives(const Call& call) {
  return is_root(call) ? 0 : has_block(call);
}

uint32_t window(const Call&) {
  return kP2pBatch;
}

std::vector<uint32_t> gather_peers(const Call& call) {
  if (is_root(call) || has_block(call) == 0) return {};
  return {call.root};
}

std::vector<uint32_t> scatter_peers(const Call& call) {
  std::vector<uint32_t> peers;
  if (!is_root(call)) return peers;
  for (uint32_t peer = 0; peer < call.size && peer < call.bytes; ++peer)
    if (peer != call.root) peers.push_back(peer);
  return peers;
}

}  // namespace

Algorithm direct_gather() {
  return {"direct",        Kind::Gather, Lanes::Pairs, 1,           step_count,
          gather_receives, gather_step,  window,       gather_peers};
}

Algorithm direct_scatter() {
  return {"direct",     Kind::Scatter, Lanes::Pairs, 1, step_count, scatter_receives,
          scatter_step, window,        scatter_peers};
}

}  // namespace railyard::collective
