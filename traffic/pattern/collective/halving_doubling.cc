// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/halving_doubling.h"

#include <algorithm>

namespace railyard::collective {
namespace {

// The members that halve and double, 2^q of them, and how the others fold into them.
struct Fold {
  uint32_t q = 0, rest = 0;  // size = 2^q + rest

  explicit Fold(uint32_t size) {
    while (uint64_t{2} << q <= size) ++q;
    rest = size - (1u << q);
  }
  // Of the first 2 * rest members the even ones give theirs to the next.
  bool is_out(uint32_t member) const { return member < 2 * rest && member % 2 == 0; }
  bool takes(uint32_t member) const { return member < 2 * rest && member % 2 == 1; }
  uint32_t place_of(uint32_t member) const { return member < 2 * rest ? member / 2 : member - rest; }
  uint32_t member_at(uint32_t place) const { return place < rest ? 2 * place + 1 : place + rest; }
};

// What is left of the buffer after `rounds` halvings, at that place: the bits of the place, from the highest,
// choose.
Part left_after(uint64_t bytes, const Fold& fold, uint32_t place, uint32_t rounds) {
  Part part{0, bytes};
  for (uint32_t round = 0; round < rounds; ++round) {
    const Part upper = part_of(part.bytes, 2, 1);
    const bool high = (place >> (fold.q - 1 - round) & 1) != 0;
    part = high ? Part{part.offset + upper.offset, upper.bytes} : Part{part.offset, upper.offset};
  }
  return part;
}

uint64_t step_count(const Call& call) {
  if (call.size < 2 || call.bytes == 0) return 0;
  const Fold fold(call.size);
  return 2 * fold.q + (fold.rest != 0 ? 2 : 0);
}

Message message(uint32_t peer, Part part) {
  return part.bytes == 0 ? Message{} : Message{peer, part.offset, part.bytes};
}

// The exchange of a halving (rounds 0 to q-1) or of a doubling (q to 2q-1).
Step exchange(const Call& call, const Fold& fold, uint32_t round) {
  const bool halves = round < fold.q;
  const uint32_t level = halves ? round : 2 * fold.q - 1 - round;
  const uint32_t place = fold.place_of(call.me), partner = place ^ 1u << (fold.q - 1 - level);
  const Part mine = left_after(call.bytes, fold, place, level + 1);
  const Part theirs = left_after(call.bytes, fold, partner, level + 1);
  const uint32_t peer = fold.member_at(partner);
  Step step;
  step.send = message(peer, halves ? theirs : mine);
  step.receive = message(peer, halves ? mine : theirs);
  step.reduce = halves;
  return step;
}

Step step(const Call& call, uint64_t index) {
  const Fold fold(call.size);
  const uint32_t before = fold.rest != 0 ? 1 : 0;
  const auto last = static_cast<uint32_t>(step_count(call)) - 1;
  const auto at = static_cast<uint32_t>(index);
  const Part all{0, call.bytes};
  Step step;
  if (before != 0 && (at == 0 || at == last)) {
    const bool folds = at == 0;
    if (fold.is_out(call.me)) (folds ? step.send : step.receive) = message(call.me + 1, all);
    if (fold.takes(call.me)) (folds ? step.receive : step.send) = message(call.me - 1, all);
    step.reduce = folds;
  } else if (!fold.is_out(call.me)) {
    step = exchange(call, fold, at - before);
  }
  // Each exchange works on what the one before it left.
  if (at > 0) step.send_needs = at - 1;
  return step;
}

uint64_t receive_count(const Call& call) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < step_count(call); ++i) count += step(call, i).receive.exists();
  return count;
}

// The next exchange does not wait for the last one's acknowledgement.
uint32_t window(const Call&) {
  return 2;
}

std::vector<uint32_t> peers(const Call& call) {
  std::vector<uint32_t> peers;
  for (uint64_t i = 0; i < step_count(call); ++i)
    if (const Message send = step(call, i).send; send.exists()) peers.push_back(send.peer);
  std::sort(peers.begin(), peers.end());
  peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
  return peers;
}

}  // namespace

Algorithm halving_doubling_all_reduce() {
  return {
      "halving-doubling", Kind::AllReduce, Lanes::Rings, 1, step_count, receive_count, step, window, peers};
}

}  // namespace railyard::collective
