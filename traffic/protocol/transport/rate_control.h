// SPDX-License-Identifier: BSD-3-Clause
// A queue pair's congestion control: its algorithm's functions, its state, and what it last allowed. All
// calls of an algorithm's sender are here.
#pragma once

#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/protocol/transport/state_arena.h"
#include "traffic/units/quantity.h"

namespace railyard {

// How a flow's data travels, and what sets its rate.
struct FlowClass {
  uint8_t data_tos = 0;                            // DSCP and ECN
  uint8_t data_queue = 0;                          // egress queue, which a pause stops
  const CongestionAlgorithm* algorithm = nullptr;  // of congestion_algorithms()
  const void* settings = nullptr;                  // the algorithm's; they must outlive the flow
};

class RateControl {
 public:
  // Until it starts it allows the line's rate. One that was another queue pair's keeps its room.
  void lay_out(const FlowClass& of, StateArena& states, BitRate line) {
    if (functions_ == &of.algorithm->sender) {
      functions_->destroy(state_);
      functions_->construct(state_);
    } else {
      functions_ = &of.algorithm->sender;
      state_ = states.make(functions_->state_bytes, functions_->construct, functions_->destroy);
    }
    settings_ = of.settings;
    allowance_ = {};
    allowance_.rate_bps = static_cast<double>(line.bps);
  }
  void start(uint32_t mtu, SimTime now) {
    const BitRate line{static_cast<uint64_t>(allowance_.rate_bps)};
    allowance_ = functions_->start(state_, settings_, {line, mtu}, now);
  }

  // As of the last call. Bits a second, of frames with preamble and gap.
  double rate_bps() const { return allowance_.rate_bps; }
  // Payload that may be unacknowledged; one packet always may.
  uint64_t window_bytes() const { return allowance_.window_bytes; }
  // When advance() changes them if nothing else happens.
  SimTime deadline() const { return allowance_.deadline; }

  // What it allows at `now`, found on a copy: whoever looks on must not change what happens, and a rate that
  // was advanced paces what waits otherwise.
  Allowance at(SimTime now) const {
    if (now < allowance_.deadline) return allowance_;
    StateArena scratch;
    void* const copy = scratch.make(functions_->state_bytes, functions_->construct, functions_->destroy);
    functions_->assign(copy, state_);
    Allowance allowance = allowance_;
    functions_->advance(copy, settings_, now, allowance);
    return allowance;
  }

  void advance(SimTime now) {
    if (allowance_.deadline <= now) functions_->advance(state_, settings_, now, allowance_);
  }
  void sent(uint32_t frame_bytes, SimTime now) {
    advance(now);
    if (functions_->sent != nullptr) functions_->sent(state_, settings_, frame_bytes, now, allowance_);
  }
  bool minds_acks() const { return functions_->acked != nullptr; }
  // Only where it minds.
  void acked(const AckSample& sample, SimTime now) {
    advance(now);
    functions_->acked(state_, settings_, sample, now, allowance_);
  }
  void signalled(CongestionSignal signal, SimTime now) {
    advance(now);
    functions_->signalled(state_, settings_, signal, now, allowance_);
  }

 private:
  const SenderFunctions* functions_ = nullptr;
  const void* settings_ = nullptr;
  void* state_ = nullptr;
  Allowance allowance_;
};

}  // namespace railyard
