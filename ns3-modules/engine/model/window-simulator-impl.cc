// SPDX-License-Identifier: GPL-2.0-only
#include "window-simulator-impl.h"

#include "partition.h"

#include "ns3/boolean.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(WindowSimulatorImpl);

namespace
{

/// After so many windows the nodes are divided anew, and after each doubling of them.
constexpr uint64_t FIRST_REBALANCE = 512;

ThreadChoice::Duration
ClockNow()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace

TypeId
WindowSimulatorImpl::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::WindowSimulatorImpl")
            .SetParent<FabricSimulatorImpl>()
            .SetGroupName("Railyard")
            .AddConstructor<WindowSimulatorImpl>()
            .AddAttribute("Threads",
                          "Threads that run the nodes. The results do not depend on it.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&WindowSimulatorImpl::m_threads),
                          MakeUintegerChecker<uint32_t>(1, 256))
            .AddAttribute("MayFallBack",
                          "Go on with one thread where several do not pay, as on a busy machine.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&WindowSimulatorImpl::m_mayFallBack),
                          MakeBooleanChecker());
    return tid;
}

WindowSimulatorImpl::~WindowSimulatorImpl() = default;

void
WindowSimulatorImpl::DoDispose()
{
    m_workers.clear();
    FabricSimulatorImpl::DoDispose();
}

void
WindowSimulatorImpl::SetNodes(std::vector<std::unique_ptr<DatapathNode>>&& nodes)
{
    FabricSimulatorImpl::SetNodes(std::move(nodes));
    m_activity = ActivityFlags(m_nodes.size());
    if (!m_workers.empty()) // by a control event of a run that has begun
    {
        Divide(static_cast<uint32_t>(m_workers.size()));
    }
}

void
WindowSimulatorImpl::SetNodeTimer(uint32_t node, const Time& time, uint32_t id)
{
    DatapathNode& target = *m_nodes[node];
    const SimTime at{time.GetTimeStep()};
    target.timers.Set(at, id);
    target.nextTime = std::min(target.nextTime, at);
}

SimTime
WindowSimulatorImpl::WindowEnd() const
{
    const SimTime longest = std::min(m_lookahead, WindowContext::MAX_WINDOW);
    return std::min({m_now + longest, NextControlTime(), m_endOfRun});
}

SimTime
WindowSimulatorImpl::NextActivity() const
{
    SimTime next = NextControlTime();
    for (const WindowWorker& worker : m_workers)
    {
        next = std::min(next, worker.NextTime());
    }
    return next;
}

bool
WindowSimulatorImpl::PrepareWindow()
{
    const bool idle = std::none_of(
        m_workers.begin(), m_workers.end(), [](const WindowWorker& w) { return w.RanAny(); });
    if (idle)
    {
        // No packet is on its way, or its receiver would have run.
        const SimTime next = NextActivity();
        if (next >= TransmitAgenda::MAX_TIME) // what agendas without events say
        {
            return false;
        }
        m_now = std::min(std::max(m_now, next), m_endOfRun);
    }
    RunControlEvents(m_now);
    m_windowEnd = WindowEnd();
    return !m_stopped && m_now < m_endOfRun;
}

void
WindowSimulatorImpl::FinishWindow()
{
    m_now = m_windowEnd;
    uint64_t finished = 0;
    SimTime lastFinish;
    for (WindowWorker& worker : m_workers)
    {
        m_log.insert(m_log.end(), worker.context.log.begin(), worker.context.log.end());
        worker.context.log.clear();
        finished += worker.context.finished;
        lastFinish = std::max(lastFinish, worker.context.lastFinish);
    }
    Observe(m_log);
    CheckFinished(finished, lastFinish);
    ++m_windows;
    if (m_running.empty())
    {
        return;
    }
    if (m_windows >= FIRST_REBALANCE && (m_windows & (m_windows - 1)) == 0)
    {
        Divide(static_cast<uint32_t>(m_workers.size()));
    }
    if (m_mayFallBack)
    {
        JudgeThreads();
    }
}

void
WindowSimulatorImpl::Run()
{
    m_stopped = false;
    if (m_workers.empty())
    {
        Divide(m_threads);
    }
    StartThreads();
    while (PrepareWindow())
    {
        DoPhase(Phase::Run);
        DoPhase(Phase::Publish);
        FinishWindow();
    }
    StopThreads();
    for (WindowWorker& worker : m_workers)
    {
        m_eventCount += std::exchange(worker.context.eventCount, 0);
    }
}

void
WindowSimulatorImpl::DoPart(Phase phase, WindowWorker& worker)
{
    if (phase == Phase::Run)
    {
        worker.Run(m_activity, m_now, m_windowEnd);
    }
    else
    {
        worker.Publish(m_activity);
    }
}

void
WindowSimulatorImpl::DoPhase(Phase phase)
{
    if (!UsesThreads())
    {
        for (WindowWorker& worker : m_workers)
        {
            DoPart(phase, worker);
        }
        return;
    }
    m_phase = phase;
    m_gate->Open();
    DoPart(phase, m_workers.front());
    m_gate->WaitForAll();
}

void
WindowSimulatorImpl::ThreadMain(uint32_t worker)
{
    for (uint32_t round = 1;; ++round)
    {
        m_gate->WaitForRound(round);
        const Phase phase = m_phase;
        if (phase == Phase::Leave)
        {
            return;
        }
        DoPart(phase, m_workers[worker]);
        m_gate->Return();
    }
}

void
WindowSimulatorImpl::StartThreads()
{
    if (m_workers.size() == 1)
    {
        return;
    }
    m_gate = std::make_unique<WindowGate>(m_workers.size() - 1);
    m_choice.Start(ClockNow());
    for (uint32_t worker = 1; worker < m_workers.size(); ++worker)
    {
        m_running.emplace_back(&WindowSimulatorImpl::ThreadMain, this, worker);
    }
}

void
WindowSimulatorImpl::StopThreads()
{
    if (m_running.empty())
    {
        return;
    }
    m_phase = Phase::Leave;
    m_gate->Open();
    for (std::thread& thread : m_running)
    {
        thread.join();
    }
    m_running.clear();
}

void
WindowSimulatorImpl::Divide(uint32_t workers)
{
    while (m_workers.size() < workers)
    {
        m_workers.emplace_back();
    }
    std::vector<uint64_t> load(m_nodes.size());
    std::transform(m_nodes.begin(),
                   m_nodes.end(),
                   load.begin(),
                   [](const auto& node) { return std::exchange(node->load, 0); });
    auto parts = Partition(m_nodes, load, workers);
    for (uint32_t worker = 0; worker < m_workers.size(); ++worker)
    {
        m_workers[worker].SetNodes(worker < workers ? std::move(parts[worker])
                                                    : std::vector<DatapathNode*>());
    }
}

bool
WindowSimulatorImpl::UsesThreads() const
{
    return !m_running.empty() && m_choice.UseThreads();
}

void
WindowSimulatorImpl::JudgeThreads()
{
    uint64_t events = m_eventCount;
    for (const WindowWorker& worker : m_workers)
    {
        events += worker.context.eventCount;
    }
    m_choice.OnWindow(ClockNow(), events);
}

std::string
WindowSimulatorImpl::GetFallbackReason() const
{
    if (m_choice.Fallbacks() == 0)
    {
        return "";
    }
    const auto tenths = [](double nanoseconds)
    {
        const auto n = static_cast<uint64_t>(10 * nanoseconds + 0.5);
        return std::to_string(n / 10) + "." + std::to_string(n % 10);
    };
    return "one thread ran some of it, since it was faster: " +
           tenths(m_choice.NanosecondsOnOne()) + " ns an event against " +
           tenths(m_choice.NanosecondsOnThreads()) + " with " + std::to_string(m_workers.size()) +
           " threads, when last compared";
}

} // namespace ns3
