// SPDX-License-Identifier: GPL-2.0-only
#include "roce-element.h"

#include "roce-network.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(RoceElement);

TypeId
RoceElement::GetTypeId()
{
    static const TypeId tid =
        TypeId("ns3::RoceElement")
            .SetParent<Object>()
            .SetGroupName("Railyard")
            .AddTraceSource("PauseStarted",
                            "A pause received by PFC stops an egress queue",
                            MakeTraceSourceAccessor(&RoceElement::m_pauseStarted),
                            "ns3::RoceElement::PauseTracedCallback")
            .AddTraceSource("PauseEnded",
                            "An egress queue that was paused may send again",
                            MakeTraceSourceAccessor(&RoceElement::m_pauseEnded),
                            "ns3::RoceElement::PauseTracedCallback");
    return tid;
}

RoceElement::RoceElement() = default;
RoceElement::~RoceElement() = default;

void
RoceElement::Attach(Ptr<RoceNetwork> network, uint32_t index)
{
    m_network = network;
    m_index = index;
}

void
RoceElement::DoDispose()
{
    m_network = nullptr;
    Object::DoDispose();
}

Ptr<RoceNetwork>
RoceElement::GetNetwork() const
{
    NS_ABORT_MSG_UNLESS(m_network,
                        GetInstanceTypeId().GetName()
                            << " belongs to no network: RoceFabricHelper::Install makes one, and "
                               "Simulator::Destroy ends it");
    return m_network;
}

uint32_t
RoceElement::GetIndex() const
{
    return m_index;
}

std::string
RoceElement::GetName() const
{
    return GetNetwork()->GetPlan().nodes[m_index].name;
}

uint32_t
RoceElement::GetNPorts() const
{
    return GetNetwork()->GetPlan().nodes[m_index].port_count;
}

uint32_t
RoceElement::GetQueuedBytes(uint32_t port) const
{
    return GetNetwork()->GetFabric().QueuedBytes(m_index, port);
}

RocePortStatistics
RoceElement::GetPortStatistics(uint32_t port) const
{
    return GetNetwork()->GetFabric().PortStatistics(m_index, port, Simulator::Now().GetTimeStep());
}

bool
RoceElement::IsLaidOut() const
{
    return m_laidOut;
}

void
RoceElement::OnLaidOut(RoceFabric& /* fabric */)
{
    m_laidOut = true;
}

void
RoceElement::Notify(const DatapathEvent& event)
{
    const auto value = static_cast<uint32_t>(event.value);
    switch (event.code)
    {
    case RoceEvent::PauseStarted:
        m_pauseStarted(TimeStep(event.time), event.port, value);
        break;
    case RoceEvent::PauseEnded:
        m_pauseEnded(TimeStep(event.time), event.port, value);
        break;
    default:
        break;
    }
}

} // namespace ns3
