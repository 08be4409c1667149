// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include "recorder.h"
#include "replay-host.h"
#include "replay-job.h"

#include "ns3-modules/engine/model/reference-simulator-impl.h"
#include "ns3-modules/engine/model/window-simulator-impl.h"
#include "traffic/fabric/fabric_builder.h"
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
class Replay
{
  public:
    Replay(const railyard::RunInput& input, const ProgressCallback& progress)
        : m_input(input),
          m_progress(progress)
    {
    }

    ~Replay()
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
    tl::expected<void, std::string> Prepare();
    tl::expected<void, std::string> SetFaults();
    void ChooseEngine();
    void LayOut();
    void ReportProgress();
    tl::expected<void, std::string> CheckEnd() const;
    std::string DescribeUnfinished() const;

    const railyard::RunInput& m_input;
    const ProgressCallback& m_progress;
    railyard::FabricPlan m_plan;
    std::vector<ReplayJob> m_jobs;
    std::vector<FlowUse> m_flows;
    std::vector<std::unique_ptr<ReplayHost>> m_hosts;
    std::unique_ptr<RoceFabric> m_fabric;
    SimulationCost m_cost;
    std::map<uint32_t, std::vector<railyard::PortFaults>> m_linkFaults; ///< by switch
    uint64_t m_expectedSteps = 0;
    bool m_engineChosen = false;
    bool m_cancelled = false;
};

tl::expected<void, std::string>
Replay::Prepare()
{
    auto plan = railyard::build_fabric(m_input.fabric);
    if (!plan)
    {
        return tl::make_unexpected(plan.error());
    }
    m_plan = std::move(*plan);
    if (auto done = SetFaults(); !done)
    {
        return done;
    }
    for (const railyard::JobInput& settings : m_input.jobs)
    {
        auto job = PrepareJob(settings, m_plan, m_input.fabric);
        if (!job)
        {
            return tl::make_unexpected(job.error());
        }
        m_jobs.push_back(std::move(*job));
    }
    if (std::all_of(m_input.jobs.begin(),
                    m_input.jobs.end(),
                    [](const auto& job) { return job.background; }))
    {
        return tl::make_unexpected("nothing to wait for: at least one job must not be background");
    }
    return {};
}

tl::expected<void, std::string>
Replay::SetFaults()
{
    for (const railyard::LinkFaultInput& fault : m_input.link_faults)
    {
        const auto at = std::find_if(m_plan.nodes.begin() + m_plan.host_count,
                                     m_plan.nodes.end(),
                                     [&](const auto& node) { return node.name == fault.node; });
        if (at == m_plan.nodes.end())
        {
            return tl::make_unexpected(
                fmt::format("faults: the fabric has no switch '{}'", fault.node));
        }
        auto& ports = m_linkFaults[static_cast<uint32_t>(at - m_plan.nodes.begin())];
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
    m_fabric = std::make_unique<RoceFabric>(m_plan, settings);
    for (uint32_t host = 0; host < m_plan.host_count; ++host)
    {
        m_hosts.push_back(std::make_unique<ReplayHost>(m_jobs, m_flows, m_input.fabric));
    }
    uint64_t expected = 0;
    for (uint32_t j = 0; j < m_jobs.size(); ++j)
    {
        AddFlows(m_jobs[j], j, *m_fabric, m_flows);
        for (uint32_t rank = 0; rank < m_jobs[j].schedule.rank_count(); ++rank)
        {
            m_hosts[m_jobs[j].Location(rank).host]->AddRank(j, rank);
        }
        expected += m_input.jobs[j].background ? 0 : m_jobs[j].schedule.rank_count();
        m_expectedSteps += m_jobs[j].ExpectedSteps();
    }
    for (uint32_t host = 0; host < m_plan.host_count; ++host)
    {
        if (m_hosts[host]->HasRanks())
        {
            m_fabric->SetApplication(host, m_hosts[host].get());
        }
    }
    m_fabric->Install();
    FabricSimulatorImpl::Get()->SetExpectedFinishes(expected);
}

void
Replay::ReportProgress()
{
    uint64_t received = 0;
    for (const auto& host : m_hosts)
    {
        received += host->ReceivedMessages();
    }
    const double fraction =
        m_expectedSteps == 0 ? 0
                             : static_cast<double>(received) / static_cast<double>(m_expectedSteps);
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
    if (auto prepared = Prepare(); !prepared)
    {
        return tl::make_unexpected(prepared.error());
    }
    ChooseEngine();
    LayOut();
    Recorder recorder(m_input, *m_fabric);
    QueueSampler sampler(*m_fabric, m_input.sample_interval);
    FabricSimulatorImpl::Get()->SetObserver(&recorder);
    sampler.Start();
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
        const FlowUse use = m_flows[recorder.FailedFlow()];
        const railyard::schedule::Channel& channel = m_jobs[use.job].schedule.channels[use.channel];
        return tl::make_unexpected(fmt::format(
            "job '{}': the queue pair from rank {} to rank {} failed at {}: no progress after "
            "retry_cnt = {} retries; see the drops, or raise retry_cnt or ack_timeout",
            m_input.jobs[use.job].name,
            channel.src_rank,
            channel.dst_rank,
            format(SimTime{Simulator::Now().GetTimeStep()}),
            m_input.nic.retry_cnt));
    }
    if (auto end = CheckEnd(); !end)
    {
        return tl::make_unexpected(end.error());
    }
    return recorder.Finish(m_jobs, sampler, Simulator::Now().GetTimeStep());
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
        format(SimTime{Simulator::Now().GetTimeStep()})));
}

std::string
Replay::DescribeUnfinished() const
{
    for (const ReplayJob& job : m_jobs)
    {
        for (uint32_t rank = 0; rank < job.ranks.size() && !job.settings->background; ++rank)
        {
            const size_t done = job.ranks[rank].iterations.size();
            if (done < job.settings->iterations)
            {
                return fmt::format("job '{}' has not ended: rank {} is in iteration {} of {}, with "
                                   "{} operations done",
                                   job.settings->name,
                                   rank,
                                   done + 1,
                                   job.settings->iterations,
                                   job.ranks[rank].spans.size());
            }
        }
    }
    return {};
}

} // namespace

tl::expected<record::Record, std::string>
Simulate(const railyard::RunInput& input, const ProgressCallback& progress, SimulationCost* cost)
{
    Replay replay(input, progress);
    auto record = replay.Run();
    if (cost != nullptr)
    {
        *cost = replay.Cost();
    }
    return record;
}

} // namespace ns3
