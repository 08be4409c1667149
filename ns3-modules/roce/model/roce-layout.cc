// SPDX-License-Identifier: GPL-2.0-only
#include "roce-layout.h"

#include "traffic/protocol/transport/nic_layout.h"

#include <algorithm>

namespace ns3
{

HostLayout::HostLayout(const RoceHostSettings& of)
    : nics(of.nics),
      maps(of.maps),
      rules(railyard::nic_rules_of(of.nics, of.maps)),
      pauseRules{of.maps.pfc_to_queue,
                 std::max(railyard::SimTime{}, of.nics.pfc_response_time - of.nics.nic_latency)},
      congestion(of.congestion)
{
}

railyard::FlowClass
HostLayout::ClassOf(const RoceFlowClass& asked) const
{
    railyard::FlowClass of =
        railyard::flow_class_of(nics, maps, congestion, asked.dscp, asked.algorithm);
    if (asked.settings != nullptr)
    {
        of.settings = asked.settings;
    }
    return of;
}

HostLayouts::HostLayouts(const RoceSettings& of)
    : m_common({of.nics, of.congestion, of.switches.maps}),
      m_exceptions(of.hostExceptions.begin(), of.hostExceptions.end())
{
}

const HostLayout&
HostLayouts::Of(uint32_t host) const
{
    const auto exception = m_exceptions.find(host);
    return exception == m_exceptions.end() ? m_common : exception->second;
}

} // namespace ns3
