// SPDX-License-Identifier: BSD-3-Clause
// What a scenario file says, with every parameter filled in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/scenario/expectation.h"
#include "tools/scenario/lab_settings.h"
#include "tools/scenario/place.h"
#include "traffic/fabric/fabric_settings.h"
#include "traffic/fabric/fabrics.h"
#include "traffic/pattern/collective/collective_settings.h"
#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/workload/stragglers.h"
#include "traffic/pattern/workload/workload.h"
#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/units/quantity.h"

namespace railyard {

// What settings may vary.
struct NetworkSettings {
  FabricSettings fabric;
  SwitchSettings switches;
  NicSettings nic;
  CongestionSettings congestion;
  CollectiveSettings collectives;
  Place fabric_place, switch_place, collectives_place;  // of the maps that changed these last
};

// One of the variants that a scenario compares: the scenario's own values with this variant's changes.
struct Setting {
  std::string name;
  NetworkSettings network;
};

// A captured step: a .rytrace file, or the files of one capture.
struct TraceSource {
  std::string path;  // relative to the scenario file
  std::string format = "auto";
  bool fill_missing_ranks = false;
  uint32_t world = 0;      // 0: as many ranks as the capture says
  uint32_t replicate = 1;  // copies of the captured job, each with ranks of its own
  std::string steps;       // as ImportOptions.steps; empty: all that were captured
};

struct PlacementSettings {
  schedule::PlacementStrategy strategy = schedule::PlacementStrategy::Linear;
  std::string hosts = "all";
  uint32_t gpus = 0;
  std::string locations = "none";
  std::string topology;  // relative to the scenario file
  bool share = false;
};

constexpr int32_t kOfTheNic = -1;  // of a job's dscp: the one that the NICs' settings say

struct Job {
  std::string name;
  uint32_t iterations = 1;
  bool background = false;
  SimTime start = {0};
  int32_t dscp = kOfTheNic;
  uint32_t congestion_control = 0;  // 0: the NIC's; else 1 + the index in congestion_algorithms()
  std::optional<size_t> workload;   // index in workloads(); none: the trace
  TraceSource trace;
  WorkloadSettings workload_settings;
  StragglerSettings stragglers;
  PlacementSettings placement;
  Place place;
};

struct OutputSettings {
  SimTime sample_interval = SimTime::microseconds(10);
  uint32_t busiest_ports = 8;
  uint32_t queue_pairs = 8;
  bool interference = false;
};

struct LimitSettings {
  SimTime duration = SimTime::seconds(10);
};

struct Scenario {
  std::filesystem::path file;
  std::string name;
  std::string description;
  std::vector<uint64_t> seeds = {1};
  NetworkSettings network;
  std::vector<Setting> settings;  // at least one
  std::vector<Job> jobs;
  OutputSettings output;
  LimitSettings limits;
  LabSettings lab;
  std::vector<Expectation> expectations;
  std::shared_ptr<Fabrics> fabrics = std::make_shared<Fabrics>();  // of the settings, as they are played
};

}  // namespace railyard
