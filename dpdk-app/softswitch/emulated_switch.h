// SPDX-License-Identifier: BSD-3-Clause
// A whole switch with its links, told the time: frames go in where devices received them, and come out when
// devices are to send them. Around the traffic manager: the links' delays and faults, forwarding, queue
// samples.
//
// Devices give frames in bursts, late where the process was off the processor. The frames of a burst are
// taken to have come evenly spread over the time since the port was last looked at, no denser than the link's
// rate allows, the last one now. So a stall of the process makes no queue where there would have been none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/measurement/pause_sources.h"
#include "dpdk-app/measurement/run_frames.h"
#include "dpdk-app/softswitch/emulated_switch_settings.h"
#include "dpdk-app/softswitch/fabric_routes.h"
#include "dpdk-app/softswitch/forwarding.h"
#include "dpdk-app/softswitch/frame.h"
#include "dpdk-app/softswitch/frame_room.h"
#include "dpdk-app/softswitch/traffic_manager.h"
#include "traffic/protocol/switching/fault_settings.h"
#include "traffic/protocol/switching/faulty_link.h"
#include "traffic/units/delay_line.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

struct LinkCounters {
  uint64_t rx_packets = 0, rx_bytes = 0;
  uint64_t pfc_received = 0;   // frames
  PauseSources pause_sources;  // of these
  uint64_t flooded = 0;        // frames that went to all other ports
  uint64_t filtered = 0;       // for this link alone: link-local ones, or between hosts of one port; and
                               // those without a route that came off the tree
  uint64_t malformed = 0;
  uint64_t cut_short = 0;  // they were longer than what the device brought of them
  uint64_t no_frame = 0;   // of lossy classes: the memory that is left is for lossless ones
  uint64_t no_buffer = 0;  // copies and PFC frames for which there was no room
  uint64_t too_long = 0;   // for the device that was to send them
  uint64_t refused = 0;    // by the device, for longer than SwitchLoop::kLongestStall
  // Of the run's own frames, and PFC frames as a peer can read them: what the device brought, and what it
  // took.
  uint64_t run_received = 0, run_sent = 0, pauses_sent = 0;
  uint64_t foreign = 0;  // received: neither the run's own nor PFC frames
};

// Why a frame of the run went no further, where it was not the traffic manager that dropped it.
enum class Loss : uint8_t { NoFrame, TooLong, CutShort, LinkFault, Disfigured, Filtered, Refused, Count };
constexpr size_t kLosses = static_cast<size_t>(Loss::Count);
constexpr std::array<const char*, kLosses> kLossNames = {"no_frame",   "too_long", "cut_short", "link_fault",
                                                         "disfigured", "filtered", "refused"};

// The emulated network's doing, not this machine's.
constexpr bool is_asked_for(Loss loss) {
  return loss == Loss::LinkFault || loss == Loss::Disfigured || loss == Loss::Filtered;
}

// What became of the run's own frames within the switch.
struct RunLedger {
  std::array<uint64_t, kLosses> losses{};
  std::array<uint64_t, kDropReasons> drops{};  // by the traffic manager
  uint64_t copied = 0;                         // by flooding, or by a fault
  uint64_t held = 0;
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
  // Which frames are a run's own; none, until it is said.
  void set_run(RunFrames frames) { run_ = std::move(frames); }
  const FrameRoom& room() const { return room_; }

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
  // The first frame is its device's now; returns when it was due.
  SimTime take(uint32_t port);
  // The first frame cannot be sent: it is freed.
  void give_up(uint32_t port, Loss why);

  // For a run that begins at `at`, now or later. Everything is counted anew from now on, before its first
  // frame can be there: peers begin by their own clocks, and ours stands still while nobody serves it. Queues
  // are sampled from `at` on; with an interval of 0 they are not.
  void start_run(SimTime at, SimTime sample_interval);

  uint32_t port_count() const { return static_cast<uint32_t>(ports_.size()); }
  const TrafficManager& traffic() const { return traffic_; }
  const LinkCounters& counters(uint32_t port) const { return ports_[port].counters; }
  RunLedger ledger() const;
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

  static FrameRoom room_of(const EmulatedSwitchSettings& settings, FrameStore& store);
  void receive_one(uint32_t port, FrameHandle frame, SimTime earliest, SimTime now);
  // Returns whether it still is a frame of the run, if it was `of_run`.
  bool corrupt(const FaultyLink& link, const FaultyLink::Verdict& verdict, FrameHandle frame, bool of_run);
  void forward(uint32_t port, FrameHandle handle, bool of_run, SimTime at);
  std::optional<uint16_t> way_of(uint32_t port, const FrameHeader& header, SimTime at);
  void flood(uint32_t port, const Frame& frame, SimTime at);
  void run_to(SimTime now);
  void depart(uint32_t port, Frame frame, SimTime at);
  FrameHandle copy_to_flood(uint32_t port, const Frame& frame);
  bool make_pfc(uint32_t port, Frame& frame);
  bool is_own_pfc(uint32_t port, FrameHandle frame) const;
  void count_loss(bool of_run, Loss why) { ledger_.losses[static_cast<size_t>(why)] += of_run ? 1 : 0; }
  void free_dropped();
  SimTime next_hold() const;
  void pause_held_peers(SimTime now);
  void sample();
  void empty();

  EmulatedSwitchSettings settings_;
  std::vector<MacAddress> macs_;
  FrameStore& store_;
  FrameRoom room_;
  RunFrames run_;
  RunLedger ledger_;
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
