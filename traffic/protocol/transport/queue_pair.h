// SPDX-License-Identifier: BSD-3-Clause
// The two ends of a queue pair as a NIC keeps them; nic.h has what it does with them.
#pragma once

#include <cstdint>

#include "traffic/protocol/transport/rate_control.h"
#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/receiver_control.h"
#include "traffic/protocol/transport/rtt_probes.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/protocol/transport/turn.h"
#include "traffic/units/quantity.h"

namespace railyard {

struct SendingQueuePair {
  enum class Schedule : uint8_t {
    Idle,     // nothing to send
    Ready,    // in the turn
    Waiting,  // for the pacer
    Blocked   // until an acknowledgement or time makes room in the window
  };

  SendQueue queue;
  uint32_t next_in_turn = Turn::kNobody;
  uint16_t port = 0;                     // of its host, for players whose hosts have several
  uint8_t data_tos = 0, data_queue = 0;  // as in FlowClass
  Schedule schedule = Schedule::Idle;
  bool started = false;  // its algorithm: with the first message
  bool timeout_armed = false;
  bool closed = false;       // sends no more
  bool failed = false;       // has said so, and nothing was acknowledged since
  bool retires = false;      // nothing will be posted any more
  uint32_t paced_bytes = 0;  // of the last packet, with preamble and gap
  SimTime paced_from;        // from when that packet's share of time is counted
  SimTime ready_at;          // Ready: since when it may send
  RateControl rate;
  SimTime window_timer = SimTime::never();  // the one that counts, of those armed for Blocked
  RttProbes probes;

  void lay_out(const FlowClass& of, StateArena& states, BitRate line) {
    data_tos = of.data_tos;
    data_queue = of.data_queue;
    rate.lay_out(of, states, line);
  }
};

// Three lines of cache: thousands of queue pairs send in turn.
static_assert(sizeof(SendingQueuePair) <= 192);

struct ReceivingQueuePair {
  ReceiveQueue queue;
  ReceiverControl control;
  uint8_t echo = 0;  // packet_flag of the next ACK or NAK
};

}  // namespace railyard
