// SPDX-License-Identifier: GPL-2.0-only
#include "window-worker.h"

#include <algorithm>

namespace ns3
{

void
WindowWorker::Run(ActivityFlags& activity, SimTime start, SimTime end)
{
    context.windowStart = start;
    context.windowEnd = end;
    for (DatapathNode* node : m_nodes)
    {
        WindowContext::ActivityFlag& active = activity[node->id];
        if (active.load(std::memory_order_relaxed) != 0 || node->nextTime < end)
        {
            active.store(0, std::memory_order_relaxed);
            m_ran.push_back(node);
            node->RunWindow(context);
        }
    }
    m_ranAny = !m_ran.empty();
}

void
WindowWorker::Publish(ActivityFlags& activity)
{
    for (DatapathNode* node : m_ran)
    {
        for (LinkReceiver& link : node->in)
        {
            link.PublishHead();
        }
        for (DatapathPort& port : node->ports)
        {
            WindowContext::ActivityFlag& active = activity[port.peerNode];
            // Without the look, nodes of other workers that share the flag's cache line would miss.
            if (port.out.PublishTail(*port.receiver) && active.load(std::memory_order_relaxed) == 0)
            {
                active.store(1, std::memory_order_relaxed);
            }
        }
    }
    m_ran.clear();
}

SimTime
WindowWorker::NextTime() const
{
    SimTime next = SimTime::never();
    for (const DatapathNode* node : m_nodes)
    {
        next = std::min(next, node->nextTime);
    }
    return next;
}

} // namespace ns3
