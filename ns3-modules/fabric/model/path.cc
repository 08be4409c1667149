// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/path.h"

#include "traffic/protocol/wire/packet.h"

#include <algorithm>

namespace ns3
{
namespace
{

using railyard::serialisation_ps;
using railyard::SimTime;

/// A run of packets of one length.
struct Train
{
    uint64_t packets;
    uint32_t frameBytes;
};

/// The frames of a message: a first with its RETH, full ones, and what is left.
std::vector<Train>
Segment(uint64_t message, uint32_t mtu)
{
    const uint64_t packets = message == 0 ? 1 : (message + mtu - 1) / mtu;
    const auto lastPayload = static_cast<uint32_t>(message - (packets - 1) * mtu);
    if (packets == 1)
    {
        return {{1, railyard::wire::data_frame_bytes(lastPayload, true)}};
    }
    std::vector<Train> trains{{1, railyard::wire::data_frame_bytes(mtu, true)}};
    if (packets > 2)
    {
        trains.push_back({packets - 2, railyard::wire::data_frame_bytes(mtu, false)});
    }
    trains.push_back({1, railyard::wire::data_frame_bytes(lastPayload, false)});
    return trains;
}

/**
 * When the last frame has left the last link, fixed latencies aside. A link starts a frame when the
 * frame has come and the one before has gone, so the finish is the longest walk through the table
 * of frames and links, a step going to the next link or to the next frame. Within a train of equal
 * frames the longest walk changes frames on its slowest link only, which is why a train costs the
 * same whatever its length.
 */
int64_t
LongestWalk(const std::vector<Train>& trains, const std::vector<int64_t>& psPerByte)
{
    const size_t links = psPerByte.size();
    std::vector<int64_t> finish(links, 0); // of the train before, by link: walks that end there
    for (const Train& train : trains)
    {
        std::vector<int64_t> next(links, 0);
        for (size_t from = 0; from < links; ++from)
        {
            int64_t walk = finish[from];
            int64_t slowest = 0;
            for (size_t to = from; to < links; ++to)
            {
                const int64_t hold = serialisation_ps(train.frameBytes, psPerByte[to]);
                walk += hold;
                slowest = std::max(slowest, hold);
                const auto repeats = static_cast<int64_t>(train.packets - 1);
                next[to] = std::max(next[to], walk + repeats * slowest);
            }
        }
        finish = std::move(next);
    }
    return finish.back();
}

} // namespace

FabricPaths::FabricPaths(const FabricPlan& plan,
                         const railyard::NicSettings& nics,
                         const railyard::SwitchSettings& switches)
    : m_plan(plan),
      m_adjacency(plan),
      m_mtu(nics.mtu),
      m_nicLatency(nics.nic_latency),
      m_pipelineLatency(switches.pipeline_latency)
{
}

std::vector<uint32_t>
FabricPaths::LinksBetween(uint32_t sourceEndpoint, uint32_t destinationEndpoint) const
{
    const uint32_t nics = m_plan.nicsPerHost;
    const FabricPort destination{destinationEndpoint / nics, destinationEndpoint % nics};
    FabricPort out{sourceEndpoint / nics, sourceEndpoint % nics};
    std::vector<uint32_t> links;
    if (sourceEndpoint == destinationEndpoint ||
        m_adjacency.LinkOf(out) == FabricAdjacency::NO_LINK)
    {
        return links;
    }
    while (true)
    {
        links.push_back(m_adjacency.LinkOf(out));
        const FabricPort in = m_adjacency.PeerOf(out);
        if (in.node == destination.node)
        {
            return links;
        }
        const FabricRoutes& routes = m_plan.routes[in.node];
        const uint16_t group = routes.groupOf[destinationEndpoint];
        if (group == FabricRoutes::NO_ROUTE)
        {
            return {};
        }
        out = {in.node, routes.groups[group].front()};
    }
}

SimTime
FabricPaths::FixedLatency(const std::vector<uint32_t>& links) const
{
    SimTime sum = m_nicLatency + m_pipelineLatency * static_cast<int64_t>(links.size() - 1);
    for (uint32_t link : links)
    {
        sum += m_plan.links[link].propagation;
    }
    return sum;
}

std::vector<int64_t>
FabricPaths::PsPerByte(const std::vector<uint32_t>& links) const
{
    std::vector<int64_t> psPerByte;
    for (uint32_t link : links)
    {
        psPerByte.push_back(m_plan.links[link].rate.ps_per_byte());
    }
    return psPerByte;
}

SimTime
FabricPaths::CompletionTime(uint32_t sourceEndpoint,
                            uint32_t destinationEndpoint,
                            railyard::Bytes message) const
{
    const std::vector<uint32_t> links = LinksBetween(sourceEndpoint, destinationEndpoint);
    if (links.empty())
    {
        return {};
    }
    return FixedLatency(links) + SimTime{LongestWalk(Segment(message.n, m_mtu), PsPerByte(links))};
}

} // namespace ns3
