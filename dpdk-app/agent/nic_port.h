// SPDX-License-Identifier: BSD-3-Clause
// One emulated RoCE NIC: queue pairs, pacing, answers, PFC; told the time, and free of DPDK. It is the
// simulator's HostNode on a clock that nobody stops: answers (ACK, NAK, CNP) go first by priority, then the
// queue pairs that may send, by priority of their egress queues and within one in turn; one whose rate is
// limited waits outside of the turn.
//
// A poll comes when it comes. Frames therefore have a due time, as if the poll had been there, and the port's
// and the pacer's times are counted from due times: after a stall the NIC catches up, at most
// NicConfig::maximum_debt_ps, and the lateness histogram holds actual minus due.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "dpdk-app/agent/due_queue.h"
#include "dpdk-app/agent/flow_table.h"
#include "dpdk-app/agent/nic_config.h"
#include "dpdk-app/agent/nic_counters.h"
#include "dpdk-app/device/timing_wheel.h"
#include "dpdk-app/measurement/histogram.h"
#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/transport/rate_control.h"
#include "traffic/protocol/transport/receive_queue.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/protocol/transport/state_arena.h"
#include "traffic/protocol/transport/turn.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/units/growing_ring.h"

namespace railyard::lab {

// Whose messages a NIC carries. It may post to the NIC while it is called.
class MessageEvents {
 public:
  virtual ~MessageEvents() = default;
  virtual void message_received(uint32_t flow, int64_t now) = 0;
  virtual void message_acked(uint32_t flow, int64_t now) = 0;
  virtual void queue_pair_failed(uint32_t flow, int64_t now) = 0;
};

struct PauseInterval {
  uint8_t queue = 0;
  int64_t start = 0, end = 0;  // end: never() while it lasts
};

// What a NIC measured beside its counters. Picoseconds.
struct NicMeasurements {
  Histogram rtt;       // from a packet that asks for an ACK, sent once, to that ACK
  Histogram lateness;  // of frames, behind their due time
  Histogram pause;     // how long each pause lasted
  std::vector<PauseInterval> pauses;
};

// Bits a second that a queue pair sent, by NicConfig::sample_interval_ps.
struct RateSamples {
  uint32_t flow = 0;
  std::vector<uint64_t> bps;
};

class NicPort {
 public:
  NicPort(const NicConfig& config, MessageEvents& events);

  // Before the first poll. `address` is FlowTable's; without a class the flow has the NIC's.
  void add_sender(uint32_t flow, const FlowAddress& address);
  void add_sender(uint32_t flow, const FlowAddress& address, const FlowClass& flow_class);
  void add_receiver(uint32_t flow, const FlowAddress& reply_address);

  // A message on a flow that starts here.
  void post(uint32_t flow, uint64_t bytes, int64_t now);
  // Samples of rates count from here.
  void start_sampling(int64_t now) { next_sample_ = now + config_.sample_interval_ps; }
  // No more data; answers go on.
  void stop();

  // A frame that came, of any content. Nothing is kept of it.
  void on_frame(const uint8_t* frame, size_t size, int64_t now);
  // Gives at most `budget` frames that are due to emit(const Packet&, const FlowAddress&, FrameBody&),
  // which must take them; returns how many.
  template <class Emit>
  uint32_t poll(int64_t now, uint32_t budget, Emit&& emit);
  // When poll() has something to do next, if no frame comes; now or earlier: at once.
  int64_t next_due() const;

  const NicConfig& config() const { return config_; }
  const NicCounters& counters() const { return counters_; }
  const NicMeasurements& measurements() const { return measured_; }
  const PauseState& pause_state() const { return pauses_; }
  uint64_t retransmitted() const;
  double rate_bps(uint32_t flow) const { return senders_[sender_of_[flow]].rate.rate_bps(); }
  std::vector<RateSamples> rates() const;

 private:
  // Idle: nothing to send. Ready: in the turn. Waiting: for the pacer.
  enum class Schedule : uint8_t { Idle, Ready, Waiting };

  struct Sender {
    SendQueue queue;
    RateControl rate;
    FlowAddress address;
    uint8_t data_tos = 0, data_queue = 0;
    uint32_t next_in_turn = Turn::kNobody;
    Schedule schedule = Schedule::Idle;
    bool timeout_armed = false;
    uint16_t transmissions = 0;  // IPv4 identification of the next frame
    int64_t ready_at = 0;        // Ready: since when it may send
    int64_t paced_from = 0;      // from when the last packet's share of time is counted
    uint32_t paced_bytes = 0;    // that packet's length with preamble and gap
    uint32_t probe_psn = 0;      // whose RTT is being measured
    int64_t probe_sent = kNoProbe;
    uint64_t sampled_bytes = 0;
    std::vector<uint64_t> samples;
  };
  struct Receiver {
    ReceiveQueue queue;
    FlowAddress address;
    uint32_t flow = 0;
    uint32_t messages = 0;      // completed: the MSN
    uint16_t next_arrival = 0;  // IPv4 identification of the next frame, if none is missing
  };
  struct Answer {
    int64_t ready_at;
    uint32_t receiver;  // index in receivers_
    uint32_t psn, msn;
    PacketKind kind;
  };
  static constexpr int64_t kNoProbe = -1;
  static constexpr uint32_t kWakeBudget = 256;  // flows that the pacer lets go in one poll
  static constexpr uint32_t kNobody = ~uint32_t{0};

  void run_timers(int64_t now);
  void sample_rates(int64_t now);
  int64_t eligible_at(const Sender& s) const;
  // Puts a sender that has packets where it belongs: in the turn if it may send by `by`, else under the
  // pacer.
  void schedule_sender(uint32_t index, int64_t by);
  static uint32_t highest(uint32_t queues) { return 31 - static_cast<uint32_t>(__builtin_clz(queues)); }
  auto next_in_turn() {
    return [this](uint32_t index) -> uint32_t& { return senders_[index].next_in_turn; };
  }
  // Egress queues.
  uint32_t sendable_data() const { return turn_.queues() & ~pauses_.paused_queues(); }
  uint32_t sendable_answers() const { return answering_ & ~pauses_.paused_queues(); }
  // Notes that a frame of `queue` that was ready at `ready_at` is sent now. Returns when it ought to have
  // gone, or is taken to, where that is too long ago to be caught up.
  int64_t account(uint32_t frame_bytes, int64_t ready_at, uint32_t queue, int64_t now);
  // Whether it was there when the port was free for data. After a stall it was not: data that was due
  // meanwhile goes first, or its share of the link would be lost for good.
  bool goes_before_data(const Answer& answer) const;
  template <class Emit>
  void send_answer(uint32_t queue, int64_t now, Emit& emit);
  template <class Emit>
  bool send_data(int64_t now, Emit& emit);
  void start_probe(Sender& s, const Packet& p, uint32_t sent_end, int64_t now);

  void on_pause(const uint8_t* frame, size_t size, int64_t now);
  void on_data(const DecodedFrame& frame, uint32_t receiver, int64_t now);
  void count_sequence(Receiver& r, uint16_t identification);
  void on_reply(const DecodedFrame& frame, uint32_t sender, int64_t now);
  void acknowledge(Sender& s, PacketKind kind, uint32_t psn, int64_t now);
  void answer(uint32_t receiver, PacketKind kind, uint32_t psn, int64_t now);
  void on_timeout(uint32_t index, int64_t now);
  void resend(uint32_t index, int64_t now);

  const NicConfig config_;
  MessageEvents& events_;
  std::vector<Sender> senders_;
  std::vector<Receiver> receivers_;
  std::vector<uint32_t> sender_of_, receiver_of_;  // by flow: index, or kNobody

  StateArena states_;  // of the algorithms of `senders_`
  Turn turn_;
  TimingWheel<> pacer_;  // of those that wait
  DueQueue timeouts_;    // one a sender with packets in flight, moved on when it runs out
  std::array<GrowingRing<Answer>, kPriorities> answers_;
  uint32_t answering_ = 0;  // queues with answers
  int64_t busy_until_ = 0;
  int64_t next_sample_ = SimTime::never().ps;
  bool stopped_ = false;

  // The port, for receive_pause(): it is looked at whenever it is polled, so that nothing need be armed.
  struct PauseEnvironment {
    NicPort& nic;
    PauseState& pauses() { return nic.pauses_; }
    const PauseRules& pause_rules() const { return nic.pause_rules_; }
    int64_t pause_ps_per_byte() const { return nic.config_.pause_ps_per_byte; }
    void arm(PauseTimer, uint32_t, SimTime) {}
    void pause_started(uint32_t queue, uint32_t priority, SimTime now);
    void pause_ended(uint32_t queue, SimTime at);
  };
  const PauseRules pause_rules_;
  PauseState pauses_;
  std::array<int64_t, kPriorities> resumed_at_{};
  std::array<uint32_t, kPriorities> open_pause_{};  // index in measured_.pauses

  uint32_t unchecked_ = 0;  // frames since an ICRC was verified
  NicCounters counters_;
  NicMeasurements measured_;
};

}  // namespace railyard::lab

#include "dpdk-app/agent/nic_port_send_inl.h"
