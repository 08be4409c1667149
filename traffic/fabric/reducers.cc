// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/reducers.h"

#include "traffic/fabric/fabric_wiring.h"

namespace railyard {

tl::expected<void, std::string> add_reducers(FabricPlan& plan, const FabricSettings& settings) {
  const auto end = static_cast<uint32_t>(plan.nodes.size());
  // There and back. An odd picosecond is lost.
  const SimTime one_way{settings.reduction_latency.ps / 2};
  plan.reducer_endpoints.push_back(plan.host_count * plan.nics_per_host);
  for (uint32_t at = plan.host_count; at < end; ++at) {
    const auto reducer = static_cast<uint32_t>(plan.nodes.size());
    const uint32_t ports = plan.nodes[at].port_count;
    const uint32_t nics = (ports + kPortsOfReducerNic - 1) / kPortsOfReducerNic;
    plan.nodes.push_back({plan.nodes[at].name + "-reducer", FabricTier::Reducer, nics});
    plan.nodes[at].port_count += nics;
    for (uint32_t nic = 0; nic < nics; ++nic)
      plan.links.push_back({{reducer, nic}, {at, ports + nic}, BitRate::of_ps_per_byte(1), one_way});
    plan.reducer_endpoints.push_back(plan.reducer_endpoints.back() + nics);
  }
  return check_endpoints("in_network_reduction", plan.endpoint_count());
}

}  // namespace railyard
