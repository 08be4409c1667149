// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "replay.h"

#include "ns3-modules/roce/model/roce-fabric.h"
#include "traffic/fabric/fabric_plan.h"
#include "traffic/pattern/schedule/schedule.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/// A message as its sender knows it.
struct SentMessage
{
    uint64_t bytes;
    uint32_t operation;
    uint32_t iteration;
    railyard::SimTime posted;
};

/// What happened on a channel; message n of each list is the same one. Two hosts write it, each its
/// own lists.
struct ChannelLog
{
    std::vector<SentMessage> sent;
    std::vector<railyard::SimTime> acked;
    std::vector<railyard::SimTime> received;
};

/// What happened to a rank.
struct RankLog
{
    std::vector<railyard::record::Span> spans;
    std::vector<railyard::record::Iteration> iterations;
};

/// A job laid out on a fabric: a flow for every channel between hosts.
struct ReplayJob
{
    static constexpr uint32_t LOCAL = ~uint32_t{0};
    static constexpr uint32_t NO_FLOW_YET = LOCAL - 1;

    const railyard::JobInput* settings = nullptr;
    railyard::schedule::Schedule schedule;
    std::vector<uint32_t> flowOfChannel; ///< LOCAL within a host
    std::vector<ChannelLog> channels;
    std::vector<RankLog> ranks;

    railyard::schedule::RankLocation Location(uint32_t rank) const
    {
        return settings->placement[rank];
    }

    uint32_t EndpointOf(uint32_t rank, uint32_t nicsPerHost) const
    {
        return Location(rank).host * nicsPerHost + Location(rank).gpu % nicsPerHost;
    }

    /// Steps of collectives and receives that its ranks have before them: what progress is measured
    /// by. A background job has none.
    uint64_t ExpectedSteps() const;
};

/// Which job's channel a flow is.
struct FlowUse
{
    uint32_t job;
    uint32_t channel;
};

/// Compiles the job's trace and checks its placement against the fabric. The error names the job.
tl::expected<ReplayJob, std::string> PrepareJob(const railyard::JobInput& settings,
                                                const railyard::FabricPlan& plan,
                                                const railyard::FabricSettings& fabric);

/// Adds a flow to the fabric for each channel that the job did not keep within a host; `flows`
/// grows with them.
void AddFlows(ReplayJob& job, uint32_t jobIndex, RoceFabric& fabric, std::vector<FlowUse>& flows);

} // namespace ns3
