// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/collective/simulated_group.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "traffic/pattern/collective/blocks.h"
#include "traffic/pattern/collective/reduction_tree.h"

namespace railyard::collective {

SimulatedGroup::SimulatedGroup(const Algorithm& algorithm, Call call,
                               std::vector<std::vector<int64_t>> buffers)
    : algorithm_(algorithm), call_(call), places_(call.tree == nullptr ? call.size : call.tree->places()) {
  for (uint32_t m = 0; m < places_; ++m) {
    Member member;
    if (m < call.size)
      member.buffer = std::move(buffers[m]);
    else
      member.buffer.resize(call.bytes);
    for (uint32_t strand = 0; strand < strands_of(algorithm, call.rounds); ++strand)
      member.strands.push_back({algorithm.peers(call_of(m, strand)), 0, 0, 0});
    members_.push_back(std::move(member));
  }
}

Call SimulatedGroup::call_of(uint32_t member, uint32_t strand) const {
  Call call = call_;
  call.me = member;
  call.strand = strand;
  return call;
}

bool SimulatedGroup::run(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> order(places_ * strands_of(algorithm_, call_.rounds));
  std::iota(order.begin(), order.end(), 0);
  for (bool progress = true; progress;) {
    progress = false;
    std::shuffle(order.begin(), order.end(), random);
    for (uint32_t i : order) {
      const uint32_t strands = strands_of(algorithm_, call_.rounds);
      const uint32_t member = i / strands, strand = i % strands;
      progress |= try_receive(member, strand);
      progress |= try_send(member, strand);
    }
  }
  for (uint32_t m = 0; m < places_; ++m)
    if (!done(m)) return false;
  return true;
}

bool SimulatedGroup::done(uint32_t m) const {
  for (uint32_t strand = 0; strand < strands_of(algorithm_, call_.rounds); ++strand) {
    const uint64_t steps = algorithm_.step_count(call_of(m, strand));
    if (members_[m].strands[strand].sent != steps || members_[m].strands[strand].received != steps)
      return false;
  }
  return true;
}

bool SimulatedGroup::received_as_counted() const {
  for (uint32_t m = 0; m < places_; ++m)
    for (uint32_t strand = 0; strand < strands_of(algorithm_, call_.rounds); ++strand)
      if (members_[m].strands[strand].messages != algorithm_.receive_count(call_of(m, strand))) return false;
  return true;
}

std::vector<Part> SimulatedGroup::parts_of(const Call& call, const Message& message, uint64_t index,
                                           bool sent) const {
  if (algorithm_.pieces != nullptr) return algorithm_.pieces(call, index, sent);
  uint64_t offset = message.offset;
  if (algorithm_.kind == Kind::AllToAll)
    for (uint32_t peer = 0; peer < message.peer; ++peer) offset += block_bytes(call, call.me, peer);
  return {{offset, message.bytes}};
}

bool SimulatedGroup::try_receive(uint32_t member, uint32_t s) {
  Member& me = members_[member];
  Strand& strand = me.strands[s];
  const Call call = call_of(member, s);
  if (strand.received == algorithm_.step_count(call)) return false;
  const Step step = algorithm_.step(call, strand.received);
  if (step.receive.exists()) {
    auto& wire = wires_[{step.receive.peer, member, s}];
    if (wire.empty()) return false;
    const std::vector<int64_t> data = std::move(wire.front());
    wire.pop_front();
    ++strand.messages;
    sizes_agree_ &= data.size() == step.receive.bytes;
    if (algorithm_.kind == Kind::AllToAll && algorithm_.pieces == nullptr) {
      std::vector<int64_t>& block = me.blocks[step.receive.peer];
      in_order_ &= block.size() == step.receive.offset;
      block.insert(block.end(), data.begin(), data.end());
    } else {
      size_t next = 0;
      for (const Part& part : parts_of(call, step.receive, strand.received, false))
        for (uint64_t i = 0; i < part.bytes && next < data.size(); ++i, ++next) {
          int64_t& cell = me.buffer.at(part.offset + i);
          cell = step.reduce ? cell + data[next] : data[next];
        }
      sizes_agree_ &= next == data.size();
    }
  }
  ++strand.received;
  return true;
}

bool SimulatedGroup::try_send(uint32_t member, uint32_t s) {
  Member& me = members_[member];
  Strand& strand = me.strands[s];
  const Call call = call_of(member, s);
  if (strand.sent == algorithm_.step_count(call)) return false;
  const Step step = algorithm_.step(call, strand.sent);
  if (step.send.exists()) {
    const uint32_t needed = step.needed_strand == kOwnStrand ? s : step.needed_strand;
    if (step.send_needs != kNoStep && me.strands[needed].received <= step.send_needs) return false;
    std::vector<int64_t> data;
    for (const Part& part : parts_of(call, step.send, strand.sent, true))
      for (uint64_t i = 0; i < part.bytes; ++i) data.push_back(me.buffer.at(part.offset + i));
    sizes_agree_ &= data.size() == step.send.bytes;
    sent_what_it_had_ &= std::find(data.begin(), data.end(), kNothing) == data.end();
    wires_[{member, step.send.peer, s}].push_back(std::move(data));
    me.bytes_sent += step.send.bytes;
    ++me.messages_sent;
    only_sent_to_peers_ &= std::binary_search(strand.peers.begin(), strand.peers.end(), step.send.peer);
  }
  ++strand.sent;
  return true;
}

uint64_t SimulatedGroup::messages_left() const {
  uint64_t left = 0;
  for (const auto& [ends, wire] : wires_) left += wire.size();
  return left;
}

}  // namespace railyard::collective
