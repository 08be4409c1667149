// SPDX-License-Identifier: BSD-3-Clause
// A NIC with one queue pair around the transport's code, told the time: what an engine's node or an agent's
// poll loop does with it, and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "tests/differential/scenario.h"
#include "traffic/protocol/congestion/dcqcn.h"
#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/units/priority_set.h"

namespace railyard {

// Events at one instant must come in the order: end of transmission, arrivals, timers. A call that puts a
// frame on the link returns it, with time_ps the end of its transmission.
class Nic {
 public:
  explicit Nic(const Scenario& scenario);

  std::optional<Packet> post_all(int64_t now);
  std::optional<Packet> on_transmit_end(int64_t now);
  std::optional<Packet> on_arrival(const Packet& p, int64_t now);
  std::optional<Packet> on_timer(int64_t now);

  int64_t transmit_end() const { return transmit_pending_ ? busy_until_ : SimTime::never().ps; }
  int64_t next_timer() const;

  std::vector<int64_t> received_ps, acked_ps;
  uint64_t timeouts = 0;
  const SendQueue& sender() const { return sender_; }

 private:
  enum class Schedule : uint8_t { Idle, Ready, Waiting };

  std::optional<Packet> kick(int64_t now);
  std::optional<Packet> serve(int64_t now);
  Packet send_data(int64_t now);
  Packet transmit(Packet p, int64_t now);
  void schedule_sender(int64_t by);
  int64_t eligible_at() const;
  void answer(const Packet& data, int64_t now);
  void reply(PacketKind kind, uint32_t psn);
  void resend(int64_t now);
  void on_ack_timer(int64_t now);
  bool has_answer() const;

  const Scenario& scenario_;
  SendQueue sender_;
  ReceiveQueue receiver_;
  Dcqcn::State rate_;
  Schedule schedule_ = Schedule::Idle;
  int64_t wake_at_ = SimTime::never().ps;  // Waiting: when the pacer looks again
  int64_t paced_from_ = 0;
  uint32_t paced_bytes_ = 0;
  int64_t timeout_at_ = SimTime::never().ps;
  std::array<std::deque<Packet>, kPriorities> answers_;
  int64_t busy_until_ = 0;
  bool transmit_pending_ = false;
};

}  // namespace railyard
