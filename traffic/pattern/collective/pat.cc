// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/pat.h"

#include <algorithm>

namespace railyard::collective {
namespace {

constexpr uint32_t kSlots = 8;  // of a connection's buffer [NCCL 2.30, device.h: NCCL_STEPS]

uint32_t log2_of(uint32_t n) {
  return log2_up(uint64_t{n} + 1) - 1;
}
uint32_t lowest_bit(uint32_t n) {
  return n & (~n + 1);
}

// The nth distance below 2^levels, from the root of a binomial tree on, each after its parent, which is
// nearer to the block's owner by its lowest bit; subtrees one after another, larger ones first.
uint32_t in_order(uint32_t levels, uint32_t nth) {
  uint32_t distance = 0;
  while (nth > 0) {
    const uint32_t half = 1u << --levels;
    if (nth <= half) {
      distance += half;
      --nth;
    } else {
      nth -= half;
    }
  }
  return distance;
}

// The place in that order.
uint32_t place_in_order(uint32_t levels, uint32_t distance) {
  uint32_t place = 0;
  while (distance > 0) {
    const uint32_t half = 1u << --levels;
    if ((distance & half) != 0) {
      distance ^= half;
      ++place;
    } else {
      place += half;
    }
  }
  return place;
}

// How a call goes. A step of all members exchanges some blocks of one `Bundle`: those whose distances from
// where they arrive, or in a reduce-scatter from where they leave, are first + i * apart.
class Plan {
 public:
  explicit Plan(const Call& call) : n_(call.size), slot_(call.options.chain_slice_bytes) {
    const uint64_t block = divide_up(call.bytes, n_);
    slots_ = divide_up(block, slot_);
    uint32_t together = 1;
    while (block != 0 && slot_ / (block * together) >= 2 && together < n_ / 2) together *= 2;
    in_message_ = together;
    for (uint32_t slots = kSlots; slots > 1 && together < n_ / 2; slots /= 2) together *= 2;
    together_ = together;
    stride_ = (1u << log2_up(n_)) / together;
  }

  struct Bundle {
    uint32_t first = 0, apart = 0, count = 0;
  };

  uint64_t steps() const { return n_ < 2 ? 0 : slots_ * steps_of_slot(); }
  uint64_t steps_of_slot() const { return steps_of_tree() + uint64_t{stride_ - 1} * messages_of(together_); }
  uint64_t slot_of(uint64_t step) const { return step / steps_of_slot(); }

  // Of an all-gather's step.
  Bundle bundle(uint64_t step) const {
    uint32_t at = static_cast<uint32_t>(step % steps_of_slot());
    for (uint32_t half = together_ / 2; half > 0; half /= 2) {
      const uint32_t messages = messages_of(together_ / (2 * half));
      if (at < messages) return part({half * stride_, 2 * half * stride_, together_ / (2 * half)}, at);
      at -= messages;
    }
    const uint32_t messages = messages_of(together_);
    return part({in_order(log2_of(stride_), 1 + at / messages), stride_, together_}, at % messages);
  }

  // The all-gather's step, counted within its slot, in which a block of that distance arrives.
  uint64_t step_of(uint32_t distance) const {
    if (distance % stride_ != 0) {
      const uint32_t messages = messages_of(together_);
      const uint32_t place = place_in_order(log2_of(stride_), distance % stride_);
      return steps_of_tree() + uint64_t{place - 1} * messages + distance / stride_ / in_message_;
    }
    const uint32_t low = lowest_bit(distance / stride_);
    uint64_t before = 0;
    for (uint32_t half = together_ / 2; half > low; half /= 2) before += messages_of(together_ / (2 * half));
    return before + distance / stride_ / (2 * low) / in_message_;
  }

  uint32_t size() const { return n_; }

 private:
  uint32_t messages_of(uint32_t blocks) const {
    return static_cast<uint32_t>(divide_up(blocks, in_message_));
  }
  uint32_t steps_of_tree() const {
    uint32_t steps = 0;
    for (uint32_t half = together_ / 2; half > 0; half /= 2) steps += messages_of(together_ / (2 * half));
    return steps;
  }
  // The nth message's; without the distances that no member has.
  Bundle part(Bundle all, uint32_t nth) const {
    const uint32_t skipped = nth * in_message_;
    Bundle part{all.first + skipped * all.apart, all.apart, std::min(in_message_, all.count - skipped)};
    while (part.count > 0 && uint64_t{part.first} + uint64_t{part.count - 1} * part.apart >= n_) --part.count;
    return part;
  }

  uint32_t n_;
  uint64_t slot_, slots_ = 0;
  uint32_t in_message_ = 1;  // blocks
  uint32_t together_ = 1;    // blocks of a step of NCCL's, which may be several messages
  uint32_t stride_ = 1;
};

// What a slot has of a member's block.
Part piece_of(const Call& call, uint32_t owner, uint64_t slot) {
  const Part block = part_of(call.bytes, call.size, owner % call.size);
  const uint64_t slots = divide_up(divide_up(call.bytes, call.size), call.options.chain_slice_bytes);
  const Part piece = part_of(block.bytes, slots, slot);
  return {block.offset + piece.offset, piece.bytes};
}

// In a bundle with lowest bit b the blocks of distance s from `holder`, or s - b where they are one nearer.
std::vector<Part> pieces_at(const Call& call, const Plan::Bundle& bundle, uint64_t slot, uint32_t holder,
                            uint32_t nearer) {
  std::vector<Part> pieces;
  for (uint32_t i = 0; i < bundle.count; ++i) {
    const Part piece = piece_of(call, holder + bundle.first + i * bundle.apart - nearer, slot);
    if (piece.bytes > 0) pieces.push_back(piece);
  }
  return pieces;
}

Message message(uint32_t peer, const std::vector<Part>& pieces) {
  uint64_t bytes = 0;
  for (const Part& piece : pieces) bytes += piece.bytes;
  return bytes == 0 ? Message{} : Message{peer, 0, bytes};
}

uint64_t step_count(const Call& call) {
  return Plan(call).steps();
}

std::vector<Part> gathered(const Call& call, const Plan& plan, uint64_t index, bool sent) {
  const Plan::Bundle bundle = plan.bundle(index);
  return pieces_at(call, bundle, plan.slot_of(index), call.me, sent ? lowest_bit(bundle.first) : 0);
}
std::vector<Part> gather_pieces(const Call& call, uint64_t index, bool sent) {
  return gathered(call, Plan(call), index, sent);
}

Step gather_step(const Call& call, uint64_t index) {
  const Plan plan(call);
  const Plan::Bundle bundle = plan.bundle(index);
  const uint32_t bit = lowest_bit(bundle.first);
  Step step;
  step.send = message((call.me + call.size - bit) % call.size, gathered(call, plan, index, true));
  step.receive = message((call.me + bit) % call.size, gathered(call, plan, index, false));
  const uint64_t first = plan.slot_of(index) * plan.steps_of_slot();
  for (uint32_t i = 0; i < bundle.count; ++i) {
    const uint32_t parent = bundle.first + i * bundle.apart - bit;
    if (parent == 0) continue;
    const uint64_t needed = first + plan.step_of(parent);
    step.send_needs = step.send_needs == kNoStep ? needed : std::max(step.send_needs, needed);
  }
  return step;
}

// A reduce-scatter goes the all-gather's steps from the last to the first, and each message back.
uint64_t mirrored(const Plan& plan, uint64_t index) {
  const uint64_t steps = plan.steps_of_slot();
  return plan.slot_of(index) * steps + (steps - 1 - index % steps);
}

std::vector<Part> scatter_pieces(const Call& call, uint64_t index, bool sent) {
  const Plan plan(call);
  return gathered(call, plan, mirrored(plan, index), !sent);
}

Step scatter_step(const Call& call, uint64_t index) {
  const Plan plan(call);
  const uint64_t gather = mirrored(plan, index);
  const Plan::Bundle bundle = plan.bundle(gather);
  const uint32_t bit = lowest_bit(bundle.first);
  Step step;
  step.reduce = true;
  step.send = message((call.me + bit) % call.size, gathered(call, plan, gather, false));
  step.receive = message((call.me + call.size - bit) % call.size, gathered(call, plan, gather, true));
  // A block leaves when all that are further from its owner and hang on it have been added.
  for (uint32_t i = 0; i < bundle.count; ++i) {
    const uint32_t distance = bundle.first + i * bundle.apart;
    for (uint32_t child = 1; child < lowest_bit(distance); child *= 2) {
      if (uint64_t{distance} + child >= plan.size()) break;
      const uint64_t needed =
          mirrored(plan, plan.slot_of(index) * plan.steps_of_slot() + plan.step_of(distance + child));
      step.send_needs = step.send_needs == kNoStep ? needed : std::max(step.send_needs, needed);
    }
  }
  return step;
}

uint64_t receives_in(const Call& call, Step (*step)(const Call&, uint64_t)) {
  const uint64_t steps = step_count(call);
  if (steps == 0) return 0;
  const uint64_t of_slot = Plan(call).steps_of_slot();
  // Slots are alike but where blocks are shorter than they are many.
  const bool alike = call.bytes / call.size >= steps / of_slot;
  uint64_t count = 0;
  for (uint64_t i = 0; i < (alike ? of_slot : steps); ++i) count += step(call, i).receive.exists();
  return alike ? count * (steps / of_slot) : count;
}
uint64_t gather_receives(const Call& call) {
  return receives_in(call, gather_step);
}
uint64_t scatter_receives(const Call& call) {
  return receives_in(call, scatter_step);
}

uint32_t window(const Call& call) {
  return slots_of(call.options, call.options.chain_slice_bytes) * std::max(1u, log2_up(call.size));
}

std::vector<uint32_t> peers_of(const Call& call, bool gathers) {
  std::vector<uint32_t> peers;
  if (call.size < 2 || call.bytes == 0) return peers;
  for (uint32_t bit = 1; bit < call.size; bit *= 2)
    peers.push_back((call.me + (gathers ? call.size - bit : bit)) % call.size);
  std::sort(peers.begin(), peers.end());
  return peers;
}
std::vector<uint32_t> gather_peers(const Call& call) {
  return peers_of(call, true);
}
std::vector<uint32_t> scatter_peers(const Call& call) {
  return peers_of(call, false);
}

}  // namespace

Algorithm pat_all_gather() {
  return {"pat",  Kind::AllGather, Lanes::Rings, 1, step_count, gather_receives, gather_step,
          window, gather_peers,    gather_pieces};
}

Algorithm pat_reduce_scatter() {
  return {"pat",  Kind::ReduceScatter, Lanes::Rings,  1, step_count, scatter_receives, scatter_step,
          window, scatter_peers,       scatter_pieces};
}

}  // namespace railyard::collective
