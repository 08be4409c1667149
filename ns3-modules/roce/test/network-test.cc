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
    InstallIncast(network, 1 << 20);
    network->GetSwitch(0)->SetAttribute("Ecn", BooleanValue(false));
    TraceLog log;
    ConnectAll(&log);
    Simulator::Run();

    EXPECT_EQ(TotalsOf(network->GetSwitch(0)).marked, 0u);
    EXPECT_GT(TotalsOf(network->GetSwitch(1)).marked + TotalsOf(network->GetSwitch(2)).marked +
                  TotalsOf(network->GetSwitch(3)).marked,
              0u);
    EXPECT_EQ(Count(log, "Marked"), TotalsOfAll(network).marked);
}

/// One host without congestion control keeps its rate, whatever the marks: it is done first.
TEST_P(RoceNetworkTest, OneNicMayDiffer)
{
    const auto network = SmallFabric().Install();
    InstallIncast(network, 1 << 20);
    network->GetNic(7)->SetAttribute("CongestionControl", StringValue("none"));
    TraceLog log;
    Config::Connect("/NodeList/0/$ns3::RoceNic/MessageReceived", MakeBoundCallback(&OnFlow, &log));
    Simulator::Run();

    ASSERT_EQ(log.size(), 7u);
    EXPECT_EQ(log.front().a, 6u); // the flow of host 7
}

/// A smaller MTU at one host only: more packets, each smaller.
TEST_P(RoceNetworkTest, OneNicMayHaveItsOwnMtu)
{
    const auto network = SmallFabric().Install();
    InstallIncast(network, 1 << 20);
    network->GetNic(3)->SetAttribute("Mtu", UintegerValue(1024));
    Simulator::Run();

    EXPECT_EQ(network->GetNic(2)->GetPortStatistics(0).sent.tx_data_packets, 256u);
    EXPECT_EQ(network->GetNic(3)->GetPortStatistics(0).sent.tx_data_packets, 1024u);
}

std::vector<int64_t>
ElapsedTimes(ApplicationContainer senders, const char* source)
{
    std::vector<int64_t> elapsed;
    for (uint32_t i = 0; i < senders.GetN(); ++i)
    {
        senders.Get(i)->TraceConnectWithoutContext(
            source,
            Callback<void, Time, uint32_t, Time>([&](Time, uint32_t, Time t)
                                                 { elapsed.push_back(t.GetTimeStep()); }));
    }
    Simulator::Run();
    return elapsed;
}

/// Alone, a message takes exactly what the fabric module says it must.
TEST_P(RoceNetworkTest, AMessageAloneTakesItsIdealTime)
{
    const auto network = SmallFabric().Install();
    RoceSenderHelper helper(network->GetHosts().Get(0));
    helper.SetAttribute("MessageBytes", UintegerValue(1'000'000));
    ApplicationContainer sender = helper.Install(network->GetHosts().Get(5));
    sender.Start(NanoSeconds(12'345));
    const railyard::FabricPaths paths(network->GetPlan(),
                                      network->GetNic(0)->GetSettings().nics,
                                      network->GetSwitch(0)->GetSettings());
    const railyard::SimTime ideal = paths.completion_time(5, 0, railyard::Bytes{1'000'000});

    EXPECT_THAT(ElapsedTimes(sender, "MessageReceived"), testing::ElementsAre(ideal.ps));
}

TEST_P(RoceNetworkTest, EventsMayPostMessagesAndMakeQueuePairs)
{
    const auto network = SmallFabric().Install();
    RoceSenderHelper helper(network->GetHosts().Get(0));
    helper.SetAttribute("Messages", UintegerValue(0));
    const auto first = DynamicCast<RoceSender>(helper.Install(network->GetHosts().Get(1)).Get(0));
    Simulator::Schedule(MicroSeconds(5), &RoceSender::Post, first, 5000);
    Simulator::Schedule(MicroSeconds(9), &RoceSender::Post, first, 0);
    helper.SetAttribute("Messages", UintegerValue(3));
    Simulator::Schedule(MicroSeconds(20), [&] { helper.Install(network->GetHosts().Get(6)); });
    TraceLog log;
    Config::Connect("/NodeList/0/$ns3::RoceNic/MessageReceived", MakeBoundCallback(&OnFlow, &log));
    Simulator::Run();

    std::vector<uint64_t> flows;
    std::transform(
        log.begin(), log.end(), std::back_inserter(flows), [](const Traced& t) { return t.a; });
    EXPECT_THAT(flows, testing::ElementsAre(0, 0, 1, 1, 1));
    EXPECT_EQ(network->GetNic(1)->GetPortStatistics(0).sent.tx_data_packets,
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
    RoceSenderHelper(network->GetHosts().Get(0)).Install(network->GetHosts().Get(1));
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
    EXPECT_DEATH(SmallFabric().Install(),
                 "bind SimulatorImplementationType to ns3::WindowSimulatorImpl");
}

TEST(RoceFabricHelperDeathTest, SaysWhyThereIsNoSuchFabric)
{
    const Simulation simulation;
    RoceFabricHelper fabric;
    fabric.SetFabricAttribute("Kind", StringValue("fat-tree"));
    fabric.SetFabricAttribute("K", UintegerValue(5));
    EXPECT_DEATH(fabric.Install(), "ns3::FabricTopology: k: ");
}

TEST(RoceSenderDeathTest, WantsAHostAsRemote)
{
    const Simulation simulation;
    const auto network = SmallFabric().Install();
    RoceSenderHelper(network->GetSwitches().Get(0)).Install(network->GetHosts().Get(0));
    EXPECT_DEATH(Simulator::Run(), "Remote is no host of a RoceNetwork");
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
