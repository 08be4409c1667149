// SPDX-License-Identifier: BSD-3-Clause
// A path of DPDK's net_ring ports: frames are copied into mbufs, sent and received. Time is the caller's.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "traffic/units/quantity.h"

namespace railyard {

using FrameBytes = std::vector<uint8_t>;

// As MemoryPath in play.h. The first one initialises the EAL, once in the life of a process.
class RingPath {
 public:
  RingPath();
  ~RingPath();
  RingPath(const RingPath&) = delete;
  RingPath& operator=(const RingPath&) = delete;

  void send(const FrameBytes& frame, SimTime arrives);
  SimTime at_tap() const;
  FrameBytes take();
  void forward(const FrameBytes& frame, SimTime arrives);
  SimTime at_host() const;
  FrameBytes receive();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace railyard
