// SPDX-License-Identifier: GPL-2.0-only
#include "roce-fabric-helper.h"

#include "parameter-attributes.h"

#include "traffic/protocol/congestion/congestion_settings.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <fmt/format.h>

namespace ns3
{

void
RoceFabricHelper::SetFabricAttribute(std::string name, const AttributeValue& value)
{
    m_network.Set(name, value);
}

void
RoceFabricHelper::SetSwitchAttribute(std::string name, const AttributeValue& value)
{
    m_switch.Set(name, value);
}

void
RoceFabricHelper::SetNicAttribute(std::string name, const AttributeValue& value)
{
    m_nic.Set(name, value);
}

void
RoceFabricHelper::SetCongestionPreset(std::string_view algorithm, std::string_view preset)
{
    NS_ABORT_MSG_UNLESS(railyard::find_congestion_algorithm(algorithm),
                        "RoceFabricHelper: there is no algorithm '" << algorithm << "'");
    const size_t index = railyard::index_of_congestion_algorithm(algorithm);
    railyard::CongestionSettings settings;
    const auto done = settings.apply_preset(index, preset);
    NS_ABORT_MSG_UNLESS(done, "RoceFabricHelper: preset " << done.error());
    for (const railyard::BoundParameter& row : settings.bind(index))
    {
        m_nic.Set(AttributeNameOf(fmt::format("{}_{}", algorithm, row.name)),
                  StringValue(row.text()));
    }
    for (const auto& [name, text] : (*done)->switches)
    {
        m_switch.Set(AttributeNameOf(name), StringValue(std::string(text)));
    }
}

Ptr<RoceNetwork>
RoceFabricHelper::Install() const
{
    NS_ABORT_MSG_UNLESS(Time::GetResolution() == Time::PS,
                        "RoceFabricHelper: the datapath counts picoseconds: call "
                        "Time::SetResolution(Time::PS) at the start of the program");
    const auto network = m_network.Create<RoceNetwork>();
    network->SetUp(m_nic, m_switch);
    Simulator::ScheduleNow(&RoceNetwork::Initialize, network);
    Simulator::ScheduleDestroy(&RoceNetwork::Dispose, network);
    return network;
}

} // namespace ns3
