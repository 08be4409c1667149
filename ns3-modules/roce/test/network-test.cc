// SPDX-License-Identifier: GPL-2.0-only
// A fabric made of ns-3 objects does what its Attributes say.
#include "trace-log.h"

#include "traffic/fabric/path.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"

#include "ns3/boolean.h"

#include <gmock/gmock.h>

namespace ns3
{
namespace
{

using RoceNetworkTest = EachEngineTest;
EACH_ENGINE(RoceNetworkTest);
using RoceNetworkDeathTest = EachEngineTest;
EACH_ENGINE(RoceNetworkDeathTest);

TEST_P(RoceNetworkTest, OneSwitchMayDiffer)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    network->GetSwitch(0)->SetAttribute("Ecn", BooleanValue(false));
    TraceLog log;
    ConnectAll(&log);
    Simulator::Run();

    EXPECT_EQ(TotalsOf(network, 8, 9).marked, 0u); // switches after eight hosts
    EXPECT_GT(TotalsOf(network, 9, 12).marked, 0u);
    EXPECT_EQ(Count(log, "Marked"), TotalsOfAll(network).marked);
}

/// One host without congestion control keeps its rate, whatever the marks: it is done first.
TEST_P(RoceNetworkTest, OneNicMayDiffer)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    network->GetNic(7)->SetAttribute("CongestionControl", StringValue("none"));
    TraceLog log;
    Config::Connect("/NodeList/0/$ns3::RoceNic/MessageReceived", MakeBoundCallback(&OnEvent, &log));
    Simulator::Run();

    ASSERT_EQ(log.size(), 7u);
    EXPECT_EQ(log.front().value, 6u); // the flow of host 7
}

/// A smaller MTU at one host only: more packets, each smaller.
TEST_P(RoceNetworkTest, OneNicMayHaveItsOwnMtu)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    network->GetNic(3)->SetAttribute("Mtu", UintegerValue(1024));
    Simulator::Run();

    EXPECT_EQ(network->GetFabric().PortStatistics(2, 0).sent.tx_data_packets, 256u);
    EXPECT_EQ(network->GetFabric().PortStatistics(3, 0).sent.tx_data_packets, 1024u);
}

/// Alone, a message takes exactly what the fabric module says it must.
TEST_P(RoceNetworkTest, AMessageAloneTakesItsIdealTime)
{
    const auto network = SmallFabric().Install();
    const uint32_t flow = network->AddFlow(0, 5);
    const Time posted = NanoSeconds(12'345);
    Simulator::Schedule(posted, &RoceNetwork::Post, network, flow, 1'000'000);
    const railyard::FabricPaths paths(network->GetPlan(),
                                      network->GetNic(0)->GetSettings().nics,
                                      network->GetSwitch(0)->GetSettings());
    const railyard::SimTime ideal = paths.completion_time(0, 5, railyard::Bytes{1'000'000});

    TraceLog log;
    Config::Connect("/NodeList/5/$ns3::RoceNic/MessageReceived", MakeBoundCallback(&OnEvent, &log));
    Simulator::Run();

    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log.front().time - posted, TimeStep(ideal.ps));
}

TEST_P(RoceNetworkTest, EventsMayPostMessagesAndMakeQueuePairs)
{
    const auto network = SmallFabric().Install();
    const uint32_t first = network->AddFlow(1, 0);
    Simulator::Schedule(MicroSeconds(5), &RoceNetwork::Post, network, first, 5000);
    Simulator::Schedule(MicroSeconds(9), &RoceNetwork::Post, network, first, 0);
    Simulator::Schedule(MicroSeconds(20),
                        [&]
                        {
                            const uint32_t second = network->AddFlow(6, 0);
                            for (int i = 0; i < 3; ++i)
                            {
                                network->Post(second, 1 << 20);
                            }
                        });
    TraceLog log;
    Config::Connect("/NodeList/0/$ns3::RoceNic/MessageReceived", MakeBoundCallback(&OnEvent, &log));
    Simulator::Run();

    std::vector<uint32_t> flows;
    std::transform(
        log.begin(), log.end(), std::back_inserter(flows), [](const Traced& t) { return t.value; });
    EXPECT_THAT(flows, testing::ElementsAre(0, 0, 1, 1, 1));
    EXPECT_EQ(network->GetFabric().PortStatistics(1, 0).sent.tx_data_packets,
              3u); // 4096 + 904, and 0
}

TEST_P(RoceNetworkTest, AQueuePairThatGetsNothingThroughFails)
{
    RoceFabricHelper fabric = SmallFabric();
    fabric.SetNicAttribute("AckTimeout", UintegerValue(1));
    fabric.SetNicAttribute("RetryCnt", UintegerValue(2));
    fabric.SetSwitchAttribute("PfcEnable", StringValue("none"));
    fabric.SetSwitchAttribute("PoolSize", StringValue("100B")); // holds no frame
    const auto network = fabric.Install();
    network->Post(network->AddFlow(1, 0), 1 << 20);
    TraceLog log;
    ConnectAll(&log);
    Simulator::Run();

    EXPECT_EQ(Count(log, "QueuePairFailed"), 1u);
    EXPECT_EQ(Count(log, "MessageReceived"), 0u);
}

TEST_P(RoceNetworkDeathTest, SettingsCannotChangeDuringTheRun)
{
    const auto network = SmallFabric().Install();
    Simulator::Schedule(MicroSeconds(1),
                        [&] { network->GetSwitch(0)->SetAttribute("Ecn", BooleanValue(false)); });
    EXPECT_DEATH(Simulator::Run(),
                 "ns3::RoceSwitch::Ecn: the fabric is laid out already: set it before the run");
}

TEST(RoceFabricHelperDeathTest, WantsAFabricEngine)
{
    const Simulation simulation("ns3::DefaultSimulatorImpl");
    SmallFabric().Install();
    EXPECT_DEATH(Simulator::Run(), "bind SimulatorImplementationType to ns3::WindowSimulatorImpl");
}

TEST(RoceFabricHelperDeathTest, SaysWhyThereIsNoSuchFabric)
{
    const Simulation simulation;
    RoceFabricHelper fabric;
    fabric.SetFabricAttribute("Kind", StringValue("fat-tree"));
    fabric.SetFabricAttribute("K", UintegerValue(5));
    EXPECT_DEATH(fabric.Install(), "ns3::RoceNetwork: k: ");
}

TEST(RoceFabricHelper, AppliesAnAlgorithmsPreset)
{
    const Simulation simulation;
    RoceFabricHelper fabric;
    fabric.SetCongestionPreset("dcqcn", "dcqcn-connectx");
    const RoceHostSettings settings = fabric.Install()->GetNic(0)->GetSettings();
    const auto& dcqcn = settings.congestion.get<railyard::DcqcnSettings>("dcqcn");
    EXPECT_EQ(dcqcn.rpg_byte_reset, railyard::Bytes{2'097'088});
    EXPECT_FALSE(dcqcn.clamp_tgt_rate);
}

} // namespace
} // namespace ns3
