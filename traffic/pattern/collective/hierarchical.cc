// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/hierarchical.h"

#include <algorithm>

#include "traffic/pattern/collective/blocks.h"
#include "traffic/pattern/collective/p2p_schedule.h"
#include "traffic/pattern/collective/ring.h"

namespace railyard::collective {
namespace {

uint32_t hosts_of(const Call& call) {
  return call.size / call.per_host;
}
uint32_t host_of(const Call& call) {
  return call.me / call.per_host;
}
uint32_t local_of(const Call& call) {
  return call.me % call.per_host;
}

// One of an all-reduce's three rings: its members are at first, first + apart, ...
struct Level {
  Algorithm algorithm;
  Call call;
  uint32_t first, apart;
  uint64_t offset;  // of its buffer in the whole one

  uint64_t steps() const { return algorithm.step_count(call); }
  uint32_t place(uint32_t member) const { return first + member * apart; }
};

Level level_of(const Call& call, uint32_t nth) {
  Call part = call;
  part.per_host = 1;
  if (nth == 1) {
    const Part mine = part_of(call.bytes, call.per_host, local_of(call));
    part.size = hosts_of(call), part.me = host_of(call), part.bytes = mine.bytes;
    return {ring_all_reduce(), part, local_of(call), call.per_host, mine.offset};
  }
  part.size = call.per_host, part.me = local_of(call);
  return {nth == 0 ? ring_reduce_scatter() : ring_all_gather(), part, host_of(call) * call.per_host, 1, 0};
}

constexpr uint32_t kLevels = 3;

uint64_t reduce_steps(const Call& call) {
  uint64_t steps = 0;
  for (uint32_t nth = 0; nth < kLevels; ++nth) steps += level_of(call, nth).steps();
  return steps;
}

uint64_t reduce_receives(const Call& call) {
  uint64_t receives = 0;
  for (uint32_t nth = 0; nth < kLevels; ++nth) {
    const Level level = level_of(call, nth);
    receives += level.algorithm.receive_count(level.call);
  }
  return receives;
}

Step reduce_step(const Call& call, uint64_t index) {
  uint64_t first = 0;
  uint32_t nth = 0;
  Level level = level_of(call, nth);
  while (index - first >= level.steps()) {
    first += level.steps();
    level = level_of(call, ++nth);
  }
  Step step = level.algorithm.step(level.call, index - first);
  for (Message* message : {&step.send, &step.receive}) {
    if (!message->exists()) continue;
    message->peer = level.place(message->peer);
    message->offset += level.offset;
  }
  if (step.send_needs != kNoStep)
    step.send_needs += first;
  else if (first > 0)
    step.send_needs = first - 1;
  return step;
}

uint32_t reduce_window(const Call& call) {
  return slots_of(call.options, call.options.ring_slice_bytes);
}

std::vector<uint32_t> reduce_peers(const Call& call) {
  std::vector<uint32_t> peers;
  for (uint32_t nth = 0; nth < 2; ++nth) {
    const Level level = level_of(call, nth);
    for (const uint32_t member : level.algorithm.peers(level.call)) peers.push_back(level.place(member));
  }
  std::sort(peers.begin(), peers.end());
  return peers;
}

uint64_t exchange_steps(const Call& call) {
  return uint64_t{call.per_host - 1} + (hosts_of(call) - 1);
}

// Who is that many places on, or back: of the host in its first rounds, then along the rail.
uint32_t partner(const Call& call, uint64_t index, bool onward) {
  const bool within = index + 1 < call.per_host;
  const uint32_t size = within ? call.per_host : hosts_of(call);
  const auto distance = static_cast<uint32_t>(within ? index + 1 : index + 2 - call.per_host);
  const uint32_t mine = within ? local_of(call) : host_of(call);
  const uint32_t theirs = (mine + (onward ? distance : size - distance)) % size;
  return within ? host_of(call) * call.per_host + theirs : theirs * call.per_host + local_of(call);
}

// The blocks of a message, as visit(source, destination).
template <class Visit>
void for_blocks(const Call& call, uint64_t index, uint32_t from, uint32_t to, Visit visit) {
  if (index + 1 < call.per_host) {
    for (uint32_t host = 0; host < hosts_of(call); ++host)
      visit(from, host * call.per_host + to % call.per_host);
  } else {
    const uint32_t first = from - from % call.per_host;
    for (uint32_t source = first; source < first + call.per_host; ++source) visit(source, to);
  }
}

Message message(const Call& call, uint64_t index, uint32_t peer, uint32_t from, uint32_t to) {
  uint64_t bytes = 0;
  for_blocks(call, index, from, to, [&](uint32_t s, uint32_t d) { bytes += block_bytes(call, s, d); });
  return bytes == 0 ? Message{} : Message{peer, 0, bytes};
}

Step exchange_step(const Call& call, uint64_t index) {
  const uint32_t to = partner(call, index, true), from = partner(call, index, false);
  Step step;
  step.send = message(call, index, to, call.me, to);
  step.receive = message(call, index, from, from, call.me);
  const bool along_rail = index + 1 >= call.per_host;
  if (along_rail && call.per_host > 1) step.send_needs = call.per_host - 2;
  return step;
}

std::vector<Part> exchange_pieces(const Call& call, uint64_t index, bool sent) {
  const uint32_t peer = partner(call, index, sent);
  std::vector<Part> pieces;
  for_blocks(call, index, sent ? call.me : peer, sent ? peer : call.me,
             [&](uint32_t s, uint32_t d) { pieces.push_back(block_of(call, s, d)); });
  return pieces;
}

uint64_t exchange_receives(const Call& call) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < exchange_steps(call); ++i) count += exchange_step(call, i).receive.exists();
  return count;
}

uint32_t exchange_window(const Call&) {
  return kP2pBatch;
}

std::vector<uint32_t> exchange_peers(const Call& call) {
  std::vector<uint32_t> peers;
  for (uint64_t i = 0; i < exchange_steps(call); ++i)
    if (const Message send = exchange_step(call, i).send; send.exists()) peers.push_back(send.peer);
  std::sort(peers.begin(), peers.end());
  return peers;
}

}  // namespace

Algorithm hierarchical_all_reduce() {
  return {"hierarchical",  Kind::AllReduce, Lanes::Hosts,  1,           reduce_steps,
          reduce_receives, reduce_step,     reduce_window, reduce_peers};
}

Algorithm hierarchical_all_to_all() {
  return {"hierarchical", Kind::AllToAll,    Lanes::Hosts,  1,
          exchange_steps, exchange_receives, exchange_step, exchange_window,
          exchange_peers, exchange_pieces};
}

}  // namespace railyard::collective
