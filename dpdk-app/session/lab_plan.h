// SPDX-License-Identifier: BSD-3-Clause
// A control::Plan, checked and compiled: what every agent of a run knows alike.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/protocol/wire/ethernet.h"
#include "traffic/protocol/wire/roce_frame.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

namespace control {
class Plan;
}

// A NIC of the fabric's, and who plays it. Its index is host * nics_per_host + nic.
struct LabEndpoint {
  uint32_t host = 0, nic = 0;
  std::string player, port;
  uint32_t ip = 0, prefix_length = 0;
  uint32_t gateway = 0;  // 0: everybody is on the link
  uint32_t vlan = 0;     // 0: untagged
  BitRate rate;
  MacAddress mac{};

  std::string name() const;  // "host3:nic0", as the record names the port
  bool on_link(uint32_t other_ip) const;
};

// NicSettings::nic_latency and pfc_response_time are the simulator's model of a machine. In a lab the machine
// is there: both are what it takes, and are not applied on top of it.
struct LabPlan {
  std::string scenario, setting;
  uint64_t seed = 0;
  std::vector<LabEndpoint> endpoints;
  schedule::PlayedJobs played;
  NicSettings nic;
  CongestionSettings congestion;
  SwitchSettings switches;  // for its maps
  SimTime sample_interval;
  uint32_t sampled_queue_pairs = 0;
  SimTime lateness_limit;
  SimTime maximum_duration;
  bool capture = false;
};

// The RETH has 32 bits for a message's length [IBTA 1.4, 9.3.1].
constexpr Bytes kLargestMessage{~uint32_t{0}};

// What a plan may make a player hold: pairs of ranks (schedule::CompileOptions::most_pairs), each some 2 KB
// as a queue pair of an agent's, and bytes of traces, each some ten times as much once it is read.
constexpr uint64_t kMostPairs = uint64_t{1} << 18;
constexpr uint64_t kLargestTraces = uint64_t{64} << 20;

// Destination MAC to FCS, of the largest frame that a plan can ask for: a full packet of the largest MTU,
// tagged.
constexpr uint32_t kLargestMtu = 4'096;
constexpr uint32_t kLargestFrame = longest_frame_bytes(kLargestMtu, true);

// The plan's settings of switches and NICs; others keep their values. The errors name the parameter and the
// remedy.
tl::expected<void, std::string> take_switches(const control::Plan& plan, SwitchSettings& settings);
tl::expected<void, std::string> take_nics(const control::Plan& plan, NicSettings& settings);

// Of the longest that this plan does ask for. The error names what is wrong with its NICs' settings.
tl::expected<uint32_t, std::string> longest_frame_of(const control::Plan& plan);

// Holds a plan's times, rates and traces to what neither overflows nor takes all memory, whoever plays it,
// and its names to what is safe in a file's name (name_mistake), or on a terminal (port_mistake).
tl::expected<void, std::string> check_limits(const control::Plan& plan);

// The error names what of the plan cannot be played, and the remedy: an unknown or bad setting, a trace that
// does not compile or is too large, a rank placed nowhere, endpoints out of order, too fast or without
// address; or that it was `cancelled` meanwhile.
tl::expected<LabPlan, std::string> compile_plan(const control::Plan& plan,
                                                const std::atomic<bool>* cancelled = nullptr);

}  // namespace railyard::lab
