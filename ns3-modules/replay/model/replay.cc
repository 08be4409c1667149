// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include "memory-estimate.h"
#include "recorder.h"
#include "replay-host.h"

#include "ns3-modules/engine/model/reference-simulator-impl.h"
#include "ns3-modules/engine/model/window-simulator-impl.h"
#include "traffic/protocol/switching/fault_settings.h"

#include "ns3/config.h"
#include "ns3/global-value.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <utility>

namespace ns3
{

namespace record = railyard::record;
using railyard::SimTime;

namespace
{

double
SecondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Processor time that this process has used.
double
CpuSeconds()
{
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

/// One run, from its input to its record.
class Replay : private RoceFlowSource
{
  public:
    Replay(const railyard::CompiledRun& run, const ProgressCallback& progress)
        : m_run(run),
          m_input(run.input),
          m_jobs(*run.jobs),
          m_logs(railyard::schedule::empty_logs(*run.jobs)),
          m_progress(progress)
    {
    }

    ~Replay() override
    {
        if (m_engineChosen)
        {
            Simulator::Destroy();
        }
    }

    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

    tl::expected<record::Record, std::string> Run();

    const SimulationCost& Cost() const
    {
        return m_cost;
    }

  private:
    tl::expected<void, std::string> SetFaults();
    void ChooseEngine();
    void LayOut();
    RoceFlow FlowAt(uint32_t flow) const override;
    void ReportProgress();
    tl::expected<void, std::string> CheckEnd() const;
    std::string DescribeUnfinished() const;

    const railyard::CompiledRun& m_run;
    const railyard::RunInput& m_input;
    const railyard::schedule::PlayedJobs& m_jobs;
    std::vector<railyard::schedule::JobLog> m_logs;
    const ProgressCallback& m_progress;
    std::vector<std::unique_ptr<ReplayHost>> m_hosts;
    std::unique_ptr<RoceFabric> m_fabric;
    SimulationCost m_cost;
    std::map<uint32_t, std::vector<railyard::PortFaults>> m_linkFaults; ///< by switch
    uint64_t m_expectedMessages = 0;
    bool m_engineChosen = false;
    bool m_cancelled = false;
};

tl::expected<void, std::string>
Replay::SetFaults()
{
    const railyard::FabricPlan& plan = *m_run.fabric;
    for (const railyard::LinkFaultInput& fault : m_input.link_faults)
    {
        const auto at = std::find_if(plan.nodes.begin() + plan.host_count,
                                     plan.nodes.begin() + plan.first_reducer(),
                                     [&](const auto& node) { return node.name == fault.node; });
        if (at == plan.nodes.begin() + plan.first_reducer())
        {
            return tl::make_unexpected(
                fmt::format("faults: the fabric has no switch '{}'", fault.node));
        }
        auto& ports = m_linkFaults[static_cast<uint32_t>(at - plan.nodes.begin())];
        ports.resize(at->port_count);
        if (auto set = railyard::set_fault(ports, fault.path, fault.text); !set)
        {
            return tl::make_unexpected(fmt::format("switch '{}': {}", fault.node, set.error()));
        }
    }
    return {};
}

void
Replay::ChooseEngine()
{
    if (Time::GetResolution() != Time::PS) // ns-3 lets it be set once
    {
        Time::SetResolution(Time::PS);
    }
    const TypeId engine = m_input.reference_engine ? ReferenceSimulatorImpl::GetTypeId()
                                                   : WindowSimulatorImpl::GetTypeId();
    GlobalValue::Bind("SimulatorImplementationType", StringValue(engine.GetName()));
    Config::SetDefault("ns3::WindowSimulatorImpl::Threads", UintegerValue(m_input.threads));
    m_engineChosen = true;
}

void
Replay::LayOut()
{
    RoceSettings settings{m_input.switches, m_input.nic, m_input.congestion, m_input.seed};
    settings.linkFaults = m_linkFaults;
    m_fabric = std::make_unique<RoceFabric>(*m_run.fabric, settings);
    // Numbered as the jobs number them.
    const uint32_t held = m_jobs.first_mesh_flow();
    m_fabric->ReserveFlows(held);
    for (uint32_t number = 0; number < held; ++number)
    {
        const RoceFlow flow = FlowAt(number);
        m_fabric->AddFlow(flow.source, flow.destination, flow.flowClass);
    }
    if (held < m_jobs.flow_count())
    {
        m_fabric->SetLaterFlows(*this);
        for (const uint32_t flow :
             record::sampled_queue_pairs(m_jobs.flow_count(), m_input.sampled_queue_pairs))
        {
            m_fabric->KeepFlow(flow);
        }
    }
    uint64_t expected = 0;
    for (uint32_t station = 0; station < m_run.fabric->station_count(); ++station)
    {
        if (m_jobs.ranks_of[station].empty())
        {
            continue;
        }
        m_hosts.push_back(std::make_unique<ReplayHost>(m_jobs, station, m_logs));
        m_fabric->SetApplication(station, m_hosts.back().get());
        expected += m_hosts.back()->Ranks().ranks_expected();
        m_expectedMessages += m_hosts.back()->Ranks().messages_expected();
    }
    m_fabric->Install();
    FabricSimulatorImpl::Get()->SetExpectedFinishes(expected);
}

RoceFlow
Replay::FlowAt(uint32_t number) const
{
    const railyard::schedule::Flow flow = m_jobs.flow(number);
    const railyard::schedule::PlayedJob& job = m_jobs.jobs[flow.job];
    return {flow.source, flow.destination, {job.dscp, job.congestion_control}};
}

void
Replay::ReportProgress()
{
    uint64_t received = 0;
    for (const auto& host : m_hosts)
    {
        received += host->Ranks().messages_received();
    }
    const double fraction = m_expectedMessages == 0 ? 0
                                                    : static_cast<double>(received) /
                                                          static_cast<double>(m_expectedMessages);
    if (!m_progress(SimTime{Simulator::Now().GetTimeStep()}, fraction))
    {
        m_cancelled = true;
        Simulator::Stop();
        return;
    }
    constexpr int64_t INTERVAL_US =
        100; // often enough to cancel a run within a wink, too rarely to cost anything
    Simulator::Schedule(MicroSeconds(INTERVAL_US), &Replay::ReportProgress, this);
}

tl::expected<record::Record, std::string>
Replay::Run()
{
    const auto begin = std::chrono::steady_clock::now();
    if (auto done = SetFaults(); !done)
    {
        return tl::make_unexpected(done.error());
    }
    if (m_jobs.flow_count() > HostNode::MAX_FLOWS)
    {
        return tl::make_unexpected(fmt::format("the jobs need {} queue pairs, and the simulator's "
                                               "numbers end at {}; make the jobs smaller",
                                               m_jobs.flow_count(),
                                               HostNode::MAX_FLOWS));
    }
    if (auto fits = railyard::check_memory(EstimateMemory(m_run), railyard::available_memory());
        !fits)
    {
        return tl::make_unexpected(fits.error());
    }
    ChooseEngine();
    LayOut();
    Recorder recorder(m_run, *m_fabric);
    QueueSampler queues(*m_fabric, m_input.sample_interval);
    QueuePairSampler queuePairs(*m_fabric, m_input, m_jobs.flow_count());
    FabricSimulatorImpl::Get()->SetObserver(&recorder);
    queues.Start();
    queuePairs.Start();
    if (m_progress)
    {
        ReportProgress();
    }
    Simulator::Stop(TimeStep(m_input.maximum_duration.ps));
    m_cost.setUpSeconds = SecondsSince(begin);
    const auto start = std::chrono::steady_clock::now();
    const double startCpu = CpuSeconds();
    Simulator::Run();
    m_cost.runSeconds = SecondsSince(start);
    m_cost.runCpuSeconds = CpuSeconds() - startCpu;
    m_cost.events = Simulator::GetEventCount();
    if (const auto* engine = dynamic_cast<WindowSimulatorImpl*>(FabricSimulatorImpl::Get()))
    {
        m_cost.notice = engine->GetFallbackReason();
    }

    if (recorder.FailedFlow() != NO_FLOW)
    {
        const railyard::schedule::Flow flow = m_jobs.flow(recorder.FailedFlow());
        const railyard::schedule::PlayedJob& job = m_jobs.jobs[flow.job];
        const railyard::schedule::Channel channel = job.schedule->channel(flow.channel);
        return tl::make_unexpected(
            fmt::format("job '{}': the queue pair from {} to {} failed at {}: no progress after "
                        "retry_cnt = {} retries; see the drops, or raise retry_cnt or ack_timeout",
                        job.name,
                        job.schedule->name_of(channel.src_rank),
                        job.schedule->name_of(channel.dst_rank),
                        format_rounded(SimTime{Simulator::Now().GetTimeStep()}),
                        m_input.nic.retry_cnt));
    }
    if (auto end = CheckEnd(); !end)
    {
        return tl::make_unexpected(end.error());
    }
    return recorder.Finish(m_logs, queues, queuePairs, SimTime{Simulator::Now().GetTimeStep()});
}

tl::expected<void, std::string>
Replay::CheckEnd() const
{
    if (m_cancelled)
    {
        return tl::make_unexpected("cancelled");
    }
    const std::string unfinished = DescribeUnfinished();
    if (unfinished.empty())
    {
        return {};
    }
    return tl::make_unexpected(fmt::format(
        "{} after {} of simulated time; raise limits.duration, or look for what holds the traffic",
        unfinished,
        format_rounded(SimTime{Simulator::Now().GetTimeStep()})));
}

std::string
Replay::DescribeUnfinished() const
{
    for (size_t j = 0; j < m_jobs.jobs.size(); ++j)
    {
        const railyard::schedule::PlayedJob& job = m_jobs.jobs[j];
        for (size_t rank = 0; rank < m_logs[j].ranks.size() && !job.background; ++rank)
        {
            const railyard::schedule::RankLog& log = m_logs[j].ranks[rank];
            if (log.iterations.size() < job.iterations)
            {
                return fmt::format("job '{}' has not ended: {} is in iteration {} of {}, with "
                                   "{} operations done",
                                   job.name,
                                   job.schedule->name_of(static_cast<uint32_t>(rank)),
                                   log.iterations.size() + 1,
                                   job.iterations,
                                   log.spans.size());
            }
        }
    }
    return {};
}

} // namespace

tl::expected<record::Record, std::string>
Simulate(const railyard::CompiledRun& run, const ProgressCallback& progress, SimulationCost* cost)
{
    Replay replay(run, progress);
    auto record = replay.Run();
    if (cost != nullptr)
    {
        *cost = replay.Cost();
    }
    return record;
}

tl::expected<record::Record, std::string>
Simulate(const railyard::RunInput& input, const ProgressCallback& progress, SimulationCost* cost)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto run = railyard::compile_run(input);
    if (!run)
    {
        return tl::make_unexpected(run.error());
    }
    const double compileSeconds = SecondsSince(begin);
    auto record = Simulate(*run, progress, cost);
    if (cost != nullptr)
    {
        cost->setUpSeconds += compileSeconds;
    }
    return record;
}

} // namespace ns3
