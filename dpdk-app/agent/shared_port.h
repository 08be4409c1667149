// SPDX-License-Identifier: BSD-3-Clause
// What the players of one port's queues have in common, where there are several, each on an lcore of its own.
//
// A NIC spreads frames over its queues as it likes: by a hash of the addresses, pauses and ARP to any.
// Whoever receives a frame for a queue pair of another hands it over; the frames of one direction of a queue
// pair come in on one queue, since their addresses do not change, and so they stay in order. A pause is for
// all.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dpdk-app/agent/queue_pair_spread.h"
#include "dpdk-app/agent/shared_link.h"
#include "dpdk-app/agent/spsc_queue.h"

struct rte_mbuf;

namespace railyard::lab {

class AddressResolution;

class SharedPort {
 public:
  explicit SharedPort(QueuePairSpread spread);
  ~SharedPort();  // frees what nobody took

  const QueuePairSpread& spread() const { return spread_; }
  SharedLink& link() { return link_; }
  // Of the first queue, whose player asks and answers for the port.
  const AddressResolution* addresses = nullptr;

  // Gives the frame that queue `by` received to whom it is for. False where that is `by` itself; a pause is
  // for `by`, too.
  bool hand_over(rte_mbuf* frame, uint32_t by);
  // What was handed over to a queue, at most `room` frames; returns how many.
  uint16_t take(uint32_t queue, rte_mbuf** frames, uint16_t room);

 private:
  using Frames = SpscQueue<rte_mbuf*>;
  Frames& frames(uint32_t by, uint32_t to) { return *frames_[by * spread_.queues() + to]; }

  const QueuePairSpread spread_;
  SharedLink link_;
  std::vector<std::unique_ptr<Frames>> frames_;  // of each queue to each
};

}  // namespace railyard::lab
