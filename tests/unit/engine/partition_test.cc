// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/engine/model/partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>

#include "tests/unit/engine/idle_node.h"

namespace railyard {
namespace {

using Nodes = std::vector<std::unique_ptr<ns3::DatapathNode>>;
using Parts = std::vector<std::vector<ns3::DatapathNode*>>;

constexpr uint32_t kLeaves = 8, kHostsPerLeaf = 4, kSpines = 4;
constexpr uint32_t kHosts = kLeaves * kHostsPerLeaf;

// Hosts, then leaves, then spines; every leaf with every spine.
Nodes leaf_spine() {
  std::vector<std::vector<uint32_t>> peers(kHosts + kLeaves + kSpines);
  const auto wire = [&](uint32_t a, uint32_t b) {
    peers[a].push_back(b);
    peers[b].push_back(a);
  };
  for (uint32_t host = 0; host < kHosts; ++host) wire(host, kHosts + host / kHostsPerLeaf);
  for (uint32_t leaf = 0; leaf < kLeaves; ++leaf)
    for (uint32_t spine = 0; spine < kSpines; ++spine) wire(kHosts + leaf, kHosts + kLeaves + spine);
  Nodes nodes;
  for (uint32_t id = 0; id < peers.size(); ++id) {
    std::vector<ns3::DatapathPort> ports(peers[id].size());
    for (size_t port = 0; port < ports.size(); ++port) ports[port].peerNode = peers[id][port];
    const std::vector<uint16_t> ranks = ranks_as_numbered(ports.size());
    nodes.push_back(std::make_unique<IdleNode>(id, std::move(ports), ranks));
  }
  return nodes;
}

std::vector<uint32_t> workers_of(const Nodes& nodes, const Parts& parts) {
  constexpr uint32_t kNone = ~0U;
  std::vector<uint32_t> worker(nodes.size(), kNone);
  for (uint32_t w = 0; w < parts.size(); ++w) {
    for (const ns3::DatapathNode* node : parts[w]) {
      EXPECT_EQ(worker[node->id], kNone) << "node " << node->id << " has two workers";
      worker[node->id] = w;
    }
  }
  EXPECT_EQ(std::count(worker.begin(), worker.end(), kNone), 0);
  return worker;
}

std::vector<uint64_t> loads_of(const Parts& parts, const std::vector<uint64_t>& load) {
  std::vector<uint64_t> loads;
  for (const auto& part : parts) {
    loads.push_back(0);
    for (const ns3::DatapathNode* node : part) loads.back() += load[node->id];
  }
  return loads;
}

class PartitionOver : public testing::TestWithParam<uint32_t> {};

TEST_P(PartitionOver, EveryNodeHasOneWorkerAndHostsStayWithTheirLeaf) {
  const Nodes nodes = leaf_spine();
  const Parts parts = ns3::Partition(nodes, std::vector<uint64_t>(nodes.size(), 0), GetParam());
  ASSERT_EQ(parts.size(), GetParam());
  const std::vector<uint32_t> worker = workers_of(nodes, parts);
  for (uint32_t host = 0; host < kHosts; ++host)
    EXPECT_EQ(worker[host], worker[kHosts + host / kHostsPerLeaf]) << "host " << host;
}

TEST_P(PartitionOver, WorkersGetAboutTheSame) {
  const Nodes nodes = leaf_spine();
  std::vector<uint64_t> load(nodes.size());
  for (uint32_t id = 0; id < load.size(); ++id) load[id] = 10 + id % 3;
  const std::vector<uint64_t> loads = loads_of(ns3::Partition(nodes, load, GetParam()), load);
  const uint64_t all = std::accumulate(load.begin(), load.end(), uint64_t{0});
  constexpr uint64_t kCluster = (1 + kHostsPerLeaf) * 12;  // a leaf with its hosts is not divided
  for (const uint64_t part : loads) EXPECT_LE(part, all / GetParam() + kCluster);
}

INSTANTIATE_TEST_SUITE_P(Workers, PartitionOver, testing::Values(1, 2, 3, 4, 8, 64));

// One leaf's hosts do all the work: it has a worker to itself, but for what costs nothing.
TEST(Partition, FollowsTheLoad) {
  const Nodes nodes = leaf_spine();
  std::vector<uint64_t> load(nodes.size(), 1);
  for (uint32_t host = 0; host < kHostsPerLeaf; ++host) load[host] = 1'000;
  const Parts parts = ns3::Partition(nodes, load, 2);
  const std::vector<uint32_t> worker = workers_of(nodes, parts);
  for (uint32_t leaf = 1; leaf < kLeaves; ++leaf) EXPECT_NE(worker[kHosts + leaf], worker[kHosts]) << leaf;
}

}  // namespace
}  // namespace railyard
