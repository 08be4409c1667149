// SPDX-License-Identifier: BSD-3-Clause
// What is played, as plain data: the lab reads it too, which links no ns-3.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traffic/fabric/fabric_settings.h"
#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

// A job that replays a trace on some of the fabric's GPUs.
struct JobInput {
  std::string name;
  std::shared_ptr<const trace::Trace> trace;
  std::vector<schedule::RankLocation> placement;  // by rank
  uint32_t iterations = 1;                        // of the whole trace
  bool background = false;                        // repeats until the other jobs have ended
  SimTime start = {0};
  std::optional<uint32_t> dscp = {};                // of its data; none: the NIC's
  std::optional<uint32_t> congestion_control = {};  // index in congestion_algorithms(); none: the NIC's
};

// A fault of a switch's links, by the switch's name: "leaf0", "2.in.delay", "5ms".
// [switching/fault_settings.h]
struct LinkFaultInput {
  std::string node, path, text;
};

// Everything that one run depends on: the same input gives the same record, whichever engine runs
// it.
struct RunInput {
  std::string scenario;
  std::string setting;
  uint64_t seed = 1;
  FabricSettings fabric;
  SwitchSettings switches;
  NicSettings nic;
  CongestionSettings congestion;
  std::vector<LinkFaultInput> link_faults;  // later ones override earlier ones
  std::vector<JobInput> jobs;
  bool reference_engine = false;
  uint32_t threads = 1;  // of the window engine; the record does not depend on it
  SimTime sample_interval = SimTime::microseconds(10);  // of queue depths; 0: none
  uint32_t busiest_ports = 8;                           // whose queue depths the record keeps
  SimTime maximum_duration = SimTime::seconds(10);
};

}  // namespace railyard
