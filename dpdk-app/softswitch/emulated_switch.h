// SPDX-License-Identifier: BSD-3-Clause
// A whole switch with its links, told the time: frames go in where devices received them, and come out when
// devices are to send them. Around the traffic manager: the links' delays and faults, forwarding, queue
// samples.
//
// Devices give frames in bursts, late where the process was off the processor. The frames of a burst are
// taken to have come evenly spread over the time since the port was last looked at, no denser than the link's
// rate allows, the last one now. So a stall of the process makes no queue where there would have been none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/softswitch/fabric_routes.h"
#include "dpdk-app/softswitch/forwarding.h"
#include "dpdk-app/softswitch/frame.h"
#include "dpdk-app/softswitch/traffic_manager.h"
#include "traffic/protocol/switching/fault_settings.h"
#include "traffic/protocol/switching/faulty_link.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/delay_line.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

struct EmulatedSwitchSettings {
  SwitchSettings switching;
  std::vector<BitRate> rates;   // by port
  std::vector<bool> to_switch;  // by port, whether a switch is at its other end; beyond: a host
  SimTime link_delay;           // of each link, each way
  NicSettings hosts;            // that are emulated on its ports
  // How long a peer that is a program may take to obey a pause, and we to send it: computed headrooms have
  // room for it. Default: two and a half times the longest stall seen on a busy machine.
  SimTime peer_response = SimTime::milliseconds(20);
  uint32_t max_frame_bytes = 1'518;
  uint64_t seed = 1;
  uint32_t node = 0;           // in the fabric: each of its switches draws from streams of its own
  bool ignore_pauses = false;  // those of its peers
};

// The emulated chip's pool: what is left beside the headroom that its links would need if hosts obeyed as
// `hosts` say, and switches as this one does, as in the simulation. Headroom for the stalls of programs takes
// none of it: that is this machine's memory.
Bytes shared_pool_of(const EmulatedSwitchSettings& settings);

// The error names the port and what is wrong with its rate.
tl::expected<void, std::string> check(const EmulatedSwitchSettings& settings);

struct LinkCounters {
  uint64_t rx_packets = 0, rx_bytes = 0;
  uint64_t pfc_received = 0;  // frames
  uint64_t flooded = 0;       // frames that went to all other ports
  uint64_t filtered = 0;      // for this link alone: link-local ones, or between hosts of one port; and
                              // those without a route that came off the tree
  uint64_t malformed = 0;
  uint64_t no_buffer = 0;  // copies and PFC frames for which there was no room
};

struct QueueSampling {
  SimTime interval;
  std::vector<std::vector<uint32_t>> bytes;  // by port
};

class EmulatedSwitch {
 public:
  // `settings` must be such as check() passes; one MAC address a port, for the PFC frames. The store must
  // outlive the switch.
  EmulatedSwitch(const EmulatedSwitchSettings& settings, std::vector<MacAddress> macs, FrameStore& store);
  ~EmulatedSwitch();
  EmulatedSwitch(const EmulatedSwitch&) = delete;
  EmulatedSwitch& operator=(const EmulatedSwitch&) = delete;

  // A new switch, empty, but with the addresses that were learned.
  void configure(const EmulatedSwitchSettings& settings);
  const EmulatedSwitchSettings& settings() const { return settings_; }
  void set_faults(const std::vector<PortFaults>& faults);
  // Addresses that they do not know are learned, and flooded to until they are.
  void set_routes(FabricRoutes routes) { routes_ = std::move(routes); }
  const FaultyLink& faults(uint32_t port, Direction direction) const;

  // Pauses these priorities of the port's peer from `from` to `until`, whatever the buffer says, and resumes
  // them then.
  void hold_peer(uint32_t port, PrioritySet priorities, SimTime from, SimTime until);

  // What the port's device had at `now`. The switch owns the frames from here on.
  void receive(uint32_t port, const FrameHandle* frames, size_t count, SimTime now);
  // Everything that happens up to `now`.
  void advance(SimTime now);

  // The first frames that are to be at the other end of the port's link by `now`. They stay until they are
  // taken.
  size_t due(uint32_t port, SimTime now, FrameHandle* frames, size_t room) const;
  SimTime next_due(uint32_t port) const { return ports_[port].line.next(); }
  // When something happens next unless frames come in.
  SimTime next_event() const;
  // The first frame is the caller's now; returns when it was due.
  SimTime take(uint32_t port);

  // For a run that begins at `at`, now or later. Everything is counted anew from now on, before its first
  // frame can be there: peers begin by their own clocks, and ours stands still while nobody serves it. Queues
  // are sampled from `at` on; with an interval of 0 they are not.
  void start_run(SimTime at, SimTime sample_interval);

  uint32_t port_count() const { return static_cast<uint32_t>(ports_.size()); }
  const TrafficManager& traffic() const { return traffic_; }
  const LinkCounters& counters(uint32_t port) const { return ports_[port].counters; }
  const QueueSampling& samples() const { return samples_; }
  const std::vector<PortPause>& pauses() const { return pauses_; }
  const MacTable& addresses() const { return addresses_; }

 private:
  struct Port {
    explicit Port(const EmulatedSwitchSettings& settings, uint32_t index);
    int64_t ps_per_byte;
    SimTime last_bit;  // of the last frame that came in, as it left its sender
    FaultyLink faults_in, faults_out;
    DelayLine<TimedFrame> line;  // to the peer
    LinkCounters counters;
  };
  struct HeldPeer {
    uint32_t port;
    PrioritySet priorities;
    SimTime next, until;  // frame that pauses, or at last resumes
  };

  static TrafficManagerSettings traffic_settings(const EmulatedSwitchSettings& settings);
  void receive_one(uint32_t port, FrameHandle frame, SimTime earliest, SimTime now);
  void corrupt(const FaultyLink& link, const FaultyLink::Verdict& verdict, FrameHandle frame);
  void forward(uint32_t port, FrameHandle handle, SimTime at);
  std::optional<uint16_t> way_of(uint32_t port, const FrameHeader& header, SimTime at);
  void flood(uint32_t port, const Frame& frame, SimTime at);
  void run_to(SimTime now);
  void depart(uint32_t port, Frame frame, SimTime at);
  bool make_pfc(uint32_t port, Frame& frame);
  void free_dropped();
  SimTime next_hold() const;
  void pause_held_peers(SimTime now);
  void sample();
  void empty();

  EmulatedSwitchSettings settings_;
  std::vector<MacAddress> macs_;
  FrameStore& store_;
  MacTable addresses_;
  FabricRoutes routes_;
  TrafficManager traffic_;
  std::vector<Port> ports_;
  std::vector<HeldPeer> held_;
  SimTime now_;
  SimTime next_sample_ = SimTime::never();
  QueueSampling samples_;
  std::vector<PortPause> pauses_;
};

}  // namespace railyard::lab
