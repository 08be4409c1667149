// SPDX-License-Identifier: GPL-2.0-only
#include "fabric-simulator-impl.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <tuple>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FabricSimulatorImpl);

TypeId
FabricSimulatorImpl::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FabricSimulatorImpl").SetParent<SimulatorImpl>().SetGroupName("Railyard");
    return tid;
}

void
FabricSimulatorImpl::DoDispose()
{
    while (m_control && !m_control->IsEmpty())
    {
        m_control->RemoveNext().impl->Unref();
    }
    m_control = nullptr;
    m_nodes.clear();
    SimulatorImpl::DoDispose();
}

FabricSimulatorImpl*
FabricSimulatorImpl::Get()
{
    return dynamic_cast<FabricSimulatorImpl*>(PeekPointer(Simulator::GetImplementation()));
}

void
FabricSimulatorImpl::SetNodes(std::vector<std::unique_ptr<DatapathNode>>&& nodes)
{
    NS_ABORT_MSG_UNLESS(m_nodes.empty(), "A simulation has one fabric: SetNodes was called twice");
    m_nodes = std::move(nodes);
    for (const auto& node : m_nodes)
    {
        for (DatapathPort& port : node->ports)
        {
            if (port.peer != nullptr)
            {
                port.receiver = &m_nodes[port.peerNode]->in[port.peer->tieRank];
            }
            m_lookahead = std::min(m_lookahead, port.latency);
        }
    }
    NS_ABORT_MSG_UNLESS(
        m_lookahead > SimTime{},
        "A link has no latency: its propagation plus the peer's pipeline or NIC latency must be "
        "more than zero");
}

void
FabricSimulatorImpl::SetObserver(DatapathObserver* observer)
{
    m_observer = observer;
}

void
FabricSimulatorImpl::SetExpectedFinishes(uint64_t count)
{
    m_expectedFinishes = count;
}

Time
FabricSimulatorImpl::GetLookahead() const
{
    return TimeStep(m_lookahead.ps);
}

void
FabricSimulatorImpl::Destroy()
{
    while (!m_destroyEvents.empty())
    {
        const Ptr<EventImpl> event = m_destroyEvents.front().PeekEventImpl();
        m_destroyEvents.pop_front();
        if (!event->IsCancelled())
        {
            event->Invoke();
        }
    }
}

bool
FabricSimulatorImpl::IsFinished() const
{
    return m_stopped || m_now >= m_endOfRun;
}

void
FabricSimulatorImpl::Stop()
{
    m_stopped = true;
}

void
FabricSimulatorImpl::Stop(const Time& delay)
{
    Simulator::Schedule(delay, &Simulator::Stop);
}

EventId
FabricSimulatorImpl::Insert(SimTime time, uint32_t context, EventImpl* event)
{
    // Measured from the event, not from the window's end, so that both engines refuse alike.
    NS_ABORT_MSG_IF(m_observing && time < m_now + m_lookahead,
                    "A trace sink scheduled an event at "
                        << TimeStep(time.ps).As(Time::US) << ", but was told of "
                        << TimeStep(m_now.ps).As(Time::US)
                        << " when the fabric may have been simulated further already: schedule it "
                           "at least one lookahead later, "
                        << TimeStep(m_lookahead.ps).As(Time::NS));
    Scheduler::Event ev;
    ev.impl = event;
    ev.key = {static_cast<uint64_t>(time.ps), m_nextUid++, context};
    m_control->Insert(ev);
    return {Ptr<EventImpl>(event), ev.key.m_ts, ev.key.m_context, ev.key.m_uid};
}

EventId
FabricSimulatorImpl::Schedule(const Time& delay, EventImpl* event)
{
    return Insert(m_now + SimTime{delay.GetTimeStep()}, m_context, event);
}

void
FabricSimulatorImpl::ScheduleWithContext(uint32_t context, const Time& delay, EventImpl* event)
{
    Insert(m_now + SimTime{delay.GetTimeStep()}, context, event);
}

EventId
FabricSimulatorImpl::ScheduleNow(EventImpl* event)
{
    return Insert(m_now, m_context, event);
}

EventId
FabricSimulatorImpl::ScheduleDestroy(EventImpl* event)
{
    m_destroyEvents.emplace_back(
        Ptr<EventImpl>(event, false), m_now.ps, 0xffffffff, EventId::UID::DESTROY);
    return m_destroyEvents.back();
}

void
FabricSimulatorImpl::Remove(const EventId& id)
{
    if (id.GetUid() == EventId::UID::DESTROY)
    {
        m_destroyEvents.remove(id);
        return;
    }
    if (IsExpired(id))
    {
        return;
    }
    Scheduler::Event event;
    event.impl = id.PeekEventImpl();
    event.key = {id.GetTs(), id.GetUid(), id.GetContext()};
    m_control->Remove(event);
    event.impl->Cancel();
    event.impl->Unref();
}

void
FabricSimulatorImpl::Cancel(const EventId& id)
{
    if (!IsExpired(id))
    {
        id.PeekEventImpl()->Cancel();
    }
}

bool
FabricSimulatorImpl::IsExpired(const EventId& id) const
{
    if (id.PeekEventImpl() == nullptr || id.PeekEventImpl()->IsCancelled())
    {
        return true;
    }
    if (id.GetUid() == EventId::UID::DESTROY)
    {
        return std::find(m_destroyEvents.begin(), m_destroyEvents.end(), id) ==
               m_destroyEvents.end();
    }
    return std::make_tuple(static_cast<int64_t>(id.GetTs()), id.GetUid()) <=
           std::make_tuple(m_now.ps, m_currentUid);
}

Time
FabricSimulatorImpl::Now() const
{
    return TimeStep(m_now.ps);
}

Time
FabricSimulatorImpl::GetDelayLeft(const EventId& id) const
{
    return IsExpired(id) ? TimeStep(0) : TimeStep(id.GetTs() - m_now.ps);
}

Time
FabricSimulatorImpl::GetMaximumSimulationTime() const
{
    return TimeStep(TransmitAgenda::MAX_TIME.ps);
}

void
FabricSimulatorImpl::SetScheduler(ObjectFactory schedulerFactory)
{
    auto scheduler = schedulerFactory.Create<Scheduler>();
    while (m_control && !m_control->IsEmpty())
    {
        scheduler->Insert(m_control->RemoveNext());
    }
    m_control = scheduler;
}

uint32_t
FabricSimulatorImpl::GetSystemId() const
{
    return 0;
}

uint32_t
FabricSimulatorImpl::GetContext() const
{
    return m_context;
}

uint64_t
FabricSimulatorImpl::GetEventCount() const
{
    return m_eventCount;
}

SimTime
FabricSimulatorImpl::NextControlTime() const
{
    return m_control->IsEmpty() ? SimTime::never()
                                : SimTime{static_cast<int64_t>(m_control->PeekNext().key.m_ts)};
}

void
FabricSimulatorImpl::RunControlEvents(SimTime time)
{
    while (!m_stopped && NextControlTime() <= time)
    {
        const Scheduler::Event event = m_control->RemoveNext();
        m_now = SimTime{static_cast<int64_t>(event.key.m_ts)};
        m_context = event.key.m_context;
        m_currentUid = event.key.m_uid;
        ++m_eventCount;
        event.impl->Invoke();
        event.impl->Unref();
    }
}

void
FabricSimulatorImpl::Observe(std::vector<DatapathEvent>& log)
{
    if (m_observer != nullptr && !log.empty())
    {
        // One node's events are in order already; a stable sort keeps them so.
        std::stable_sort(log.begin(),
                         log.end(),
                         [](const DatapathEvent& a, const DatapathEvent& b)
                         { return std::tie(a.time, a.node) < std::tie(b.time, b.node); });
        m_observing = true;
        const SimTime now = m_now;
        for (const DatapathEvent& event : log)
        {
            m_now = event.time;
            m_observer->OnEvent(event);
        }
        m_now = now;
        m_observing = false;
    }
    log.clear();
}

void
FabricSimulatorImpl::CheckFinished(uint64_t finished, SimTime lastFinish)
{
    if (m_expectedFinishes != 0 && finished >= m_expectedFinishes)
    {
        // A window is never longer than the lookahead, so that no engine is past this instant yet.
        m_endOfRun = std::min(m_endOfRun, lastFinish + m_lookahead);
    }
}

} // namespace ns3
