// SPDX-License-Identifier: GPL-2.0-only
#include "roce-layout.h"

#include "traffic/protocol/switching/switch_layout.h"

#include <algorithm>

namespace ns3
{

using railyard::CongestionControl;

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

railyard::PauseRules
ObeyPauses(const railyard::QosMaps& maps, railyard::SimTime response, railyard::SimTime latency)
{
    return {maps.pfc_to_queue, std::max(railyard::SimTime{}, response - latency)};
}

HostLayout::HostLayout(const RoceHostSettings& of)
    : classification(Classify(of.maps)),
      pauseRules(ObeyPauses(of.maps, of.nics.pfc_response_time, of.nics.nic_latency)),
      dcqcn(of.dcqcn),
      usesDcqcn(of.nics.congestion_control == static_cast<uint32_t>(CongestionControl::Dcqcn))
{
    settings.nic = of.nics;
    settings.dataTos = TosOfDscp(of.nics.dscp, railyard::ecn::kEct0);
    settings.ackTos = TosOfDscp(of.nics.ack_dscp, railyard::ecn::kNotEct);
    settings.cnpTos = TosOfDscp(of.nics.cnp_dscp, railyard::ecn::kNotEct);
    settings.dataQueue = classification.classOfDscp[of.nics.dscp] >> 4;
    settings.ackTimeoutPs = railyard::ack_timeout_of(of.nics).ps;
    settings.cnpIntervalPs = usesDcqcn ? of.dcqcn.min_time_between_cnps.ps : NEVER_PS;
}

} // namespace ns3
