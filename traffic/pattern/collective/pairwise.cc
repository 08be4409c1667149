// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/pairwise.h"

#include <algorithm>

#include "traffic/pattern/collective/blocks.h"
#include "traffic/pattern/collective/p2p_schedule.h"

namespace railyard::collective {
namespace {

P2pRanks ranks_of(const Call& call) {
  return {call.size, p2p_group(call.per_host)};
}

// Rounds of a strand: every call.rounds-th.
uint64_t rounds_of(const Call& call) {
  return call.strand < call.size ? divide_up(call.size - call.strand, call.rounds) : 0;
}
uint32_t round_at(const Call& call, uint64_t nth) {
  return call.strand + static_cast<uint32_t>(nth) * call.rounds;
}

// Enough for every block. Shorter messages have smaller chunks: one that has fewer bytes may have more of
// them.
uint64_t most_chunks(const Call& call) {
  const uint64_t largest_chunk = call.options.p2p_chunk_bytes;
  const uint64_t block =
      call.splits != nullptr ? call.largest_split : part_of(call.bytes, call.size, 0).bytes;
  if (largest_chunk == 0 || block == 0) return 1;
  uint64_t most = p2p_chunks(block, largest_chunk);
  for (const uint64_t shorter : {largest_chunk - 1, 8 * largest_chunk - 1})
    if (shorter < block) most = std::max(most, p2p_chunks(shorter, largest_chunk));
  return most;
}

Message chunk_of(const Call& call, uint32_t peer, uint64_t bytes, uint64_t nth) {
  const uint64_t chunk = p2p_chunk(bytes, call.options.p2p_chunk_bytes), offset = nth * chunk;
  if (offset >= bytes) return {};
  const uint64_t of_chunk = std::min(chunk, bytes - offset);
  return {peer, offset, of_chunk, divide_up(bytes - offset - of_chunk, chunk)};
}

uint64_t step_count(const Call& call) {
  return rounds_of(call) * most_chunks(call);
}

uint64_t receive_count(const Call& call) {
  uint64_t count = 0;
  for (uint64_t nth = 0; nth < rounds_of(call); ++nth) {
    const uint32_t from = p2p_peers(ranks_of(call), call.me, round_at(call, nth)).receive;
    const uint64_t bytes = from == call.me ? 0 : block_bytes(call, from, call.me);
    if (bytes > 0) count += p2p_chunks(bytes, call.options.p2p_chunk_bytes);
  }
  return count;
}

Step step(const Call& call, uint64_t index) {
  const uint64_t chunks = most_chunks(call), nth = index / chunks;
  const uint32_t round = round_at(call, nth);
  Step step;
  if (nth > 0) step.send_needs = nth * chunks - 1;
  const P2pPeers peers = p2p_peers(ranks_of(call), call.me, round);
  if (peers.send == call.me) return step;
  step.send = chunk_of(call, peers.send, block_bytes(call, call.me, peers.send), index % chunks);
  step.receive = chunk_of(call, peers.receive, block_bytes(call, peers.receive, call.me), index % chunks);
  return step;
}

uint32_t window(const Call& call) {
  return call.options.p2p_chunk_bytes == 0 ? 1 : std::max(1U, call.steps);
}

std::vector<uint32_t> peers(const Call& call) {
  std::vector<uint32_t> result;
  for (uint64_t nth = 0; nth < rounds_of(call); ++nth) {
    const uint32_t peer = p2p_peers(ranks_of(call), call.me, round_at(call, nth)).send;
    if (peer != call.me && block_bytes(call, call.me, peer) > 0) result.push_back(peer);
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

Algorithm pairwise_all_to_all() {
  return {"pairwise", Kind::AllToAll, Lanes::Pairs, kAsManyAsRounds, step_count, receive_count,
          step,       window,         peers};
}

}  // namespace railyard::collective
