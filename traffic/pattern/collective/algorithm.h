// SPDX-License-Identifier: BSD-3-Clause
// The interface of a collective algorithm and the registry of all of them. A new algorithm is one file with
// these functions and one line in algorithm.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "traffic/pattern/collective/collective.h"

namespace railyard::collective {

// By which lanes of a group's a collective goes.
enum class Lanes : uint8_t {
  Rings,   // each over all members, by a NIC of its own of every host
  Pairs,   // one, in which every pair of members has its connection, by the NICs of its two GPUs
  Hosts,   // as Pairs, with the members host after host, and each host's by their GPUs
  Custom,  // as Pairs, of a CustomAlgorithm alone
  Trees    // each over all members and the switches that reduce for them, by a NIC of its own of every host
};

struct Algorithm {
  std::string_view name;  // "ring"
  Kind kind;
  Lanes lanes;
  // Sequences of steps that a member goes through at once, in each lane; kAsManyAsRounds: Call::rounds.
  uint32_t strands;
  uint64_t (*step_count)(const Call&);
  uint64_t (*receive_count)(const Call&);  // steps that receive
  Step (*step)(const Call&, uint64_t index);
  // The most messages that a member may have under way, posted and not acknowledged.
  uint32_t (*window)(const Call&);
  // The members that `me` may send to, in ascending order, without expanding the steps.
  std::vector<uint32_t> (*peers)(const Call&);
  // Of an algorithm that gathers a message from several places: where its parts lie in the buffer; of an
  // all-to-all in the send buffers of all members, one after another. Null: at Message::offset.
  std::vector<Part> (*pieces)(const Call&, uint64_t index, bool sent) = nullptr;
  // Of one whose strands have a peer each, and wait for each other: the peer's strand that receives. Null:
  // the same as sends.
  uint32_t (*receiver_strand)(const Call&) = nullptr;
};

inline uint32_t strands_of(const Algorithm& algorithm, uint32_t rounds) {
  return algorithm.strands == kAsManyAsRounds ? rounds : algorithm.strands;
}

// Every algorithm; of one kind, the first is the default.
const std::vector<Algorithm>& algorithms();

const Algorithm& default_algorithm(Kind kind);

// Null where no algorithm of that kind has that name.
const Algorithm* find_algorithm(Kind kind, std::string_view name);

}  // namespace railyard::collective
