// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/dissemination.h"

#include <algorithm>

namespace railyard::collective {
namespace {

uint64_t step_count(const Call& call) {
  return log2_up(call.size);
}

Step step(const Call& call, uint64_t round) {
  const uint32_t distance = 1u << round;
  Step step;
  step.send = {(call.me + distance) % call.size, 0, 1};
  step.receive = {(call.me + call.size - distance) % call.size, 0, 1};
  if (round > 0) step.send_needs = round - 1;
  return step;
}

// The next round does not wait for the last one's acknowledgement.
uint32_t window(const Call&) {
  return 2;
}

std::vector<uint32_t> peers(const Call& call) {
  std::vector<uint32_t> peers;
  for (uint64_t round = 0; round < step_count(call); ++round) peers.push_back(step(call, round).send.peer);
  std::sort(peers.begin(), peers.end());
  return peers;
}

}  // namespace

Algorithm dissemination_barrier() {
  return {"dissemination", Kind::Barrier, Lanes::Pairs, 1, step_count, step_count, step, window, peers};
}

}  // namespace railyard::collective
