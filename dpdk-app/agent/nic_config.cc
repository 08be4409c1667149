// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_config.h"

#include "traffic/protocol/transport/nic_layout.h"
#include "traffic/record/rate_sampler.h"

namespace railyard::lab {
namespace {

// A stall is caught up as a burst of at most so many full frames: enough for a scheduler's slice of 4 ms at
// 100 Mb/s, few enough that a switch's buffer takes it.
constexpr int64_t kDebtFrames = 32;

}  // namespace

NicConfig nic_config_of(const LabPlan& plan, uint32_t endpoint, uint32_t flow_count, BitRate link) {
  const LabEndpoint& e = plan.endpoints[endpoint];
  NicConfig c;
  const QosMaps& maps = plan.switches.maps;
  c.rules = nic_rules_of(plan.nic, maps);
  c.congestion = std::make_shared<CongestionSettings>(plan.congestion);
  c.flow_class = flow_class_of(plan.nic, maps, *c.congestion);
  for (const schedule::PlayedJob& job : plan.played.jobs)
    c.class_of_job.push_back(flow_class_of(plan.nic, maps, *c.congestion, job.dscp, job.congestion_control));
  c.maps = maps;
  c.rate = e.rate;
  c.ps_per_byte = e.rate.ps_per_byte();
  c.pause_ps_per_byte = link.bps == 0 ? c.ps_per_byte : link.ps_per_byte();
  c.maximum_debt = serialisation_time(wire::data_frame_bytes(c.rules.mtu, true), c.ps_per_byte) * kDebtFrames;
  c.sample_interval = plan.sample_interval;
  c.sampled_flows = record::sampled_queue_pairs(flow_count, plan.sampled_queue_pairs);
  c.mac = e.mac;
  c.ip = e.ip;
  c.flow_count = flow_count;
  return c;
}

}  // namespace railyard::lab
