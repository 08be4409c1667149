// SPDX-License-Identifier: GPL-2.0-only
#include "roce-network.h"

#include "ns3-modules/engine/model/fabric-simulator-impl.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"

#include "ns3/abort.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(RoceNetwork);

namespace
{

template <class Settings>
bool
Same(const Settings& a, const Settings& b)
{
    const auto& rows = parameters_of(&a);
    return std::all_of(rows.begin(),
                       rows.end(),
                       [&](const auto& row)
                       { return railyard::text_of(row, a) == railyard::text_of(row, b); });
}

bool
SameSwitch(const railyard::SwitchSettings& a, const railyard::SwitchSettings& b)
{
    return Same(a, b) && Same(a.maps, b.maps);
}

bool
SameCongestion(railyard::CongestionSettings a, railyard::CongestionSettings b)
{
    for (size_t i = 0; i < railyard::congestion_algorithms().size(); ++i)
    {
        const auto ours = a.bind(i);
        const auto theirs = b.bind(i);
        if (!std::equal(ours.begin(),
                        ours.end(),
                        theirs.begin(),
                        [](const auto& x, const auto& y) { return x.text() == y.text(); }))
        {
            return false;
        }
    }
    return true;
}

bool
SameHost(const RoceHostSettings& a, const RoceHostSettings& b)
{
    return Same(a.nics, b.nics) && SameCongestion(a.congestion, b.congestion) &&
           Same(a.maps, b.maps);
}

} // namespace

TypeId
RoceNetwork::GetTypeId()
{
    static const TypeId tid = TypeId("ns3::RoceNetwork")
                                  .SetParent<Object>()
                                  .SetGroupName("Railyard")
                                  .AddConstructor<RoceNetwork>();
    return tid;
}

void
RoceNetwork::SetUp(Ptr<FabricTopology> topology, NodeContainer nodes)
{
    m_topology = topology;
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        (i < GetPlan().host_count ? m_hosts : m_switches).Add(nodes.Get(i));
        m_elements.push_back(nodes.Get(i)->GetObject<RoceElement>());
        m_elements.back()->Attach(this, i);
    }
}

void
RoceNetwork::DoDispose()
{
    m_fabric = nullptr;
    m_flows.clear();
    m_elements.clear();
    m_hosts = {};
    m_switches = {};
    Object::DoDispose();
}

const railyard::FabricPlan&
RoceNetwork::GetPlan() const
{
    return m_topology->GetPlan();
}

std::string
RoceNetwork::Describe() const
{
    return m_topology->Describe();
}

NodeContainer
RoceNetwork::GetHosts() const
{
    return m_hosts;
}

NodeContainer
RoceNetwork::GetSwitches() const
{
    return m_switches;
}

Ptr<RoceNic>
RoceNetwork::GetNic(uint32_t host) const
{
    return DynamicCast<RoceNic>(m_elements.at(host));
}

Ptr<RoceSwitch>
RoceNetwork::GetSwitch(uint32_t number) const
{
    return DynamicCast<RoceSwitch>(m_elements.at(GetPlan().host_count + number));
}

uint32_t
RoceNetwork::AddFlow(uint32_t source, uint32_t destination, RoceFlowListener* listener)
{
    m_flows.push_back({source, destination, listener});
    if (m_fabric)
    {
        m_fabric->AddFlow(source, destination);
    }
    return static_cast<uint32_t>(m_flows.size() - 1);
}

RoceTransportStatistics
RoceNetwork::GetTransportStatistics() const
{
    return GetFabric().TransportStatistics();
}

Time
RoceNetwork::GetLookahead() const
{
    NS_ABORT_MSG_UNLESS(m_fabric, "The lookahead is known from the start of the run on");
    return TimeStep(FabricSimulatorImpl::Get()->GetLookahead());
}

RoceFabric&
RoceNetwork::GetFabric() const
{
    NS_ABORT_MSG_UNLESS(m_fabric,
                        "The fabric is laid out when the run starts, and gone after "
                        "Simulator::Destroy: look at it between the two");
    return *m_fabric;
}

RoceSettings
RoceNetwork::CollectSettings() const
{
    const uint32_t hosts = GetPlan().host_count;
    RoceSettings settings;
    settings.seed = uint64_t{RngSeedManager::GetSeed()} << 32 | RngSeedManager::GetRun();
    settings.switches = GetSwitch(0)->GetSettings();
    settings.nics = GetNic(0)->GetSettings().nics;
    settings.congestion = GetNic(0)->GetSettings().congestion;
    for (uint32_t host = 0; host < hosts; ++host)
    {
        const RoceHostSettings own = GetNic(host)->GetSettings();
        if (!SameHost(own, {settings.nics, settings.congestion, settings.switches.maps}))
        {
            settings.hostExceptions.emplace(host, own);
        }
    }
    for (uint32_t node = hosts; node < m_elements.size(); ++node)
    {
        const railyard::SwitchSettings own = GetSwitch(node - hosts)->GetSettings();
        if (!SameSwitch(own, settings.switches))
        {
            settings.switchExceptions.emplace(node, own);
        }
    }
    return settings;
}

void
RoceNetwork::DoInitialize()
{
    m_fabric = std::make_unique<RoceFabric>(GetPlan(), CollectSettings());
    m_fabric->LogMessages(true); // an event a message: nothing beside its packets
    for (const Flow& flow : m_flows)
    {
        m_fabric->AddFlow(flow.source, flow.destination);
    }
    for (const Ptr<RoceElement>& element : m_elements)
    {
        element->OnLaidOut(*m_fabric);
    }
    m_fabric->Install();
    FabricSimulatorImpl::Get()->SetObserver(this);
    Object::DoInitialize();
}

void
RoceNetwork::OnEvent(const DatapathEvent& event)
{
    m_elements[event.node]->Notify(event);
    if (event.code != RoceEvent::MessageReceived && event.code != RoceEvent::MessageAcked)
    {
        return;
    }
    RoceFlowListener* listener = m_flows[event.value].listener;
    if (listener == nullptr)
    {
        return;
    }
    if (event.code == RoceEvent::MessageReceived)
    {
        listener->OnMessageReceived(TimeStep(event.time));
    }
    else
    {
        listener->OnMessageAcked(TimeStep(event.time));
    }
}

} // namespace ns3
