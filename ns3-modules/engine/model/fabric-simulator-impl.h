// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "datapath-event.h"
#include "datapath-node.h"

#include "ns3/event-id.h"
#include "ns3/scheduler.h"
#include "ns3/simulator-impl.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * What both engines share: ordinary ns-3 events, the nodes of the fabric, and when a run ends.
 *
 * Simulator::Schedule, Stop, Cancel and Now work as in any ns-3 program. Events scheduled with them
 * are *control events*: at any instant they run before the fabric's nodes do. They may read and
 * change the fabric's settings; they see every node at that instant.
 */
class FabricSimulatorImpl : public SimulatorImpl
{
  public:
    static TypeId GetTypeId();

    /// Takes the nodes of a fabric, node i at index i. May be called once, before
    /// Run() or by a control event.
    virtual void SetNodes(std::vector<std::unique_ptr<DatapathNode>>&& nodes);

    /// Has a node handle a timer at an absolute time that is not past: how control events give
    /// nodes work.
    virtual void SetNodeTimer(uint32_t node, const Time& time, uint32_t id) = 0;

    /// Receives what the nodes log; not owned.
    void SetObserver(DatapathObserver* observer);

    /// The run ends one lookahead after so many parties have finished (see NoteFinished); 0: it is
    /// not waited for.
    void SetExpectedFinishes(uint64_t count);

    /// Shortest time that any packet takes from one node to the next: how far ahead of its event a
    /// trace sink must schedule at least. From the start of the run on.
    Time GetLookahead() const;

    /// The engine in use, or nullptr where another simulator implementation was chosen.
    static FabricSimulatorImpl* Get();

    // SimulatorImpl
    void Destroy() override;
    bool IsFinished() const override;
    void Stop() override;
    void Stop(const Time& delay) override;
    EventId Schedule(const Time& delay, EventImpl* event) override;
    void ScheduleWithContext(uint32_t context, const Time& delay, EventImpl* event) override;
    EventId ScheduleNow(EventImpl* event) override;
    EventId ScheduleDestroy(EventImpl* event) override;
    void Remove(const EventId& id) override;
    void Cancel(const EventId& id) override;
    bool IsExpired(const EventId& id) const override;
    Time Now() const override;
    Time GetDelayLeft(const EventId& id) const override;
    Time GetMaximumSimulationTime() const override;
    void SetScheduler(ObjectFactory schedulerFactory) override;
    uint32_t GetSystemId() const override;
    uint32_t GetContext() const override;
    uint64_t GetEventCount() const override;

  protected:
    void DoDispose() override;

    /// When the next control event is due; never where there is none.
    SimTime NextControlTime() const;
    /// Runs all control events due at or before time; the clock shows each one's own.
    void RunControlEvents(SimTime time);
    /// Hands the log to the observer, ordered by time and node, and empties it.
    void Observe(std::vector<DatapathEvent>& log);
    /// Ends the run one lookahead after the last expected finish.
    void CheckFinished(uint64_t finished, SimTime lastFinish);

    std::vector<std::unique_ptr<DatapathNode>> m_nodes;
    SimTime m_lookahead = SimTime::never();
    SimTime m_now;
    SimTime m_endOfRun = SimTime::never(); ///< events from here on do not happen
    bool m_stopped = false;
    uint64_t m_eventCount = 0;

  private:
    EventId Insert(SimTime time, uint32_t context, EventImpl* event);

    Ptr<Scheduler> m_control;
    std::list<EventId> m_destroyEvents;
    DatapathObserver* m_observer = nullptr;
    uint64_t m_expectedFinishes = 0;
    bool m_observing = false;
    uint32_t m_context = 0xffffffff;
    uint32_t m_nextUid = 4; ///< below are EventId's reserved values
    uint32_t m_currentUid = 0;
};

} // namespace ns3
