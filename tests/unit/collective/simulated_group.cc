// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/collective/simulated_group.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace railyard::collective {

SimulatedGroup::SimulatedGroup(const Algorithm& algorithm, Call call,
                               std::vector<std::vector<int64_t>> buffers)
    : algorithm_(algorithm), call_(call) {
  for (uint32_t m = 0; m < call.size; ++m) {
    Member member;
    member.buffer = std::move(buffers[m]);
    member.peers = algorithm.peers(call_of(m));
    members_.push_back(std::move(member));
  }
}

Call SimulatedGroup::call_of(uint32_t member) const {
  Call call = call_;
  call.me = member;
  return call;
}

bool SimulatedGroup::run(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> order(call_.size);
  std::iota(order.begin(), order.end(), 0);
  for (bool progress = true; progress;) {
    progress = false;
    std::shuffle(order.begin(), order.end(), random);
    for (uint32_t member : order) progress |= advance(member);
  }
  const uint64_t steps = algorithm_.step_count(call_of(0));
  return std::all_of(members_.begin(), members_.end(),
                     [steps](const Member& m) { return m.sent == steps && m.received == steps; });
}

bool SimulatedGroup::advance(uint32_t member) {
  const bool received = try_receive(member);
  const bool sent = try_send(member);
  return received || sent;
}

bool SimulatedGroup::try_receive(uint32_t member) {
  Member& me = members_[member];
  const Call call = call_of(member);
  if (me.received == algorithm_.step_count(call)) return false;
  const Step step = algorithm_.step(call, me.received);
  if (step.receive.exists()) {
    auto& wire = wires_[{step.receive.peer, member}];
    if (wire.empty()) return false;
    const std::vector<int64_t> data = std::move(wire.front());
    wire.pop_front();
    sizes_agree_ &= data.size() == step.receive.bytes;
    if (algorithm_.kind == Kind::AllToAll) {
      me.blocks[step.receive.peer] = data;
    } else {
      for (size_t i = 0; i < data.size(); ++i) {
        int64_t& cell = me.buffer.at(step.receive.offset + i);
        cell = step.reduce ? cell + data[i] : data[i];
      }
    }
  }
  ++me.received;
  return true;
}

bool SimulatedGroup::try_send(uint32_t member) {
  Member& me = members_[member];
  const Call call = call_of(member);
  if (me.sent == algorithm_.step_count(call)) return false;
  const Step step = algorithm_.step(call, me.sent);
  if (step.send.exists()) {
    if (step.send_needs != kNoStep && me.received <= step.send_needs) return false;
    uint64_t offset = step.send.offset;
    if (algorithm_.kind == Kind::AllToAll) {
      for (uint32_t peer = 0; peer < step.send.peer; ++peer) {
        offset += call.splits ? call.splits[uint64_t{member} * call.size + peer]
                              : part_of(call.bytes, call.size, peer).bytes;
      }
    }
    const auto begin = me.buffer.begin() + static_cast<std::ptrdiff_t>(offset);
    wires_[{member, step.send.peer}].emplace_back(begin,
                                                  begin + static_cast<std::ptrdiff_t>(step.send.bytes));
    me.bytes_sent += step.send.bytes;
    only_sent_to_peers_ &= std::binary_search(me.peers.begin(), me.peers.end(), step.send.peer);
  }
  ++me.sent;
  return true;
}

uint64_t SimulatedGroup::messages_left() const {
  uint64_t left = 0;
  for (const auto& [ends, wire] : wires_) left += wire.size();
  return left;
}

}  // namespace railyard::collective
