// SPDX-License-Identifier: BSD-3-Clause
// What one run is asked to be, as plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"
#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

using schedule::JobInput;

// A fault of a switch's links, by the switch's name: "leaf0", "2.in.delay", "5ms".
// [switching/fault_settings.h]
struct LinkFaultInput {
  std::string node, path, text;
};

// Everything that one run depends on: the same input gives the same record, whichever engine runs it.
struct RunInput {
  std::string scenario;
  std::string setting;
  uint64_t seed = 1;
  FabricSettings fabric;
  std::shared_ptr<const FabricPlan> plan;  // of `fabric`; null: compile_run() builds it
  SwitchSettings switches;
  NicSettings nic;
  CongestionSettings congestion;
  CollectiveSettings collectives;
  std::vector<LinkFaultInput> link_faults;  // later ones override earlier ones
  std::vector<JobInput> jobs;
  bool reference_engine = false;
  uint32_t threads = 1;  // of the window engine; the record does not depend on it
  SimTime sample_interval = SimTime::microseconds(10);  // of queue depths and allowed rates; 0: none
  uint32_t busiest_ports = 8;                           // whose queue depths the record keeps
  uint32_t sampled_queue_pairs = 8;                     // at most, of whose rates it does
  bool interference = false;  // play each job alone as well; whoever plays several runs sees to it
  SimTime maximum_duration = SimTime::seconds(10);
};

}  // namespace railyard
