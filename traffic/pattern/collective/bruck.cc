// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/bruck.h"

#include <algorithm>

#include "traffic/pattern/collective/blocks.h"

namespace railyard::collective {
namespace {

uint64_t step_count(const Call& call) {
  return log2_up(call.size);
}

// The blocks that the member at `holder` sends in a round, as visit(source, destination).
template <class Visit>
void for_sent(const Call& call, uint32_t holder, uint64_t round, Visit visit) {
  const uint32_t digit = 1u << round;
  for (uint32_t distance = digit; distance < call.size; ++distance) {
    if ((distance & digit) == 0) continue;
    const uint32_t gone = distance & (digit - 1);
    const uint32_t source = (holder + call.size - gone) % call.size;
    visit(source, (source + distance) % call.size);
  }
}

uint32_t sender_of(const Call& call, uint64_t round) {
  return (call.me + call.size - (1u << round)) % call.size;
}

Message message(const Call& call, uint32_t peer, uint32_t holder, uint64_t round) {
  uint64_t bytes = 0;
  for_sent(call, holder, round, [&](uint32_t s, uint32_t d) { bytes += block_bytes(call, s, d); });
  return bytes == 0 ? Message{} : Message{peer, 0, bytes};
}

Step step(const Call& call, uint64_t round) {
  const uint32_t from = sender_of(call, round);
  Step step;
  step.send = message(call, (call.me + (1u << round)) % call.size, call.me, round);
  step.receive = message(call, from, from, round);
  if (round > 0) step.send_needs = round - 1;
  return step;
}

std::vector<Part> pieces(const Call& call, uint64_t round, bool sent) {
  std::vector<Part> pieces;
  for_sent(call, sent ? call.me : sender_of(call, round), round,
           [&](uint32_t s, uint32_t d) { pieces.push_back(block_of(call, s, d)); });
  return pieces;
}

uint64_t receive_count(const Call& call) {
  uint64_t count = 0;
  for (uint64_t round = 0; round < step_count(call); ++round)
    count += message(call, 0, sender_of(call, round), round).exists();
  return count;
}

// The next round does not wait for the last one's acknowledgement.
uint32_t window(const Call&) {
  return 2;
}

std::vector<uint32_t> peers(const Call& call) {
  std::vector<uint32_t> peers;
  for (uint64_t round = 0; round < step_count(call); ++round)
    if (const Message send = step(call, round).send; send.exists()) peers.push_back(send.peer);
  std::sort(peers.begin(), peers.end());
  return peers;
}

}  // namespace

Algorithm bruck_all_to_all() {
  return {"bruck", Kind::AllToAll, Lanes::Pairs, 1, step_count, receive_count, step, window, peers, pieces};
}

}  // namespace railyard::collective
