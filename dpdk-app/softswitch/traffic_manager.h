// SPDX-License-Identifier: BSD-3-Clause
// The datapath of an output-queued, shared-buffer switch with strict-priority queues: the simulator's switch,
// rule for rule, for frames that exist. tests/differential/traffic_manager_test.cc holds the two together.
//
// A frame is classified by its DSCP (VLAN priorities are not consulted), admitted against the buffer of its
// ingress priority group, marked by the depth of its egress queue, and leaves at its port's rate. It is
// accounted for from the end of the pipeline until its transmission begins.
//
// Told the time, in picoseconds; within an instant: ends of transmissions, arrivals, timers.
#pragma once

#include <array>
#include <cstdint>
#include <queue>
#include <vector>

#include "dpdk-app/softswitch/delay_line.h"
#include "dpdk-app/softswitch/frame.h"
#include "traffic/protocol/switching/drop_reason.h"
#include "traffic/protocol/switching/ecn_marker.h"
#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/switching/shared_buffer.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/units/growing_ring.h"
#include "traffic/units/random_stream.h"

namespace railyard::lab {

struct TrafficManagerPort {
  int64_t ps_per_byte = 0;
  Bytes headroom;  // of each lossless group, where xoff is 0
};

struct TrafficManagerSettings {
  SwitchSettings switching;
  std::vector<TrafficManagerPort> ports;
};

struct TrafficCounters {
  uint64_t tx_packets = 0, tx_bytes = 0, tx_data_packets = 0;
  uint64_t ecn_marked = 0;
  std::array<uint64_t, kDropReasons> drops{};
  uint64_t pauses_sent = 0;      // refreshes not counted
  uint64_t pfc_frames_sent = 0;  // with refreshes and resumes
  uint64_t max_queue_bytes = 0;
};

struct PortPause {
  uint16_t port = 0;
  uint8_t queue = 0;
  int64_t start = 0, end = 0;
};

class TrafficManager {
 public:
  TrafficManager(const TrafficManagerSettings& settings, RandomStream random);

  // The last bit of a frame that goes to `frame.out`, or of a PFC frame, arrives at a port. Times may not lie
  // before the last advance().
  void arrive(uint32_t port, Frame frame, int64_t at);

  // Everything that happens up to then, that instant included.
  void advance(int64_t until);
  int64_t next_event() const;  // kNeverPs: none

  // What has left since the caller last took it: `at` is the end of the transmission.
  GrowingRing<TimedFrame>& departures(uint32_t port) { return ports_[port].departures; }
  // Frames that are not needed any more.
  std::vector<FrameHandle>& dropped() { return dropped_; }
  // Gives up everything that it holds: into dropped().
  void clear();

  uint32_t port_count() const { return static_cast<uint32_t>(ports_.size()); }
  const TrafficCounters& counters(uint32_t port) const { return ports_[port].counters; }
  const PauseState& pauses(uint32_t port) const { return ports_[port].pauses; }
  uint32_t queued_bytes(uint32_t port) const { return ports_[port].queued_bytes; }
  uint32_t queued_bytes(uint32_t port, uint32_t queue) const { return ports_[port].queues[queue].bytes; }
  const BufferPool& pool() const { return pool_; }
  const PriorityGroup& group(uint32_t port, uint32_t group) const { return ports_[port].groups[group].held; }

  // Counts from here on; pauses that stand are counted from now.
  void reset_counters(int64_t now);

  // Where pauses of our transmitters are logged when they end; null: nowhere.
  void log_pauses(std::vector<PortPause>* log) { pause_log_ = log; }

 private:
  static constexpr uint32_t kControlQueue = kPriorities;  // of PFC frames: served first, never paused

  struct Queue {
    GrowingRing<Frame> frames;
    uint32_t bytes = 0;
  };
  struct IngressGroup {
    PriorityGroup held;
    BufferProfile profile;
    int64_t refresh_at = 0;  // when a pause of ours must be repeated
  };
  struct Port {
    int64_t busy_until = 0;
    int64_t ps_per_byte = 0;
    bool transmit_pending = false;
    uint16_t queued = 0, paused = 0;  // bit q: queue q has frames, must not send
    uint32_t queued_bytes = 0;
    std::array<Queue, kPriorities + 1> queues;
    std::array<IngressGroup, kPriorities> groups;
    PauseState pauses;
    DelayLine arrivals;
    GrowingRing<TimedFrame> departures;
    TrafficCounters counters;
    uint16_t eligible() const { return queued & static_cast<uint16_t>(~paused); }
  };

  // PauseTimer's, then our own.
  static constexpr uint32_t kRefreshPause = static_cast<uint32_t>(PauseTimer::Resumes) + 1;
  struct Timer {
    int64_t at;
    uint32_t kind;
    uint32_t port, priority;
    friend bool operator>(const Timer& a, const Timer& b) {
      if (a.at != b.at) return a.at > b.at;
      if (a.kind != b.kind) return a.kind > b.kind;
      return a.port != b.port ? a.port > b.port : a.priority > b.priority;
    }
  };

  bool step(int64_t until);
  void on_arrival(uint32_t port, int64_t now);
  void on_timer(const Timer& timer, int64_t now);
  bool admit_beyond_limit(uint32_t port, const Frame& frame, int64_t now);
  bool lossy_queue_takes(const Port& out, uint32_t queue, uint32_t bytes) const;
  void mark(Port& out, uint32_t queue, Frame& frame);
  void drop(Port& where, DropReason reason, const Frame& frame);
  void release_buffer(const Frame& left, int64_t now);

  void enqueue(Port& port, uint32_t queue, const Frame& frame);
  void kick(uint32_t port, int64_t now);
  void serve(uint32_t port, int64_t now);
  void transmit(Port& port, const Frame& frame, int64_t now);
  void expect_transmit_end(uint32_t port);

  void send_pfc(uint32_t port, uint32_t group, bool pause, int64_t now);

  // A port, for receive_pause().
  struct PauseEnvironment;

  std::array<uint8_t, 64> class_of_dscp_;
  std::array<EcnMarker, kPriorities> markers_;
  DynamicThreshold lossy_egress_threshold_;
  PauseRules pause_rules_;  // response: beyond the pipeline's latency
  std::array<uint8_t, kPriorities> pfc_of_group_;
  uint32_t pause_quanta_;
  int64_t pipeline_latency_ps_;

  BufferPool pool_;
  RandomStream random_;
  std::vector<Port> ports_;
  std::vector<int64_t> transmit_end_, next_arrival_;  // by port; kNeverPs: none
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<FrameHandle> dropped_;
  std::vector<PortPause>* pause_log_ = nullptr;
};

}  // namespace railyard::lab
