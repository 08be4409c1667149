// SPDX-License-Identifier: GPL-2.0-only
#include "reference-simulator-impl.h"

#include <algorithm>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(ReferenceSimulatorImpl);

TypeId
ReferenceSimulatorImpl::GetTypeId()
{
    static TypeId tid = TypeId("ns3::ReferenceSimulatorImpl")
                            .SetParent<FabricSimulatorImpl>()
                            .SetGroupName("Railyard")
                            .AddConstructor<ReferenceSimulatorImpl>();
    return tid;
}

void
ReferenceSimulatorImpl::SetNodeTimer(uint32_t node, const Time& time, uint32_t id)
{
    m_nodeContext.SetTimer(*m_nodes[node], SimTime{time.GetTimeStep()}, id);
}

void
ReferenceSimulatorImpl::Run()
{
    m_stopped = false;
    auto& queue = m_nodeContext.queue;
    while (!m_stopped)
    {
        const SimTime nextEvent = queue.empty() ? SimTime::never() : queue.top().time;
        const SimTime next = std::min(nextEvent, NextControlTime());
        if (next == SimTime::never())
        {
            break;
        }
        if (next >= m_endOfRun)
        {
            m_now = m_endOfRun;
            break;
        }
        m_now = next;
        RunControlEvents(next);
        if (m_stopped || nextEvent > next)
        {
            continue;
        }
        const ReferenceEvent event = queue.top();
        queue.pop();
        m_nodes[event.node]->RunEvent(m_nodeContext, event);
        ++m_eventCount;
        Observe(m_nodeContext.log);
        CheckFinished(m_nodeContext.finished, m_nodeContext.lastFinish);
    }
}

} // namespace ns3
