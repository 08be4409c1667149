// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/fabric/model/routing.h"

#include "ns3-modules/fabric/model/fabric-adjacency.h"
#include "ns3-modules/fabric/model/path.h"
#include "ns3-modules/fabric/test/fabric-test-plans.h"

#include <algorithm>

namespace ns3
{
namespace
{

size_t
Hops(const FabricPaths& paths, uint32_t from, uint32_t to)
{
    return paths.LinksBetween(from, to).size();
}

TEST(Routing, CrossesTwoFourOrSixLinksInAFatTree)
{
    for (uint32_t k : {4, 8, 10})
    {
        const FabricPlan plan = MustBuild(FatTree(k));
        const FabricPaths paths(plan, {}, {});
        const uint32_t perLeaf = k / 2;
        const uint32_t perPod = perLeaf * perLeaf;
        for (uint32_t a = 0; a < plan.hostCount; ++a)
        {
            for (uint32_t b = 0; b < plan.hostCount; ++b)
            {
                const size_t expected = a == b                       ? 0
                                        : a / perLeaf == b / perLeaf ? 2
                                        : a / perPod == b / perPod   ? 4
                                                                     : 6;
                ASSERT_EQ(Hops(paths, a, b), expected) << "k=" << k << ": " << a << " -> " << b;
            }
        }
    }
}

/// Follows every equal-cost choice, not only the first.
void
ExpectAllWaysLead(const FabricPlan& plan,
                  const FabricAdjacency& adjacency,
                  uint32_t node,
                  uint32_t endpoint,
                  uint32_t linksLeft)
{
    const FabricRoutes& routes = plan.routes[node];
    ASSERT_NE(routes.groupOf[endpoint], FabricRoutes::NO_ROUTE);
    for (uint16_t port : routes.groups[routes.groupOf[endpoint]])
    {
        const FabricPort peer = adjacency.PeerOf({node, port});
        if (linksLeft == 1)
        {
            ASSERT_EQ(peer.node, endpoint / plan.nicsPerHost);
            ASSERT_EQ(peer.port, endpoint % plan.nicsPerHost);
            continue;
        }
        ASSERT_GE(peer.node, plan.hostCount);
        ExpectAllWaysLead(plan, adjacency, peer.node, endpoint, linksLeft - 1);
    }
}

TEST(Routing, EveryEqualCostChoiceLeadsThere)
{
    const FabricPlan tree = MustBuild(FatTree(4));
    for (uint32_t endpoint = 4; endpoint < tree.hostCount; ++endpoint)
    {
        ExpectAllWaysLead(tree, FabricAdjacency(tree), tree.hostCount, endpoint, 5);
    }
    const FabricPlan rails = MustBuild(Rails(4, 2, 3, 2));
    for (uint32_t host = 0; host < rails.hostCount; ++host)
    {
        const uint32_t onRailOne = host * 4 + 1;
        ExpectAllWaysLead(rails, FabricAdjacency(rails), rails.hostCount, onRailOne, 3);
    }
}

TEST(Routing, SpreadsUpwardsOverHalfThePorts)
{
    const FabricPlan plan = MustBuild(FatTree(8));
    const FabricRoutes& leaf = plan.routes[plan.hostCount];
    EXPECT_EQ(leaf.groups[leaf.groupOf[127]], (std::vector<uint16_t>{4, 5, 6, 7}));
    EXPECT_EQ(leaf.groups[leaf.groupOf[4]], (std::vector<uint16_t>{4, 5, 6, 7}));
    EXPECT_EQ(leaf.groups[leaf.groupOf[3]], (std::vector<uint16_t>{3}));
    const FabricRoutes& spine = plan.routes[plan.hostCount + 32];
    EXPECT_EQ(spine.groups[spine.groupOf[127]], (std::vector<uint16_t>{4, 5, 6, 7}));
    EXPECT_EQ(spine.groups[spine.groupOf[5]], (std::vector<uint16_t>{1}));
    const FabricRoutes& core = plan.routes.back();
    EXPECT_EQ(core.groups[core.groupOf[127]], (std::vector<uint16_t>{7}));
    EXPECT_EQ(core.groups.size(), 8u);
}

TEST(Routing, ParallelLinksAreEqualChoices)
{
    FabricSettings settings = LeafSpine(3, 2, 4);
    settings.leafSpineLinks = 3;
    const FabricPlan plan = MustBuild(settings);
    const FabricRoutes& leaf = plan.routes[plan.hostCount];
    EXPECT_EQ(leaf.groups[leaf.groupOf[11]].size(), 6u);
    const FabricRoutes& spine = plan.routes.back();
    EXPECT_EQ(spine.groups[spine.groupOf[11]], (std::vector<uint16_t>{6, 7, 8}));
}

TEST(Routing, RailsMeetAtTheSpines)
{
    const FabricPlan plan = MustBuild(Rails(4, 2, 2, 3));
    const FabricPaths paths(plan, {}, {});
    const auto endpoint = [](uint32_t host, uint32_t nic) { return host * 4 + nic; };
    EXPECT_EQ(Hops(paths, endpoint(0, 1), endpoint(2, 1)), 2u) << "same leaf of the same rail";
    EXPECT_EQ(Hops(paths, endpoint(0, 1), endpoint(3, 1)), 4u) << "two leaves of one rail";
    EXPECT_EQ(Hops(paths, endpoint(0, 1), endpoint(2, 3)), 4u) << "two rails";
    EXPECT_EQ(Hops(paths, endpoint(0, 1), endpoint(0, 2)), 4u) << "two NICs of one host";
}

TEST(Routing, CountsThePacketHopsOfW1)
{
    // 128 flows of 10,000 packets from each host to the one half the fabric away: 6 links each.
    const FabricPlan plan = MustBuild(FatTree(8));
    const FabricPaths paths(plan, {}, {});
    size_t hops = 0;
    for (uint32_t host = 0; host < 128; ++host)
    {
        hops += 10'000 * Hops(paths, host, (host + 64) % 128);
    }
    EXPECT_EQ(hops, 7'680'000u);
}

TEST(Routing, AvoidsFailedLinks)
{
    FabricPlan plan = MustBuild(LeafSpine(2, 2, 1));
    const auto isFirstUplink = [&](const FabricLink& link)
    { return link.a.node == plan.hostCount && link.a.port == 1; };
    plan.links.erase(std::find_if(plan.links.begin(), plan.links.end(), isFirstUplink));
    plan.routes = ComputeRoutes(plan);
    const FabricRoutes& leaf0 = plan.routes[plan.hostCount];
    EXPECT_EQ(leaf0.groups[leaf0.groupOf[1]], (std::vector<uint16_t>{2}));
    const FabricRoutes& leaf1 = plan.routes[plan.hostCount + 1];
    EXPECT_EQ(leaf1.groups[leaf1.groupOf[0]], (std::vector<uint16_t>{2}));
    const FabricRoutes& spine0 = plan.routes[plan.hostCount + 2];
    EXPECT_EQ(spine0.groups[spine0.groupOf[0]], (std::vector<uint16_t>{1})) << "the long way round";

    plan.links.clear();
    plan.routes = ComputeRoutes(plan);
    EXPECT_EQ(plan.routes[plan.hostCount].groupOf[1], FabricRoutes::NO_ROUTE);
}

TEST(Routing, IsTheSameEachTime)
{
    const FabricPlan a = MustBuild(FatTree(8));
    const FabricPlan b = MustBuild(FatTree(8));
    for (size_t node = 0; node < a.nodes.size(); ++node)
    {
        EXPECT_EQ(a.routes[node].groupOf, b.routes[node].groupOf);
        EXPECT_EQ(a.routes[node].groups, b.routes[node].groups);
    }
}

TEST(Routing, ReachesAllOfALargeFatTree)
{
    const FabricPlan plan = MustBuild(FatTree(24));
    EXPECT_EQ(plan.hostCount, 3'456u);
    for (uint32_t node = plan.hostCount; node < plan.nodes.size(); ++node)
    {
        const std::vector<uint16_t>& groups = plan.routes[node].groupOf;
        EXPECT_EQ(std::count(groups.begin(), groups.end(), FabricRoutes::NO_ROUTE), 0);
    }
}

} // namespace
} // namespace ns3
