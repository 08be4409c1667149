// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/flow_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "traffic/protocol/transport/flow_entropy.h"

namespace railyard::lab {
namespace {

VlanTag tag_of(const LabEndpoint& endpoint, const LabPlan& plan, uint32_t dscp) {
  return {static_cast<uint16_t>(endpoint.vlan), plan.switches.maps.dscp_to_tc[dscp]};
}

}  // namespace

tl::expected<FlowTable, std::string> FlowTable::of(const LabPlan& plan) {
  FlowTable table;
  table.plan_ = &plan;
  table.sent_by_.resize(plan.endpoints.size());
  table.received_by_.resize(plan.endpoints.size());
  for (uint32_t flow = 0; flow < plan.played.flow_count(); ++flow) {
    table.flows_.push_back({plan.played.flow(flow), flow_entropy(plan.seed, flow)});
    const Flow& f = table.flows_.back();
    table.sent_by_[f.source].push_back(flow);
    table.received_by_[f.destination].push_back(flow);
  }
  if (table.size() > kMaximumFlows)
    return tl::unexpected(
        fmt::format("the jobs need {} queue pairs, and their numbers end at {}; make the "
                    "jobs smaller",
                    table.size(), kMaximumFlows));
  return table;
}

std::vector<uint32_t> FlowTable::peers_of(uint32_t endpoint) const {
  std::vector<uint32_t> peers;
  for (const uint32_t flow : sent_by_[endpoint]) peers.push_back(flows_[flow].destination);
  for (const uint32_t flow : received_by_[endpoint]) peers.push_back(flows_[flow].source);
  std::sort(peers.begin(), peers.end());
  peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
  return peers;
}

FlowAddress FlowTable::address_of(uint32_t flow, const MacAddress& next_hop) const {
  const Flow& f = flows_[flow];
  const LabEndpoint& from = plan_->endpoints[f.source];
  FlowAddress address;
  address.source_mac = from.mac;
  address.destination_mac = next_hop;
  address.source_ip = from.ip;
  address.destination_ip = plan_->endpoints[f.destination].ip;
  address.udp_source_port = udp_source_port(f.entropy.data);
  address.source_qp = sender_queue_pair(flow);
  address.destination_qp = receiver_queue_pair(flow);
  if (from.vlan != 0)
    address.vlan = tag_of(from, *plan_, plan_->played.jobs[f.job].dscp.value_or(plan_->nic.dscp));
  return address;
}

FlowAddress FlowTable::reply_address_of(uint32_t flow, const MacAddress& next_hop) const {
  const Flow& f = flows_[flow];
  const LabEndpoint& answering = plan_->endpoints[f.destination];
  FlowAddress address = address_of(flow, answering.mac);
  address.source_mac = next_hop;
  address.udp_source_port = udp_source_port(f.entropy.answers);
  address.vlan.reset();
  if (answering.vlan != 0) address.vlan = tag_of(answering, *plan_, plan_->nic.ack_dscp);
  return address;
}

}  // namespace railyard::lab
