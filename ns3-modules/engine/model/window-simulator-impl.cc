// SPDX-License-Identifier: GPL-2.0-only
#include "window-simulator-impl.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(WindowSimulatorImpl);

TypeId
WindowSimulatorImpl::GetTypeId()
{
    static TypeId tid = TypeId("ns3::WindowSimulatorImpl")
                            .SetParent<FabricSimulatorImpl>()
                            .SetGroupName("Railyard")
                            .AddConstructor<WindowSimulatorImpl>();
    return tid;
}

void
WindowSimulatorImpl::DoDispose()
{
    m_ran.clear();
    FabricSimulatorImpl::DoDispose();
}

void
WindowSimulatorImpl::SetNodes(std::vector<std::unique_ptr<DatapathNode>>&& nodes)
{
    FabricSimulatorImpl::SetNodes(std::move(nodes));
    m_activated = std::vector<WindowContext::ActivityFlag>(m_nodes.size());
    m_context.SetActivityFlags(m_activated.data());
}

int64_t
WindowSimulatorImpl::WindowEnd() const
{
    const int64_t longest = std::min(m_lookahead, WindowContext::MAX_WINDOW_PS);
    return std::min({m_now + longest, NextControlTime(), m_endOfRun});
}

void
WindowSimulatorImpl::RunWindow(int64_t end)
{
    m_context.windowStart = m_now;
    m_context.windowEnd = end;
    for (const auto& node : m_nodes)
    {
        WindowContext::ActivityFlag& activated = m_activated[node->id];
        if (activated.load(std::memory_order_relaxed) != 0 || node->nextTime < end)
        {
            activated.store(0, std::memory_order_relaxed);
            m_ran.push_back(node.get());
        }
    }
    for (DatapathNode* node : m_ran)
    {
        node->RunWindow(m_context);
    }
}

void
WindowSimulatorImpl::Publish()
{
    for (DatapathNode* node : m_ran)
    {
        for (DatapathPort& port : node->ports)
        {
            port.Publish();
        }
    }
    m_ran.clear();
}

int64_t
WindowSimulatorImpl::NextActivity() const
{
    int64_t next = NextControlTime();
    for (const auto& node : m_nodes)
    {
        next = std::min(next, node->nextTime);
    }
    return next;
}

void
WindowSimulatorImpl::SetNodeTimer(uint32_t node, const Time& time, uint32_t id)
{
    DatapathNode& target = *m_nodes[node];
    target.timers.Set(time.GetTimeStep(), id);
    target.nextTime = std::min(target.nextTime, time.GetTimeStep());
}

void
WindowSimulatorImpl::Run()
{
    m_stopped = false;
    while (!m_stopped && m_now < m_endOfRun)
    {
        RunControlEvents(m_now);
        if (m_stopped)
        {
            break;
        }
        const int64_t end = WindowEnd();
        RunWindow(end);
        if (m_ran.empty())
        {
            // Nothing was sent in the window before, or somebody would have been woken: skip what
            // is idle.
            const int64_t next = NextActivity();
            if (next == NEVER_PS)
            {
                break;
            }
            m_now = std::min(next, m_endOfRun);
            continue;
        }
        m_now = end;
        Publish();
        Observe(m_context.log);
        CheckFinished(m_context.finished, m_context.lastFinish);
    }
    m_eventCount += m_context.eventCount;
    m_context.eventCount = 0;
}

} // namespace ns3
