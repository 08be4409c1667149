// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "fabric-simulator-impl.h"
#include "thread-choice.h"
#include "window-gate.h"
#include "window-worker.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ns3
{

/**
 * The engine: all nodes run through one window of time, then exchange what they sent, then run the
 * next.
 *
 * A window is no longer than the lookahead, the shortest time that a packet takes between two
 * nodes: what is sent in a window arrives after it, so that within it the nodes need not know of
 * each other, and may run on several threads.
 */
class WindowSimulatorImpl : public FabricSimulatorImpl
{
  public:
    static TypeId GetTypeId();
    ~WindowSimulatorImpl() override;

    void Run() override;
    void SetNodes(std::vector<std::unique_ptr<DatapathNode>>&& nodes) override;
    void SetNodeTimer(uint32_t node, const Time& time, uint32_t id) override;

    /// That and why some of the run was left to one thread; empty where none was.
    std::string GetFallbackReason() const;

  protected:
    void DoDispose() override;

  private:
    enum class Phase : uint8_t
    {
        Run,
        Publish,
        Leave
    };

    /// Between windows: control events, skipping of idle time, and where the next window ends.
    /// False: the run is over.
    bool PrepareWindow();
    SimTime WindowEnd() const;
    SimTime NextActivity() const;
    /// Once a window has been published.
    void FinishWindow();

    void StartThreads();
    void StopThreads();
    /// All workers do the phase, this thread as worker 0.
    void DoPhase(Phase phase);
    void DoPart(Phase phase, WindowWorker& worker);
    void ThreadMain(uint32_t worker);

    /// Divides the nodes among so many workers by what each node has had to do since the last time.
    void Divide(uint32_t workers);
    /// Whether the next window is to run on all threads.
    bool UsesThreads() const;
    void JudgeThreads();

    uint32_t m_threads = 1;    ///< Attribute
    bool m_mayFallBack = true; ///< Attribute
    std::deque<WindowWorker> m_workers;
    ActivityFlags m_activity;
    SimTime m_windowEnd;
    uint64_t m_windows = 0;

    std::vector<std::thread> m_running;
    std::unique_ptr<WindowGate> m_gate;
    Phase m_phase = Phase::Run;
    ThreadChoice m_choice;
    std::vector<DatapathEvent> m_log;
};

} // namespace ns3
