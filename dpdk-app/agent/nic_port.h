// SPDX-License-Identifier: BSD-3-Clause
// One emulated RoCE NIC: frames, addresses, counters around the rules of a NIC, which are
// traffic/protocol/transport/nic.h's; told the time, and free of DPDK. It is the simulator's HostNode on a
// clock that nobody stops.
//
// A poll comes when it comes. Frames therefore have a due time, as if the poll had been there, and the port's
// and the pacer's times are counted from due times: after a stall the NIC catches up, at most
// NicConfig::maximum_debt, and the lateness histogram holds actual minus due.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "dpdk-app/agent/due_queue.h"
#include "dpdk-app/agent/flow_table.h"
#include "dpdk-app/agent/nic_config.h"
#include "dpdk-app/agent/nic_counters.h"
#include "dpdk-app/agent/shared_link.h"
#include "dpdk-app/device/timing_wheel.h"
#include "dpdk-app/measurement/histogram.h"
#include "dpdk-app/measurement/pause_sources.h"
#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/transport/nic.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/record/rate_sampler.h"
#include "traffic/units/growing_ring.h"

namespace railyard::lab {

// Whose messages a NIC carries. It may post to the NIC while it is called.
class MessageEvents {
 public:
  virtual ~MessageEvents() = default;
  virtual void message_received(uint32_t flow, SimTime now) = 0;
  virtual void message_acked(uint32_t flow, SimTime now) = 0;
  virtual void queue_pair_failed(uint32_t flow, SimTime now) = 0;
};

struct PauseInterval {
  uint8_t queue = 0;
  SimTime start, end;  // end: never while it lasts
};

// What a NIC measured beside its counters. Picoseconds.
struct NicMeasurements {
  Histogram rtt;       // from a packet that is answered at once, sent once, to its ACK
  Histogram lateness;  // of frames, behind their due time
  Histogram pause;     // how long each pause lasted
  std::vector<PauseInterval> pauses;
  PauseSources pause_sources;
};

class NicPort {
 public:
  // `link`: where several play the port, each some of its queue pairs.
  NicPort(const NicConfig& config, MessageEvents& events, LinkTurn link = {nullptr, 0});

  // Before the first poll. `address` is FlowTable's; the first packet's number is the same at both ends.
  // Without a class the flow has the NIC's.
  void add_sender(uint32_t flow, const FlowAddress& address) {
    add_sender(flow, address, config_.flow_class);
  }
  void add_sender(uint32_t flow, const FlowAddress& address, const FlowClass& flow_class,
                  uint32_t first_psn = 0);
  void add_receiver(uint32_t flow, const FlowAddress& reply_address) {
    add_receiver(flow, reply_address, config_.flow_class);
  }
  void add_receiver(uint32_t flow, const FlowAddress& reply_address, const FlowClass& flow_class,
                    uint32_t first_psn = 0);

  // A message on a flow that starts here.
  void post(uint32_t flow, uint64_t bytes, SimTime now);
  // Samples of what its flows are allowed count from here, the start of the run.
  void start_sampling(SimTime at);
  // No more data; answers go on.
  void stop();

  // A frame that came, of any content. Nothing is kept of it. `arrived`: where the port itself saw it before
  // it was looked at now; round-trip times end there.
  void on_frame(const uint8_t* frame, size_t size, SimTime now) { on_frame(frame, size, now, now); }
  void on_frame(const uint8_t* frame, size_t size, SimTime now, SimTime arrived);
  // Does what is due, then transmits.
  template <class Emit>
  uint32_t poll(SimTime now, uint32_t budget, Emit&& emit);
  // Gives at most `budget` frames that are due to emit(const Packet&, const FlowAddress&, FrameBody&),
  // which must take them; returns how many.
  template <class Emit>
  uint32_t transmit(SimTime now, uint32_t budget, Emit&& emit);
  // When poll() has something to do next, if no frame comes; now or earlier: at once.
  SimTime next_due() const;

  // When the frame in transmission ends, or the last one ended.
  SimTime busy_until() const { return busy_until_; }

  const NicConfig& config() const { return config_; }
  const NicCounters& counters() const { return counters_; }
  const NicMeasurements& measurements() const { return measured_; }
  const PauseState& pause_state() const { return pauses_; }
  uint64_t retransmitted() const;
  double rate_bps(uint32_t flow) const { return senders_[sender_of_[flow]].rate.rate_bps(); }
  // In order of flow, of which they name nothing but the number.
  const std::vector<record::RateSamples>& rates() const { return sampler_.samples(); }

 private:
  struct Sender : SendingQueuePair {
    FlowAddress address;
    uint16_t transmissions = 0;  // IPv4 identification of the next frame
  };
  struct Receiver : ReceivingQueuePair {
    FlowAddress address;
    uint16_t next_arrival = 0;  // IPv4 identification of the next frame, if none is missing
  };
  struct Answer {
    SimTime ready_at;
    uint32_t flow;
    uint32_t psn, msn;
    PacketKind kind;
    uint8_t flags;
  };
  static constexpr uint32_t kWakeBudget = 256;  // flows that the pacer lets go in one poll
  static constexpr uint32_t kNobody = ~uint32_t{0};

  // The NIC as its rules see it: where nothing is sent, and with where frames go.
  struct Environment;
  template <class Emit>
  struct Emitting;

  void run_timers(SimTime now);
  uint32_t sendable() const { return sendable_queues(answering_, turn_, pauses_.paused_queues()); }
  // Notes that a frame of `queue` that was ready at `ready_at` is sent now. It begins when it ought to have
  // gone, or is taken to, where that is too long ago to be caught up.
  Transmission account(uint32_t frame_bytes, SimTime ready_at, uint32_t queue, SimTime now);

  void on_pause(const uint8_t* frame, size_t size, SimTime now);
  void on_data(const DecodedFrame& frame, uint32_t flow, SimTime now);
  void count_sequence(Receiver& r, uint16_t identification);
  void on_reply(const DecodedFrame& frame, uint32_t flow, SimTime now);

  const NicConfig config_;
  MessageEvents& events_;
  std::vector<Sender> senders_;
  std::vector<Receiver> receivers_;
  std::vector<uint32_t> sender_of_, receiver_of_;  // by flow: index, or kNobody

  StateArena sender_states_;  // of the algorithms of `senders_`
  ReceiverStates receiver_states_;
  Turn turn_;
  TimingWheel<> pacer_;     // of those that wait
  DueQueue timeouts_;       // one a sender with packets in flight, moved on when it runs out
  DueQueue notifications_;  // receivers' timers
  DueQueue windows_;        // of those that a window holds back, when it may widen
  std::array<GrowingRing<Answer>, kPriorities> answers_;
  uint32_t answering_ = 0;  // queues with answers
  SimTime busy_until_;
  LinkTurn link_;
  record::RateSampler sampler_;
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
  std::array<SimTime, kPriorities> resumed_at_{};
  std::array<uint32_t, kPriorities> open_pause_{};  // index in measured_.pauses

  SimTime arrived_;         // the frame in hand
  uint32_t unchecked_ = 0;  // frames since an ICRC was verified
  NicCounters counters_;
  NicMeasurements measured_;
};

}  // namespace railyard::lab

#include "dpdk-app/agent/nic_port_inl.h"
