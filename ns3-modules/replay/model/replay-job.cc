// SPDX-License-Identifier: GPL-2.0-only
#include "replay-job.h"

#include "traffic/pattern/schedule/compiler.h"

#include <fmt/format.h>
#include <utility>

namespace ns3
{

namespace schedule = railyard::schedule;

uint64_t
ReplayJob::ExpectedSteps() const
{
    if (settings->background)
    {
        return 0;
    }
    uint64_t steps = 0;
    for (const schedule::RankPart& rank : schedule.ranks)
    {
        for (uint32_t t = rank.first_task; t < rank.first_task + rank.task_count; ++t)
        {
            const schedule::Task& task = schedule.tasks[t];
            if (task.kind == schedule::TaskKind::Collective)
            {
                const schedule::Operation& operation = schedule.operations[task.operation];
                const uint32_t me =
                    schedule.memberships[rank.first_membership + task.membership].me;
                steps += operation.algorithm->step_count(schedule.call_of(operation, me));
            }
            steps += task.kind == schedule::TaskKind::Receive ? 1 : 0;
        }
    }
    return steps * settings->iterations;
}

/// Channels within a host take its scale-up links; without these they are flows like any other. The
/// error names two ranks that have no way to each other.
static std::string
KeepLocalChannels(ReplayJob& job,
                  const railyard::FabricPlan& plan,
                  const railyard::FabricSettings& fabric)
{
    for (const railyard::schedule::Channel& channel : job.schedule.channels)
    {
        const bool sameHost =
            job.Location(channel.src_rank).host == job.Location(channel.dst_rank).host;
        if (sameHost && fabric.scale_up_rate.bps != 0)
        {
            job.flowOfChannel.push_back(ReplayJob::LOCAL);
            continue;
        }
        job.flowOfChannel.push_back(ReplayJob::NO_FLOW_YET);
        if (job.EndpointOf(channel.src_rank, plan.nics_per_host) ==
            job.EndpointOf(channel.dst_rank, plan.nics_per_host))
        {
            return fmt::format(
                "job '{}': ranks {} and {} share a NIC, and scale_up_rate = 0 gives hosts no links "
                "between their GPUs; set scale_up_rate, or nics_per_host to gpus_per_host",
                job.settings->name,
                channel.src_rank,
                channel.dst_rank);
        }
    }
    return {};
}

tl::expected<ReplayJob, std::string>
PrepareJob(const railyard::JobInput& settings,
           const railyard::FabricPlan& plan,
           const railyard::FabricSettings& fabric)
{
    ReplayJob job;
    job.settings = &settings;
    auto compiled = schedule::compile(*settings.trace);
    if (!compiled)
    {
        return tl::make_unexpected(fmt::format("job '{}': {}", settings.name, compiled.error()));
    }
    job.schedule = std::move(*compiled);
    if (settings.placement.size() != job.schedule.rank_count())
    {
        return tl::make_unexpected(fmt::format("job '{}' has {} ranks, but {} of them are placed",
                                               settings.name,
                                               job.schedule.rank_count(),
                                               settings.placement.size()));
    }
    for (uint32_t rank = 0; rank < settings.placement.size(); ++rank)
    {
        const schedule::RankLocation at = settings.placement[rank];
        if (at.host >= plan.host_count || at.gpu >= fabric.gpus_per_host)
        {
            return tl::make_unexpected(fmt::format("job '{}': rank {} is placed on host {} GPU {}; "
                                                   "the fabric has hosts 0..{} of {} GPUs",
                                                   settings.name,
                                                   rank,
                                                   at.host,
                                                   at.gpu,
                                                   plan.host_count - 1,
                                                   fabric.gpus_per_host));
        }
    }
    if (const std::string error = KeepLocalChannels(job, plan, fabric); !error.empty())
    {
        return tl::make_unexpected(error);
    }
    job.channels.resize(job.schedule.channels.size());
    job.ranks.resize(job.schedule.rank_count());
    return job;
}

void
AddFlows(ReplayJob& job, uint32_t jobIndex, RoceFabric& fabric, std::vector<FlowUse>& flows)
{
    const uint32_t nicsPerHost = fabric.Plan().nics_per_host;
    for (uint32_t c = 0; c < job.schedule.channels.size(); ++c)
    {
        if (job.flowOfChannel[c] == ReplayJob::LOCAL)
        {
            continue;
        }
        const railyard::schedule::Channel& channel = job.schedule.channels[c];
        job.flowOfChannel[c] =
            fabric.AddFlow(job.EndpointOf(channel.src_rank, nicsPerHost),
                           job.EndpointOf(channel.dst_rank, nicsPerHost),
                           {job.settings->dscp, job.settings->congestion_control});
        flows.push_back({jobIndex, c});
    }
}

} // namespace ns3
