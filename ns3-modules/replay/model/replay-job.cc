// SPDX-License-Identifier: GPL-2.0-only
#include "replay-job.h"

#include "traffic/pattern/schedule/compiler.h"

#include <fmt/format.h>
#include <utility>

namespace ns3
{

namespace schedule = railyard::schedule;

uint64_t
ReplayJob::ExpectedSpans() const
{
    uint64_t spans = 0;
    for (const schedule::Task& task : schedule.tasks)
    {
        spans +=
            task.kind != schedule::TaskKind::Compute && task.operation != schedule::kNone ? 1 : 0;
    }
    return settings->background ? 0 : spans * settings->iterations;
}

uint64_t
ReplayJob::EndedSpans() const
{
    uint64_t spans = 0;
    for (const RankLog& rank : ranks)
    {
        spans += rank.spans.size();
    }
    return settings->background ? 0 : spans;
}

tl::expected<ReplayJob, std::string>
PrepareJob(const ReplayJobSettings& settings, const FabricPlan& plan, uint32_t gpusPerHost)
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
        if (at.host >= plan.hostCount || at.gpu >= gpusPerHost)
        {
            return tl::make_unexpected(fmt::format("job '{}': rank {} is placed on host {} GPU {}; "
                                                   "the fabric has hosts 0..{} of {} GPUs",
                                                   settings.name,
                                                   rank,
                                                   at.host,
                                                   at.gpu,
                                                   plan.hostCount - 1,
                                                   gpusPerHost));
        }
    }
    job.channels.resize(job.schedule.channels.size());
    job.ranks.resize(job.schedule.rank_count());
    return job;
}

void
AddFlows(ReplayJob& job, uint32_t jobIndex, RoceFabric& fabric, std::vector<FlowUse>& flows)
{
    const FabricPlan& plan = fabric.Plan();
    const auto endpoint = [&](schedule::RankLocation at)
    { return at.host * plan.nicsPerHost + at.gpu % plan.nicsPerHost; };
    for (uint32_t c = 0; c < job.schedule.channels.size(); ++c)
    {
        const schedule::RankLocation from = job.Location(job.schedule.channels[c].src_rank);
        const schedule::RankLocation to = job.Location(job.schedule.channels[c].dst_rank);
        if (from.host == to.host)
        {
            job.flowOfChannel.push_back(ReplayJob::LOCAL);
            continue;
        }
        job.flowOfChannel.push_back(fabric.AddFlow(endpoint(from), endpoint(to)));
        flows.push_back({jobIndex, c});
    }
}

} // namespace ns3
