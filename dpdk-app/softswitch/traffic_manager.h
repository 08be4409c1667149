// SPDX-License-Identifier: BSD-3-Clause
// The switch's pipeline for frames that exist: SwitchCore between the frames that come in and those that
// leave. tests/differential/traffic_manager_test.cc holds it against the simulator's switch.
//
// Told the time.
#pragma once

#include <array>
#include <cstdint>
#include <queue>
#include <vector>

#include "dpdk-app/softswitch/frame.h"
#include "traffic/protocol/switching/switch_core.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/switching/transmitter.h"
#include "traffic/units/delay_line.h"
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

struct TrafficCounters : TransmitCounters, SwitchCounters {};

struct PortPause {
  uint16_t port = 0;
  uint8_t queue = 0;
  SimTime start, end;
};

class TrafficManager {
 public:
  TrafficManager(const TrafficManagerSettings& settings, RandomStream random);

  // The last bit of a frame that goes to `frame.out`, or of a PFC frame, arrives at a port. Times may not lie
  // before the last advance().
  void arrive(uint32_t port, Frame frame, SimTime at);

  // To the peer of a port, ahead of its frames. `at` may not lie before the last advance().
  void send_pause(uint32_t port, const PauseRequest& request, SimTime at);

  // Everything that happens up to then, that instant included.
  void advance(SimTime until);
  SimTime next_event() const;  // never: none

  // What has left since the caller last took it: `at` is the end of the transmission.
  GrowingRing<TimedFrame>& departures(uint32_t port) { return ports_[port].departures; }
  // Frames that are not needed any more.
  std::vector<FrameHandle>& dropped() { return dropped_; }
  // Gives up everything that it holds: into dropped().
  void clear();

  uint32_t port_count() const { return static_cast<uint32_t>(ports_.size()); }
  TrafficCounters counters(uint32_t port) const { return {ports_[port].counters, core_.counters(port)}; }
  const PauseState& pauses(uint32_t port) const { return core_.pauses(port); }
  uint32_t queued_bytes(uint32_t port) const { return ports_[port].counters.queued_bytes; }
  uint32_t queued_bytes(uint32_t port, uint32_t queue) const { return ports_[port].queues[queue].bytes; }
  const BufferPool& pool() const { return core_.pool(); }
  const PriorityGroup& group(uint32_t port, uint32_t group) const { return core_.group(port, group); }

  // Of the run's own frames: those that were dropped, and those that are here.
  const std::array<uint64_t, kDropReasons>& run_drops() const { return run_drops_; }
  uint64_t run_frames() const;

  // Counts from here on; pauses that stand are counted from now.
  void reset_counters(SimTime now);

  // Where pauses of our transmitters are logged when they end; null: nowhere.
  void log_pauses(std::vector<PortPause>* log) { pause_log_ = log; }

 private:
  struct Queue {
    GrowingRing<Frame> frames;
    uint32_t bytes = 0;
  };
  struct Port : Transmitter {
    uint32_t index = 0;
    TransmitCounters counters;
    std::array<Queue, kEgressQueues> queues;
    DelayLine<TimedFrame> arrivals;
    GrowingRing<TimedFrame> departures;
  };
  struct Timer {
    SimTime at;
    uint32_t kind, port, which;  // as the core set it
    friend bool operator>(const Timer& a, const Timer& b) {
      if (a.at != b.at) return a.at > b.at;
      if (a.kind != b.kind) return a.kind > b.kind;
      return a.port != b.port ? a.port > b.port : a.which > b.which;
    }
  };
  // What the core asks of its player.
  struct Environment;

  bool step(SimTime until);
  void on_arrival(uint32_t port, SimTime now);

  SwitchCore core_;
  SimTime pipeline_latency_;
  std::vector<Port> ports_;
  std::vector<SimTime> transmit_end_, next_arrival_;  // by port; never: none
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<FrameHandle> dropped_;
  std::vector<PortPause>* pause_log_ = nullptr;
  std::array<uint64_t, kDropReasons> run_drops_{};
  size_t drop_reason_ = 0;  // of the frame that is discarded next
};

}  // namespace railyard::lab
