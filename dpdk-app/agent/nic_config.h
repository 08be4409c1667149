// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dpdk-app/session/lab_plan.h"
#include "traffic/protocol/congestion/congestion_settings.h"
#include "traffic/protocol/transport/nic.h"

namespace railyard::lab {

// What a plan becomes for the datapath of one NIC.
struct NicConfig {
  NicRules rules;
  FlowClass flow_class;                                  // of queue pairs that have none of their own
  std::vector<FlowClass> class_of_job;                   // of each job's queue pairs
  std::shared_ptr<const CongestionSettings> congestion;  // that the classes point into
  QosMaps maps;
  BitRate rate;
  int64_t ps_per_byte = 0;              // at that rate
  int64_t pause_ps_per_byte = 0;        // at the link's, by which a peer counts its quanta
  bool obey_pfc = true;                 // false: the port's hardware does
  SimTime maximum_debt;                 // that is caught up after a stall
  SimTime sample_interval;              // 0: nothing is sampled
  std::vector<uint32_t> sampled_flows;  // of the run, ascending
  uint32_t icrc_sample = 1;             // one of so many received frames has its ICRC verified
  MacAddress mac{};
  uint32_t ip = 0;
  uint32_t flow_count = 0;  // of the run
};

// `link` is the device's rate where it has one that can be believed; 0: as fast as the endpoint.
NicConfig nic_config_of(const LabPlan& plan, uint32_t endpoint, uint32_t flow_count, BitRate link);

}  // namespace railyard::lab
