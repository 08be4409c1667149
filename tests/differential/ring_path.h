// SPDX-License-Identifier: BSD-3-Clause
// A path of DPDK's net_ring ports: packets are encoded into mbufs, sent, received and decoded; the tap
// rewrites bytes. Time is the caller's.
#pragma once

#include <cstdint>
#include <memory>

#include "tests/differential/scenario.h"

namespace railyard {

// As MemoryPath in play.h. The first one initialises the EAL, once in the life of a process.
class RingPath {
 public:
  RingPath(Direction direction, const Scenario& scenario);
  ~RingPath();
  RingPath(const RingPath&) = delete;
  RingPath& operator=(const RingPath&) = delete;

  void send(const Packet& p);
  int64_t at_tap() const;
  Packet look();
  void drop();
  void forward(bool mark, int64_t arrives);
  int64_t at_host() const;
  Packet receive();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace railyard
