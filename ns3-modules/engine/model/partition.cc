// SPDX-License-Identifier: GPL-2.0-only
#include "partition.h"

#include <algorithm>
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
};

/// A node with one port stays with its neighbour; every other node is the centre of a cluster. (A
/// host with several NICs is one, too.) Clusters come in the order of their first node.
std::vector<Cluster>
ClustersOf(const std::vector<std::unique_ptr<DatapathNode>>& nodes,
           const std::vector<uint64_t>& load)
{
    std::vector<Cluster> clusters;
    std::vector<int64_t> clusterOf(nodes.size(), -1);
    for (const auto& node : nodes)
    {
        const bool leafNode = node->ports.size() == 1;
        const uint32_t centre = leafNode ? node->ports.front().peerNode : node->id;
        if (clusterOf[centre] < 0)
        {
            clusterOf[centre] = static_cast<int64_t>(clusters.size());
            clusters.emplace_back();
        }
        Cluster& cluster = clusters[clusterOf[centre]];
        cluster.nodes.push_back(node.get());
        cluster.load += load[node->id];
    }
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
    std::vector<Cluster> clusters = ClustersOf(nodes, weight);
    std::vector<uint32_t> heaviestFirst(clusters.size());
    std::iota(heaviestFirst.begin(), heaviestFirst.end(), 0);
    std::stable_sort(heaviestFirst.begin(),
                     heaviestFirst.end(),
                     [&](uint32_t a, uint32_t b) { return clusters[a].load > clusters[b].load; });

    // Longest processing time first: the next heaviest goes to whoever has least.
    std::vector<uint64_t> total(workers, 0);
    std::vector<uint32_t> workerOf(clusters.size());
    for (const uint32_t cluster : heaviestFirst)
    {
        const auto least = std::min_element(total.begin(), total.end());
        *least += clusters[cluster].load;
        workerOf[cluster] = static_cast<uint32_t>(least - total.begin());
    }
    std::vector<std::vector<DatapathNode*>> parts(workers);
    for (uint32_t cluster = 0; cluster < clusters.size(); ++cluster)
    {
        auto& part = parts[workerOf[cluster]];
        part.insert(part.end(), clusters[cluster].nodes.begin(), clusters[cluster].nodes.end());
    }
    return parts;
}

} // namespace ns3
