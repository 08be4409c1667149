// SPDX-License-Identifier: GPL-2.0-only
#include "roce-fabric-helper.h"

#include "ns3-modules/engine/model/fabric-simulator-impl.h"
#include "ns3-modules/fabric/helper/parameter-value.h"
#include "traffic/protocol/congestion/congestion_settings.h"

#include "ns3/abort.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <fmt/format.h>

namespace ns3
{

namespace
{

void
CheckSimulator()
{
    NS_ABORT_MSG_UNLESS(Time::GetResolution() == Time::PS,
                        "RoceFabricHelper: the datapath counts picoseconds: call "
                        "Time::SetResolution(Time::PS) at the start of the program");
    NS_ABORT_MSG_UNLESS(FabricSimulatorImpl::Get() != nullptr,
                        "RoceFabricHelper: the simulator in use cannot run a RoCE fabric: bind "
                        "SimulatorImplementationType to ns3::WindowSimulatorImpl at the start of "
                        "the program");
}

} // namespace

RoceFabricHelper::RoceFabricHelper()
    : m_topology("ns3::FabricTopology"),
      m_switch("ns3::RoceSwitch"),
      m_nic("ns3::RoceNic")
{
}

void
RoceFabricHelper::SetFabricAttribute(std::string name, const AttributeValue& value)
{
    m_topology.Set(name, value);
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
}

Ptr<RoceNetwork>
RoceFabricHelper::Install() const
{
    CheckSimulator();
    const auto topology = m_topology.Create<FabricTopology>();
    const railyard::FabricPlan& plan = topology->GetPlan();
    NodeContainer nodes;
    for (uint32_t i = 0; i < plan.nodes.size(); ++i)
    {
        const bool isHost = i < plan.host_count;
        const auto node = CreateObject<Node>();
        node->AggregateObject(isHost ? m_nic.Create() : m_switch.Create());
        nodes.Add(node);
    }
    const auto network = CreateObject<RoceNetwork>();
    network->SetUp(topology, nodes);
    Simulator::ScheduleNow(&RoceNetwork::Initialize, network);
    Simulator::ScheduleDestroy(&RoceNetwork::Dispose, network);
    return network;
}

} // namespace ns3
