// SPDX-License-Identifier: GPL-2.0-only
#include "partition.h"

#include <algorithm>
#include <deque>
#include <numeric>

namespace ns3
{

namespace
{

/// Nodes that stay together.
struct Cluster
{
    std::vector<DatapathNode*> nodes;
    uint64_t load = 0;
    uint32_t tier = 0;
};

/// By node: how many links it is away from the nearest of those with the fewest ports, which are
/// the hosts.
std::vector<uint32_t>
TiersOf(const std::vector<std::unique_ptr<DatapathNode>>& nodes)
{
    constexpr uint32_t NOT_REACHED = ~uint32_t{0};
    const auto fewest = std::min_element(nodes.begin(),
                                         nodes.end(),
                                         [](const auto& a, const auto& b)
                                         { return a->ports.size() < b->ports.size(); });
    std::vector<uint32_t> tier(nodes.size(), NOT_REACHED);
    std::deque<uint32_t> next;
    for (const auto& node : nodes)
    {
        if (node->ports.size() == (*fewest)->ports.size())
        {
            tier[node->id] = 0;
            next.push_back(node->id);
        }
    }
    for (; !next.empty(); next.pop_front())
    {
        const uint32_t id = next.front();
        for (const DatapathPort& port : nodes[id]->ports)
        {
            if (tier[port.peerNode] == NOT_REACHED)
            {
                tier[port.peerNode] = tier[id] + 1;
                next.push_back(port.peerNode);
            }
        }
    }
    return tier;
}

/// A node with one port stays with its neighbour; every other node is the centre of a cluster. (A
/// host with several NICs is one, too.) Clusters come tier after tier, in the order of their first
/// node.
std::vector<Cluster>
ClustersOf(const std::vector<std::unique_ptr<DatapathNode>>& nodes,
           const std::vector<uint64_t>& load)
{
    const std::vector<uint32_t> tiers = TiersOf(nodes);
    std::vector<Cluster> clusters;
    std::vector<int64_t> clusterOf(nodes.size(), -1);
    for (const auto& node : nodes)
    {
        const bool leafNode = node->ports.size() == 1;
        const uint32_t centre = leafNode ? node->ports.front().peerNode : node->id;
        if (clusterOf[centre] < 0)
        {
            clusterOf[centre] = static_cast<int64_t>(clusters.size());
            clusters.emplace_back().tier = tiers[centre];
        }
        Cluster& cluster = clusters[clusterOf[centre]];
        cluster.nodes.push_back(node.get());
        cluster.load += load[node->id];
    }
    std::stable_sort(clusters.begin(),
                     clusters.end(),
                     [](const Cluster& a, const Cluster& b) { return a.tier < b.tier; });
    return clusters;
}

} // namespace

std::vector<std::vector<DatapathNode*>>
Partition(const std::vector<std::unique_ptr<DatapathNode>>& nodes,
          const std::vector<uint64_t>& load,
          uint32_t workers)
{
    std::vector<uint64_t> weight = load;
    if (std::accumulate(load.begin(), load.end(), uint64_t{0}) == 0)
    {
        std::transform(nodes.begin(),
                       nodes.end(),
                       weight.begin(),
                       [](const auto& node) { return node->ports.size(); });
    }
    const std::vector<Cluster> clusters = ClustersOf(nodes, weight);

    // Every tier is cut into as many runs of neighbours as there are workers. What a worker has got
    // too much of in one tier, it gets less of in the next.
    std::vector<std::vector<DatapathNode*>> parts(workers);
    std::vector<uint64_t> got(workers, 0);
    uint64_t given = 0;
    for (auto tier = clusters.begin(); tier != clusters.end();)
    {
        const auto end = std::find_if(
            tier, clusters.end(), [&](const Cluster& c) { return c.tier != tier->tier; });
        given = std::accumulate(
            tier, end, given, [](uint64_t sum, const Cluster& c) { return sum + c.load; });
        uint32_t worker = 0;
        for (; tier != end; ++tier)
        {
            // Who has nothing yet takes what is too much for anybody, or the last would get it all.
            while (worker + 1 < workers && got[worker] != 0 &&
                   got[worker] + tier->load / 2 >= given / workers)
            {
                ++worker;
            }
            got[worker] += tier->load;
            parts[worker].insert(parts[worker].end(), tier->nodes.begin(), tier->nodes.end());
        }
    }
    return parts;
}

} // namespace ns3
