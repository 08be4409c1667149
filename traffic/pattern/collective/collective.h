// SPDX-License-Identifier: BSD-3-Clause
// The vocabulary of the collective algorithms: a call, as one member of a group sees it, and the steps it
// expands to. An algorithm is a set of pure functions of the call and the step's number, so that a collective
// over a thousand ranks is expanded while it runs and is never held in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace railyard::collective {

// In the order of trace::CollectiveKind, which begins at 1.
enum class Kind : uint8_t {
  AllReduce,
  AllGather,
  ReduceScatter,
  Broadcast,
  AllToAll,
  Reduce,
  Gather,
  Scatter,
  Barrier
};
constexpr size_t kKinds = 9;

// "all_reduce", "all_gather", "reduce_scatter", "broadcast", "all_to_all", "reduce", "gather", "scatter",
// "barrier"
std::string_view name_of(Kind kind);

// How GPUs tell each other that data are there, which decides how much of what is sent is data.
enum class Protocol : uint8_t { Simple, LL, LL128 };

// How a collective is cut into messages. The defaults are those of NCCL's Simple protocol: 4 MiB of buffer
// for each connection in NCCL_STEPS = 8 slots; ring slices fill two slots, broadcast slices one (NCCL 2.30,
// src/include/collectives.h: ALLREDUCE_SLICESTEPS, BROADCAST_SLICESTEPS).
struct Options {
  uint64_t ring_slice_bytes = 1 << 20;
  uint64_t chain_slice_bytes = 512 << 10;
  // What switches that reduce take at once. SHARP reduces packet by packet; this is sixteen of 4 KiB, for
  // fewer messages: each switch on the way then holds the first of them back for as long as it takes to come.
  uint64_t reduction_slice_bytes = 64 << 10;
  // What a connection holds that is not acknowledged; at least one slice is always let through.
  uint64_t buffer_bytes = 4 << 20;
  // The largest chunk of a message between two members (NCCL_P2P_NET_CHUNKSIZE); 0: messages are whole.
  uint64_t p2p_chunk_bytes = 128 << 10;
  // On the wire are `lines` bytes for each `data` of them.
  uint32_t data = 1, lines = 1;

  constexpr uint64_t on_the_wire(uint64_t bytes) const { return (bytes + data - 1) / data * lines; }
};

// All in bytes of data. Sources: NCCL 2.30, src/include/device.h, ncclLLFifoLine and NCCL_LL128_LINESIZE;
// init.cc, computeBuffSizes: a buffer of 512 KiB for LL, of 4,915,200 B for LL128, in 8 slots each, one to a
// slice.
constexpr Options options_of(Protocol protocol) {
  Options options;
  if (protocol == Protocol::LL) {
    options.data = 8, options.lines = 16;
    options.ring_slice_bytes = options.chain_slice_bytes = 32 << 10;
    options.buffer_bytes = 256 << 10;
  } else if (protocol == Protocol::LL128) {
    options.data = 120, options.lines = 128;
    options.ring_slice_bytes = options.chain_slice_bytes = 576'000;
    options.buffer_bytes = uint64_t{8} * 576'000;
  }
  return options;
}

class CustomAlgorithm;
struct ReductionTree;

// One member's part in a collective. Bytes are counted as by nccl-tests: the buffer of all-reduce, broadcast
// and reduce, the output of all-gather, the input of reduce-scatter, the send buffer of all-to-all, what the
// root gathers or scatters. A barrier has none.
struct Call {
  uint32_t size = 1;    // members of the group
  uint32_t me = 0;      // place in the lane's order, as every other member's here; the order is the ring's
  uint64_t bytes = 0;   // that this lane carries
  uint32_t root = 0;    // broadcast, reduce, gather, scatter
  uint32_t lane = 0;    // of those that carry the call at once
  uint32_t strand = 0;  // of the algorithm's
  uint32_t per_host =
      1;  // members of a host, who follow each other in the order; 1: no host has more, or they differ
  // All-to-all with uneven splits: size * size entries, splits[source * size + destination] in bytes. Null:
  // even.
  const uint64_t* splits = nullptr;
  // By place, the number that a member has in `splits`. Null: its place.
  const uint32_t* member_at = nullptr;
  uint64_t largest_split = 0;
  // Pairwise: rounds side by side, and chunks under way in each.
  uint32_t rounds = 8, steps = 2;
  const CustomAlgorithm* custom = nullptr;  // where that is the algorithm
  // In-network reduction: of the lane, whose places from `size` on are switches. Else null.
  const ReductionTree* tree = nullptr;
  Options options;
};

constexpr uint32_t kNobody = std::numeric_limits<uint32_t>::max();
constexpr uint32_t kOwnStrand = kNobody;
constexpr uint32_t kAsManyAsRounds = 0;  // Algorithm::strands
constexpr uint64_t kNoStep = std::numeric_limits<uint64_t>::max();

// One message out of the buffer, or into it. What would have no bytes is not sent: both sides see kNobody.
struct Message {
  uint32_t peer = kNobody;  // place in the lane's order
  uint64_t offset = 0;  // where it lies in the call's buffer; all-to-all: in the peer's block; in pieces: 0
  uint64_t bytes = 0;
  uint64_t left = 0;  // messages to that peer that follow in the call; all-to-all only

  bool exists() const { return peer != kNobody; }
};

// Each step sends at most one message and receives at most one; sends are posted, and receives taken, in the
// order of the steps. Messages between two members arrive in the order in which they were sent.
struct Step {
  Message send, receive;
  uint64_t send_needs = kNoStep;  // step, up to this one, whose receive must be in before the send is posted
  uint32_t needed_strand = kOwnStrand;  // whose step that is
  // The same of what must be past before the step's own message is taken, or the step is past without one.
  uint64_t receive_needs = kNoStep;
  uint32_t receive_needs_strand = kOwnStrand;
  bool reduce = false;  // what is received is added to the buffer, not written over it
};

// A buffer of `bytes` cut in `parts`: part i. The first bytes % parts of them are a byte longer, so that the
// sizes add up exactly. (NCCL aligns to 16 bytes, which matters to a GPU's loads and not to a network.)
struct Part {
  uint64_t offset, bytes;
};
constexpr Part part_of(uint64_t bytes, uint64_t parts, uint64_t i) {
  const uint64_t quotient = bytes / parts, rest = bytes % parts;
  return {i * quotient + (i < rest ? i : rest), quotient + (i < rest ? 1 : 0)};
}

constexpr uint64_t divide_up(uint64_t a, uint64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

// Doublings until n is reached.
constexpr uint32_t log2_up(uint64_t n) {
  uint32_t log = 0;
  while (uint64_t{1} << log < n) ++log;
  return log;
}

// Slices that a connection's buffer holds.
constexpr uint32_t slots_of(const Options& options, uint64_t slice_bytes) {
  const uint64_t slots = options.buffer_bytes / slice_bytes;
  return slots == 0 ? 1 : slots < kNobody ? static_cast<uint32_t>(slots) : kNobody;
}

}  // namespace railyard::collective
