// SPDX-License-Identifier: BSD-3-Clause
// Which packets of a queue pair have their round-trip times measured: when they were sent, until an answer
// comes.
#pragma once

#include <cstdint>
#include <memory>

#include "traffic/protocol/transport/send_queue.h"
#include "traffic/units/growing_ring.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Costs a queue pair a pointer until the first one is measured.
class RttProbes {
 public:
  // One is enough to watch a queue pair by; what sets its rate by round-trip times wants that of every ACK.
  // So many are in flight at 800 Gb/s, packets of 1 KiB and 600 us.
  static constexpr uint32_t kToWatch = 1, kOfEveryAck = 65'536;

  // A packet after all before, sent for the first time.
  void start(uint32_t psn, SimTime now, uint32_t most) {
    if (!probes_) probes_ = std::make_unique<GrowingRing<Probe>>();
    if (probes_->size() < most) probes_->push({psn, now});
  }

  // All packets up to `psn` have arrived, says an answer to it. When it was sent; never() where it is not
  // known.
  SimTime end(uint32_t psn) {
    Probe last{psn + 1, SimTime::never()};
    while (any() && !psn_before(psn, probes_->front().psn)) {
      last = probes_->front();
      probes_->pop();
    }
    return last.psn == psn ? last.sent : SimTime::never();
  }

  // Packets are sent again: of those nobody knows which one is answered. [Karn and Partridge, "Improving
  // Round-Trip Time Estimates in Reliable Transport Protocols", SIGCOMM 1987]
  void forget() {
    while (any()) probes_->pop();
  }

 private:
  struct Probe {
    uint32_t psn = 0;
    SimTime sent;
  };
  bool any() const { return probes_ != nullptr && !probes_->empty(); }

  std::unique_ptr<GrowingRing<Probe>> probes_;
};

}  // namespace railyard
