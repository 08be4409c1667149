// SPDX-License-Identifier: GPL-2.0-only
#include "roce-network.h"

#include "ns3-modules/engine/model/fabric-simulator-impl.h"
#include "ns3-modules/roce/helper/parameter-attributes.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/fabric/fabric_parameters.h"

#include "ns3/abort.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"

#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(RoceNetwork);

TypeId
RoceNetwork::GetTypeId()
{
    static const TypeId tid = []
    {
        const TypeId made = TypeId("ns3::RoceNetwork")
                                .SetParent<Object>()
                                .SetGroupName("Railyard")
                                .AddConstructor<RoceNetwork>();
        AddParameterAttributes(made, &RoceNetwork::m_settings);
        return made;
    }();
    return tid;
}

void
RoceNetwork::SetUp(const ObjectFactory& nics, const ObjectFactory& switches)
{
    auto plan = railyard::build_fabric(m_settings);
    NS_ABORT_MSG_UNLESS(plan, "ns3::RoceNetwork: " << plan.error());
    NS_ABORT_MSG_IF(plan->reducer_count() > 0,
                    "ns3::RoceNetwork: InNetworkReduction is for schedules, which railyard plays: "
                    "leave it at none");
    m_plan = std::move(*plan);
    m_posters.resize(m_plan->host_count);
    for (uint32_t i = 0; i < m_plan->nodes.size(); ++i)
    {
        const bool isHost = i < m_plan->host_count;
        const auto node = CreateObject<Node>();
        m_elements.push_back((isHost ? nics : switches).Create<RoceElement>());
        node->AggregateObject(m_elements.back());
        (isHost ? m_hosts : m_switches).Add(node);
    }
}

void
RoceNetwork::DoDispose()
{
    m_fabric = nullptr;
    m_elements.clear();
    m_hosts = {};
    m_switches = {};
    Object::DoDispose();
}

const railyard::FabricPlan&
RoceNetwork::GetPlan() const
{
    return *m_plan;
}

bool
RoceNetwork::IsLaidOut() const
{
    return m_plan.has_value();
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
    return m_hosts.Get(host)->GetObject<RoceNic>();
}

Ptr<RoceSwitch>
RoceNetwork::GetSwitch(uint32_t number) const
{
    return m_switches.Get(number)->GetObject<RoceSwitch>();
}

uint32_t
RoceNetwork::AddFlow(uint32_t source, uint32_t destination)
{
    m_flows.push_back({source, destination});
    if (m_fabric)
    {
        m_fabric->AddFlow(source, destination);
    }
    return static_cast<uint32_t>(m_flows.size() - 1);
}

void
RoceNetwork::Post(uint32_t flow, uint64_t bytes)
{
    // As an event, so that a trace sink's attempt is refused, and that before the run is not lost.
    Simulator::ScheduleNow(&RoceNetwork::DoPost, this, flow, bytes);
}

void
RoceNetwork::DoPost(uint32_t flow, uint64_t bytes)
{
    const uint32_t host = m_flows.at(flow).source / m_plan->nics_per_host;
    m_posters[host].left.push_back({flow, bytes});
    GetFabric().WakeApplication(host, Simulator::Now());
}

void
RoceNetwork::Poster::OnWake(railyard::SimTime /* now */, HostActions& actions)
{
    actions.posts.swap(left);
    left.clear();
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
    RoceSettings settings;
    settings.seed = uint64_t{RngSeedManager::GetSeed()} << 32 | RngSeedManager::GetRun();
    settings.nics = GetNic(0)->GetSettings().nics; // or LargestMtu() would count the default
    for (uint32_t host = 0; host < m_hosts.GetN(); ++host)
    {
        settings.hostExceptions.emplace(host, GetNic(host)->GetSettings());
    }
    for (uint32_t i = 0; i < m_switches.GetN(); ++i)
    {
        settings.switchExceptions.emplace(m_hosts.GetN() + i, GetSwitch(i)->GetSettings());
    }
    return settings;
}

void
RoceNetwork::DoInitialize()
{
    m_fabric = std::make_unique<RoceFabric>(*m_plan, CollectSettings());
    m_fabric->LogTraces();
    for (const Flow& flow : m_flows)
    {
        m_fabric->AddFlow(flow.source, flow.destination);
    }
    for (uint32_t host = 0; host < m_posters.size(); ++host)
    {
        m_fabric->SetApplication(host, &m_posters[host]);
    }
    for (const Ptr<RoceElement>& element : m_elements)
    {
        element->SetLaidOut();
    }
    m_fabric->Install();
    FabricSimulatorImpl::Get()->SetObserver(this);
    Object::DoInitialize();
}

void
RoceNetwork::OnEvent(const DatapathEvent& event)
{
    m_elements[event.node]->Notify(event);
}

} // namespace ns3
