// SPDX-License-Identifier: GPL-2.0-only
#include "replay-host.h"

#include <algorithm>

namespace ns3
{

using railyard::SimTime;

ReplayHost::ReplayHost(std::vector<ReplayJob>& jobs,
                       const std::vector<FlowUse>& flows,
                       const railyard::FabricSettings& fabric)
    : m_jobs(jobs),
      m_flows(flows),
      m_scaleUpRate(fabric.scale_up_rate),
      m_scaleUpLatencyPs(fabric.scale_up_latency.ps),
      m_scaleUpBusyUntil(fabric.gpus_per_host, 0)
{
}

void
ReplayHost::AddRank(uint32_t job, uint32_t rank)
{
    const railyard::JobInput& settings = *m_jobs[job].settings;
    const uint32_t iterations = settings.background ? 0 : settings.iterations;
    m_ranks.push_back(
        {job,
         rank,
         std::make_unique<railyard::schedule::RankRunner>(m_jobs[job].schedule, rank, iterations)});
}

template <class Act>
void
ReplayHost::With(uint32_t index, int64_t now, HostActions& actions, Act act)
{
    LocalRank& rank = m_ranks[index];
    m_acting = &rank;
    m_now = now;
    m_actions = &actions;
    act(*rank.runner);
    if (rank.runner->done() && !rank.reportedDone)
    {
        rank.reportedDone = true;
        ++actions.finished;
    }
    m_acting = nullptr;
}

void
ReplayHost::Schedule(const Due& due)
{
    m_due.push(due);
    m_actions->wakeAt.push_back(due.time);
}

void
ReplayHost::OnWake(int64_t now, HostActions& actions)
{
    m_actions = &actions;
    if (!m_started)
    {
        m_started = true;
        for (uint32_t i = 0; i < m_ranks.size(); ++i)
        {
            Schedule({now + m_jobs[m_ranks[i].job].settings->start.ps, Due::StartRank, 0, i});
        }
    }
    while (!m_due.empty() && m_due.top().time <= now)
    {
        const Due due = m_due.top();
        m_due.pop();
        switch (due.kind)
        {
        case Due::StartRank:
            With(due.what, now, actions, [&](auto& runner) { runner.start(SimTime{now}, *this); });
            break;
        case Due::RankTimer:
            With(
                due.what, now, actions, [&](auto& runner) { runner.on_time(SimTime{now}, *this); });
            break;
        case Due::LocalDelivery:
            Deliver(due.job, due.what, now, actions);
            Acknowledge(due.job, due.what, now, actions);
            break;
        }
    }
}

void
ReplayHost::OnMessageReceived(uint32_t flow, int64_t now, HostActions& actions)
{
    Deliver(m_flows[flow].job, m_flows[flow].channel, now, actions);
}

void
ReplayHost::OnMessageAcked(uint32_t flow, int64_t now, HostActions& actions)
{
    Acknowledge(m_flows[flow].job, m_flows[flow].channel, now, actions);
}

void
ReplayHost::Deliver(uint32_t job, uint32_t channel, int64_t now, HostActions& actions)
{
    m_jobs[job].channels[channel].received.push_back(SimTime{now});
    m_receivedMessages += m_jobs[job].settings->background ? 0 : 1;
    const uint32_t rank = m_jobs[job].schedule.channels[channel].dst_rank;
    With(IndexOf(job, rank),
         now,
         actions,
         [&](auto& runner) { runner.on_received(channel, SimTime{now}, *this); });
}

void
ReplayHost::Acknowledge(uint32_t job, uint32_t channel, int64_t now, HostActions& actions)
{
    m_jobs[job].channels[channel].acked.push_back(SimTime{now});
    const uint32_t rank = m_jobs[job].schedule.channels[channel].src_rank;
    With(IndexOf(job, rank),
         now,
         actions,
         [&](auto& runner) { runner.on_sent(channel, SimTime{now}, *this); });
}

uint32_t
ReplayHost::IndexOf(uint32_t job, uint32_t rank) const
{
    const auto found =
        std::find_if(m_ranks.begin(),
                     m_ranks.end(),
                     [&](const LocalRank& r) { return r.job == job && r.rank == rank; });
    return static_cast<uint32_t>(found - m_ranks.begin());
}

void
ReplayHost::post_send(uint32_t channel, uint64_t bytes, uint32_t operation, uint32_t iteration)
{
    ReplayJob& job = m_jobs[m_acting->job];
    job.channels[channel].sent.push_back({bytes, operation, iteration, SimTime{m_now}});
    if (job.flowOfChannel[channel] == ReplayJob::LOCAL)
    {
        SendLocally(channel, bytes);
    }
    else
    {
        m_actions->posts.push_back({job.flowOfChannel[channel], bytes});
    }
}

void
ReplayHost::SendLocally(uint32_t channel, uint64_t bytes)
{
    int64_t& busyUntil = m_scaleUpBusyUntil[m_jobs[m_acting->job].Location(m_acting->rank).gpu];
    busyUntil = std::max(busyUntil, m_now) + m_scaleUpRate.time_of(railyard::Bytes{bytes}).ps;
    Schedule({busyUntil + m_scaleUpLatencyPs, Due::LocalDelivery, m_acting->job, channel});
}

void
ReplayHost::wake_at(uint32_t /* rank: always the one that acts */, SimTime at)
{
    Schedule({at.ps, Due::RankTimer, 0, static_cast<uint32_t>(m_acting - m_ranks.data())});
}

void
ReplayHost::operation_ended(uint32_t rank,
                            uint32_t operation,
                            uint32_t iteration,
                            SimTime start,
                            SimTime end)
{
    m_jobs[m_acting->job].ranks[rank].spans.push_back({operation, iteration, rank, start, end});
}

void
ReplayHost::iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end)
{
    m_jobs[m_acting->job].ranks[rank].iterations.push_back(
        {m_acting->job, iteration, rank, start, end});
}

} // namespace ns3
