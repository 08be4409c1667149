// SPDX-License-Identifier: GPL-2.0-only
#include "roce-layout.h"

#include "traffic/protocol/switching/switch_layout.h"

#include <algorithm>

namespace ns3
{

namespace
{

uint8_t
TosOfDscp(uint32_t dscp, uint8_t ecn)
{
    return static_cast<uint8_t>(dscp << 2 | ecn);
}

} // namespace

RoceClassification
Classify(const railyard::QosMaps& maps)
{
    RoceClassification c;
    c.classOfDscp = railyard::buffer_classes_of(maps);
    return c;
}

HostLayout::HostLayout(const RoceHostSettings& of)
    : nics(of.nics),
      classification(Classify(of.maps)),
      pauseRules{of.maps.pfc_to_queue,
                 std::max(railyard::SimTime{}, of.nics.pfc_response_time - of.nics.nic_latency)},
      congestion(of.congestion)
{
    settings.rules = railyard::nic_rules_of(nics);
    settings.ackTos = TosOfDscp(nics.ack_dscp, railyard::ecn::kNotEct);
    settings.cnpTos = TosOfDscp(nics.cnp_dscp, railyard::ecn::kNotEct);
    settings.ackQueue = classification.ClassOf(settings.ackTos) >> 4;
    settings.cnpQueue = classification.ClassOf(settings.cnpTos) >> 4;
}

railyard::FlowClass
HostLayout::ClassOf(const RoceFlowClass& asked) const
{
    const uint32_t dscp = asked.dscp.value_or(nics.dscp);
    const uint32_t algorithm = asked.algorithm.value_or(nics.congestion_control);
    railyard::FlowClass of;
    of.data_tos = TosOfDscp(dscp, railyard::ecn::kEct0);
    of.data_queue = classification.classOfDscp[dscp] >> 4;
    of.algorithm = &railyard::congestion_algorithms()[algorithm];
    of.settings = asked.settings != nullptr ? asked.settings : congestion.of(algorithm);
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
