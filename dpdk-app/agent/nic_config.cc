// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_config.h"

#include "traffic/record/rate_sampler.h"

namespace railyard::lab {
namespace {

uint8_t tos_of(uint32_t dscp, uint8_t ecn) {
  return static_cast<uint8_t>(dscp << 2 | ecn);
}

uint8_t queue_of(const QosMaps& maps, uint32_t dscp) {
  return maps.tc_to_queue[maps.dscp_to_tc[dscp]];
}

FlowClass class_of(const LabPlan& plan, const CongestionSettings& settings, uint32_t dscp,
                   uint32_t algorithm) {
  FlowClass c;
  c.data_tos = tos_of(dscp, ecn::kEct0);
  c.data_queue = queue_of(plan.switches.maps, dscp);
  c.algorithm = &congestion_algorithms()[algorithm];
  c.settings = settings.of(algorithm);
  return c;
}

// A stall is caught up as a burst of at most so many full frames: enough for a scheduler's slice of 4 ms at
// 100 Mb/s, few enough that a switch's buffer takes it.
constexpr int64_t kDebtFrames = 32;

}  // namespace

NicConfig nic_config_of(const LabPlan& plan, uint32_t endpoint, uint32_t flow_count, BitRate link) {
  const LabEndpoint& e = plan.endpoints[endpoint];
  NicConfig c;
  c.rules = nic_rules_of(plan.nic);
  c.congestion = std::make_shared<CongestionSettings>(plan.congestion);
  c.flow_class = class_of(plan, *c.congestion, plan.nic.dscp, plan.nic.congestion_control);
  for (const schedule::PlayedJob& job : plan.played.jobs)
    c.class_of_job.push_back(class_of(plan, *c.congestion, job.dscp.value_or(plan.nic.dscp),
                                      job.congestion_control.value_or(plan.nic.congestion_control)));
  c.ack_tos = tos_of(plan.nic.ack_dscp, ecn::kNotEct);
  c.cnp_tos = tos_of(plan.nic.cnp_dscp, ecn::kNotEct);
  c.maps = plan.switches.maps;
  c.ack_queue = queue_of(c.maps, plan.nic.ack_dscp);
  c.cnp_queue = queue_of(c.maps, plan.nic.cnp_dscp);
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
