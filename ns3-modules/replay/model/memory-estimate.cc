// SPDX-License-Identifier: GPL-2.0-only
#include "memory-estimate.h"

#include "queue-sampler.h"

#include "ns3-modules/roce/model/roce-fabric.h"
#include "ns3-modules/roce/model/switch-node.h"
#include "traffic/protocol/transport/receiver_control.h"

#include <algorithm>

namespace ns3
{

namespace
{

using railyard::schedule::kNone;
using railyard::schedule::PlayedJobs;

/// What an allocation takes beside what is asked for, on the average [glibc's malloc: a header of 8
/// bytes, sizes in steps of 16].
constexpr uint64_t ALLOCATION = 16;

/// Both ends, with the state of their algorithms and room for a few messages.
uint64_t
QueuePairBytes(const railyard::CompiledRun& run)
{
    constexpr uint64_t MESSAGES = 4;
    constexpr uint64_t NOTE = 16; // StateArena's, of each thing made
    const auto& algorithm = railyard::congestion_algorithms()[run.input.nic.congestion_control];
    uint64_t bytes = sizeof(FlowSender) + sizeof(FlowReceiver) + algorithm.sender.state_bytes +
                     NOTE + MESSAGES * sizeof(railyard::UnackedMessage) + ALLOCATION;
    if (algorithm.receiver.arrived != nullptr)
    {
        bytes += sizeof(railyard::ReceiverStates::Receiver) +
                 algorithm.receiver.scopes[0].state_bytes + 2 * NOTE;
    }
    return bytes;
}

/// Queue pairs of a mesh that are there at once.
uint64_t
QueuePairsAtOnce(const railyard::schedule::PlayedJob& job, uint32_t index)
{
    const railyard::schedule::Mesh& mesh = job.schedule->meshes[index];
    const auto& range =
        job.schedule->ranges[job.schedule->communicators[mesh.communicator].operations];
    const uint64_t all = job.mesh_flows[index].numbers.count();
    const bool usedOnce =
        mesh.last_operation == range.first && job.iterations == 1 && !job.background;
    if (!usedOnce)
    {
        return all;
    }
    // Under way, complete but not put away, and those of members that are ahead.
    constexpr uint64_t SLACK = 4;
    const uint64_t atOnce = uint64_t{mesh.members.size()} * mesh.channels.between() *
                            job.schedule->communicators[mesh.communicator].p2p.rounds * SLACK;
    return std::min(all, atOnce);
}

uint64_t
QueuePairs(const railyard::CompiledRun& run)
{
    constexpr uint64_t MAPPED = 2 * 2 * 16; // where it is found: two maps, half empty
    constexpr uint64_t REMEMBERED = 2 * 8;  // of one that was put away: its next PSN, likewise
    const PlayedJobs& jobs = *run.jobs;
    const uint64_t each = QueuePairBytes(run);
    const uint64_t held = jobs.first_mesh_flow();
    uint64_t bytes = held * each;
    for (size_t i = 0; i < jobs.blocks.size(); ++i)
    {
        const PlayedJobs::Block& block = jobs.blocks[i];
        const uint64_t flows = jobs.first_flow[i + 1] - jobs.first_flow[i];
        if (jobs.first_flow[i] < held)
        {
            continue;
        }
        const uint64_t atOnce =
            block.mesh == kNone ? flows : QueuePairsAtOnce(jobs.jobs[block.job], block.mesh);
        bytes += atOnce * (each + MAPPED) + (flows - atOnce) * REMEMBERED;
    }
    return bytes;
}

uint64_t
Fabric(const railyard::CompiledRun& run)
{
    const railyard::FabricPlan& plan = *run.fabric;
    // A link's ring, and packets that wait at a port: what a run with traffic everywhere was seen
    // to take.
    constexpr uint64_t PACKETS_OF_PORT = 64;
    constexpr uint64_t GROUP_BYTES = 64; // SwitchCore's, of each priority group of a port
    const uint64_t port = sizeof(DatapathPort) + sizeof(LinkReceiver) +
                          PACKETS_OF_PORT * sizeof(railyard::Packet) + sizeof(railyard::PauseState);
    uint64_t bytes = plan.links.size() * sizeof(railyard::FabricLink);
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        const uint64_t ports = plan.nodes[node].port_count;
        const bool isHost = !plan.is_switch(node);
        bytes += sizeof(railyard::FabricNode) + ports * port;
        bytes += isHost ? sizeof(HostNode) + ports * sizeof(HostNic)
                        : sizeof(SwitchNode) + plan.endpoint_count() * sizeof(uint16_t) +
                              ports * (railyard::kPriorities * GROUP_BYTES +
                                       sizeof(railyard::SwitchCounters));
    }
    return bytes;
}

/// Of its ports and their queues; messages and spans are the jobs'.
uint64_t
PortRecords(const railyard::CompiledRun& run)
{
    const railyard::FabricPlan& plan = *run.fabric;
    const int64_t interval = run.input.sample_interval.ps;
    const int64_t samples = interval == 0
                                ? 0
                                : std::min<int64_t>(QueueSampler::MAX_SAMPLES,
                                                    run.input.maximum_duration.ps / interval);
    uint64_t bytes = 0;
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        const uint64_t ofPort =
            sizeof(railyard::record::Port) + ALLOCATION +
            (!plan.is_switch(node) ? 0 : static_cast<uint64_t>(samples) * sizeof(uint32_t));
        bytes += plan.nodes[node].port_count * ofPort;
    }
    return bytes;
}

} // namespace

railyard::MemoryEstimate
EstimateMemory(const railyard::CompiledRun& run)
{
    railyard::MemoryEstimate estimate =
        railyard::estimate_of(*run.jobs, run.input.maximum_duration);
    estimate.queue_pairs = QueuePairs(run);
    estimate.fabric = Fabric(run);
    estimate.record += PortRecords(run);
    return estimate;
}

} // namespace ns3
