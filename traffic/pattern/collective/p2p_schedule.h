// SPDX-License-Identifier: BSD-3-Clause
// In which order a rank turns to its peers where it has something for all of them: NCCL's rounds of
// point-to-point transfers, in each of which every rank sends to one and receives from one. Source:
// NCCL 2.30, src/init.cc, ncclP2pSchedule; src/enqueue.cc, addP2pToPlan; src/transport/net.cc.
#pragma once

#include <cstdint>

namespace railyard::collective {

constexpr uint32_t kP2pBatch = 8;   // rounds that a channel has at once (NCCL_MAX_DEV_WORK_P2P_PER_BATCH)
constexpr uint32_t kNcclSteps = 8;  // chunks that a connection has under way (NCCL_STEPS)

// Ranks 0 to size - 1, of which `group` follow each other on a host and are taken together; it divides size.
struct P2pRanks {
  uint32_t size = 1, group = 1;
};

// As many as a batch holds, if hosts have that many; else what divides both.
uint32_t p2p_group(uint32_t ranks_per_host);

struct P2pPeers {
  uint32_t send = 0, receive = 0;
};
// Round 0 is for oneself. Groups are visited at distances x (x + 1) / 2 modulo the power of two that holds
// them all, without those that are not there: 0, 1, 3, 6, 10, 15, 5, ... of 16.
P2pPeers p2p_peers(const P2pRanks& ranks, uint32_t me, uint32_t round);
// The round in which `from` sends to `to`.
uint32_t p2p_round(const P2pRanks& ranks, uint32_t from, uint32_t to);

// How much a rank has under way at once.
struct P2pLimits {
  uint32_t rounds = kP2pBatch;  // that run side by side
  uint32_t steps = 2;           // chunks of each
};
// With so many channels in all, of which a pair of ranks uses `channels_of_pair`, and `slots` chunks of
// receive buffer to a channel, which those of a batch share. Rounds of a batch are taken in groups of
// `group`.
P2pLimits p2p_limits(uint32_t channels, uint32_t channels_of_pair, uint32_t slots, uint32_t group);

// How large a message's chunks are, where the largest are `largest`: 0, in one piece.
constexpr uint64_t p2p_chunk(uint64_t bytes, uint64_t largest) {
  if (largest == 0) return bytes;
  const uint64_t chunk = bytes < largest ? largest / 4 : bytes < 8 * largest ? largest / 2 : largest;
  return chunk == 0 ? 1 : chunk;
}
// One of them for a message without bytes.
constexpr uint64_t p2p_chunks(uint64_t bytes, uint64_t largest) {
  const uint64_t chunk = p2p_chunk(bytes, largest);
  return bytes == 0 ? 1 : bytes / chunk + (bytes % chunk != 0 ? 1 : 0);
}

}  // namespace railyard::collective
