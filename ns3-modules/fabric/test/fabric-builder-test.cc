// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/fabric/test/fabric-test-plans.h"

#include <gmock/gmock.h>

#include <set>

namespace ns3
{
namespace
{

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FatTreeCounts : public ::testing::TestWithParam<uint32_t>
{
};

TEST_P(FatTreeCounts, AreThoseOfThePaper)
{
    const uint32_t k = GetParam();
    const FabricPlan plan = MustBuild(FatTree(k));
    EXPECT_EQ(plan.hostCount, k * k * k / 4);
    EXPECT_EQ(plan.nodes.size() - plan.hostCount, 5 * k * k / 4);
    EXPECT_EQ(CountTier(plan, FabricTier::Leaf), k * k / 2);
    EXPECT_EQ(CountTier(plan, FabricTier::Spine), k * k / 2);
    EXPECT_EQ(CountTier(plan, FabricTier::Core), k * k / 4);
    EXPECT_EQ(plan.links.size(), 3 * k * k * k / 4);
    for (uint32_t node = plan.hostCount; node < plan.nodes.size(); ++node)
    {
        EXPECT_EQ(plan.nodes[node].portCount, k);
    }
}

INSTANTIATE_TEST_SUITE_P(K, FatTreeCounts, ::testing::Values(2, 4, 8, 10, 16));

/// Each port has exactly one link, and each link joins a lower tier to a higher one.
void
ExpectSoundWiring(const FabricPlan& plan)
{
    std::set<std::pair<uint32_t, uint32_t>> used;
    for (const FabricLink& link : plan.links)
    {
        for (const FabricPort& end : {link.a, link.b})
        {
            ASSERT_LT(end.node, plan.nodes.size());
            EXPECT_LT(end.port, plan.nodes[end.node].portCount) << plan.nodes[end.node].name;
            EXPECT_TRUE(used.insert({end.node, end.port}).second) << plan.nodes[end.node].name;
        }
        EXPECT_LT(plan.nodes[link.a.node].tier, plan.nodes[link.b.node].tier);
    }
    size_t ports = 0;
    for (const FabricNode& node : plan.nodes)
    {
        ports += node.portCount;
    }
    EXPECT_EQ(used.size(), ports);
}

TEST(FabricWiring, UsesEachPortOnce)
{
    ExpectSoundWiring(MustBuild(FatTree(8)));
    ExpectSoundWiring(MustBuild(FatTree(4, 8)));
    ExpectSoundWiring(MustBuild(LeafSpine(1, 0, 16)));
    FabricSettings parallel = LeafSpine(3, 2, 4);
    parallel.leafSpineLinks = 4;
    parallel.nicsPerHost = 2;
    ExpectSoundWiring(MustBuild(parallel));
    ExpectSoundWiring(MustBuild(Rails(8, 2, 4, 4)));
}

TEST(FabricWiring, NumbersHostsPodByPodAndLeafByLeaf)
{
    const FabricPlan plan = MustBuild(FatTree(8));
    for (uint32_t host = 0; host < plan.hostCount; ++host)
    {
        EXPECT_EQ(plan.links[host].a.node, host);
        EXPECT_EQ(plan.links[host].b.node, plan.hostCount + host / 4);
        EXPECT_EQ(plan.links[host].b.port, host % 4);
    }
    EXPECT_EQ(plan.nodes[5].name, "host5");
    EXPECT_EQ(plan.nodes[128].name, "leaf0");
    EXPECT_EQ(plan.nodes[128 + 32].name, "spine0");
    EXPECT_EQ(plan.nodes.back().name, "core15");
}

TEST(FabricWiring, GivesLinksTheirRates)
{
    FabricSettings settings = LeafSpine(2, 2, 4);
    settings.linkRate = railyard::BitRate::gigabits(100);
    settings.uplinkRate = railyard::BitRate::gigabits(400);
    settings.linkDelay = railyard::SimTime::nanoseconds(250);
    const FabricPlan plan = MustBuild(settings);
    for (const FabricLink& link : plan.links)
    {
        const bool host = plan.nodes[link.a.node].tier == FabricTier::Host;
        EXPECT_EQ(link.rate, host ? settings.linkRate : settings.uplinkRate);
        EXPECT_EQ(link.propagation, settings.linkDelay);
    }
}

TEST(FabricWiring, PutsNicROnRailR)
{
    const FabricPlan plan = MustBuild(Rails(4, 2, 2, 3));
    ASSERT_EQ(plan.hostCount, 6u);
    ASSERT_EQ(plan.EndpointCount(), 24u);
    EXPECT_EQ(CountTier(plan, FabricTier::Leaf), 8u);
    for (const FabricLink& link : plan.links)
    {
        if (plan.nodes[link.a.node].tier == FabricTier::Host)
        {
            const uint32_t rail = link.a.port;
            const uint32_t leaf = link.b.node - plan.hostCount;
            EXPECT_EQ(leaf, rail * 2 + link.a.node / 3);
        }
    }
}

TEST(DescribeFabric, SaysShapeAndOversubscription)
{
    const auto describe = [](const FabricSettings& s) { return DescribeFabric(s, MustBuild(s)); };
    EXPECT_EQ(describe(FatTree(8)), "k=8 fat-tree: 128 hosts, 80 switches, 1:1");
    EXPECT_EQ(describe(FatTree(4, 8)), "k=4 fat-tree: 64 hosts, 20 switches, 4:1");
    EXPECT_EQ(describe(LeafSpine(1, 0, 16)), "single switch: 16 hosts, 1 switch");
    EXPECT_EQ(describe(LeafSpine(4, 2, 5)), "4x2 leaf-spine: 20 hosts, 6 switches, 2.5:1");
    FabricSettings fast = LeafSpine(4, 2, 8);
    fast.uplinkRate = railyard::BitRate::gigabits(400);
    EXPECT_EQ(describe(fast), "4x2 leaf-spine: 32 hosts, 6 switches, 1:1");
    EXPECT_EQ(describe(Rails(8, 1, 4, 16)), "8-rail: 16 hosts of 8 NICs, 12 switches, 4:1");
}

std::string
ErrorOf(const FabricSettings& settings)
{
    const auto plan = BuildFabric(settings);
    return plan ? "no error" : plan.error();
}

TEST(BuildFabricErrors, NameTheParameterAndTheRemedy)
{
    EXPECT_EQ(ErrorOf(FatTree(5)),
              "k: a fat-tree needs an even number of ports from 2 up, not 5: set 6");
    EXPECT_THAT(ErrorOf(FatTree(0)), HasSubstr("set 2"));
    EXPECT_EQ(ErrorOf(FatTree(258)),
              "k: a spine switch would have 258 ports, and 256 is the most: make k smaller");
    EXPECT_EQ(ErrorOf(FatTree(66)),
              "k: the fabric would have 71874 NICs, and 65536 is the most: make k smaller");
    EXPECT_EQ(ErrorOf(FatTree(8, 253)),
              "hosts_per_leaf: a leaf switch would have 257 ports, and 256 is the most: "
              "make hosts_per_leaf smaller");
    EXPECT_THAT(ErrorOf(LeafSpine(2, 2, 0)), StartsWith("hosts_per_leaf: "));
    EXPECT_THAT(ErrorOf(LeafSpine(0, 2, 4)), StartsWith("leaves: "));
    EXPECT_EQ(ErrorOf(LeafSpine(2, 0, 4)),
              "spines: 2 leaves need a spine to reach each other: set 1 or more");
    EXPECT_THAT(ErrorOf(LeafSpine(2, 250, 10)),
                StartsWith("spines: a leaf switch would have 260 ports"));
    EXPECT_THAT(ErrorOf(LeafSpine(257, 1, 1)),
                StartsWith("leaves: a spine switch would have 257 ports"));
    EXPECT_THAT(ErrorOf(LeafSpine(1, 0, 0xffffffff)), StartsWith("hosts_per_leaf: a leaf switch"));
    EXPECT_THAT(ErrorOf(Rails(4, 1, 0, 4)), StartsWith("spines: 4 leaves"));
    EXPECT_THAT(ErrorOf(Rails(0, 1, 1, 4)), StartsWith("nics_per_host: "));
    FabricSettings unlinked = LeafSpine(2, 2, 4);
    unlinked.leafSpineLinks = 0;
    EXPECT_THAT(ErrorOf(unlinked), StartsWith("leaf_spine_links: "));
}

TEST(BuildFabricErrors, RefuseRatesThatPicosecondsCannotHold)
{
    FabricSettings settings = LeafSpine(2, 2, 4);
    settings.linkRate = railyard::BitRate::gigabits(300);
    EXPECT_THAT(ErrorOf(settings), StartsWith("link_rate: at 300Gbps a byte does not last"));
    settings.linkRate = railyard::BitRate::gigabits(100);
    settings.uplinkRate = railyard::BitRate::gigabits(7);
    EXPECT_THAT(ErrorOf(settings), StartsWith("uplink_rate: "));
    settings = LeafSpine(2, 2, 4);
    settings.scaleUpRate = {1'000};
    EXPECT_EQ(ErrorOf(settings),
              "scale_up_rate: 1kbps is too slow: set 1Mbps or more, or 0 for none");
    settings = LeafSpine(2, 2, 4);
    settings.kind = 9;
    EXPECT_THAT(ErrorOf(settings), HasSubstr("no fabric kind 9"));
}

TEST(SingleSwitch, HasHostIOnPortI)
{
    FabricSettings settings;
    settings.kind = static_cast<uint32_t>(FabricKind::SingleSwitch);
    settings.hostsPerLeaf = 8;
    settings.leaves = 3; // of other kinds
    const FabricPlan plan = MustBuild(settings);
    EXPECT_EQ(plan.hostCount, 8u);
    ASSERT_EQ(plan.nodes.size(), 9u);
    EXPECT_EQ(plan.nodes[8].name, "leaf0");
    ASSERT_EQ(plan.links.size(), 8u);
    for (uint32_t host = 0; host < 8; ++host)
    {
        EXPECT_EQ(plan.links[host].a.node, host);
        EXPECT_EQ(plan.links[host].b.port, host);
    }
    EXPECT_EQ(DescribeFabric(settings, plan), "single switch: 8 hosts, 1 switch");
    settings.hostsPerLeaf = 0;
    EXPECT_THAT(BuildFabric(settings).error(), StartsWith("hosts_per_leaf"));
}

} // namespace
} // namespace ns3
