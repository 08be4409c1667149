// SPDX-License-Identifier: GPL-2.0-only
// Trace sources tell what the counters count, in order, alike from both engines.
#include "trace-log.h"

#include "ns3-modules/engine/model/fabric-simulator-impl.h"

#include "ns3/rng-seed-manager.h"

#include <gmock/gmock.h>

namespace ns3
{
namespace
{

using RoceTraces = EachEngineTest;
EACH_ENGINE(RoceTraces);
using RoceTracesDeathTest = EachEngineTest;
EACH_ENGINE(RoceTracesDeathTest);

TEST_P(RoceTraces, TraceCountsAreTheCounters)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    TraceLog log;
    ConnectAll(&log);
    Simulator::Run();

    const Totals totals = TotalsOfAll(network);
    EXPECT_GT(totals.marked, 0u);
    EXPECT_GT(totals.pauses, 0u);
    EXPECT_EQ(Count(log, "Marked"), totals.marked);
    EXPECT_EQ(Count(log, "PauseSent"), totals.pausesSent);
    EXPECT_EQ(Count(log, "ResumeSent"), totals.pausesSent);
    EXPECT_EQ(Count(log, "PauseStarted"), totals.pauses);
    EXPECT_EQ(Count(log, "PauseEnded"), totals.pauses);
    EXPECT_EQ(Count(log, "Dropped"), totals.dropped);
    EXPECT_EQ(Count(log, "MessageReceived"), 7u);
    EXPECT_EQ(Count(log, "MessageAcked"), 7u);
    EXPECT_EQ(Count(log, "QueuePairFailed"), 0u);
}

TEST_P(RoceTraces, DropsAreTracedWithTheirReason)
{
    RoceFabricHelper fabric = SmallFabric();
    fabric.SetSwitchAttribute("PfcEnable", StringValue("none"));
    fabric.SetNicAttribute("AckTimeout", UintegerValue(6));
    const auto network = fabric.Install();
    PostIncast(network, 1 << 20);
    TraceLog log;
    ConnectAll(&log);
    Simulator::Run();

    EXPECT_GT(Count(log, "Dropped"), 0u);
    EXPECT_EQ(Count(log, "Dropped"), TotalsOfAll(network).dropped);
    for (const Traced& traced : log)
    {
        if (Count({traced}, "Dropped") == 1)
        {
            EXPECT_EQ(traced.value, static_cast<uint32_t>(railyard::DropReason::EgressFull));
        }
    }
    EXPECT_EQ(Count(log, "MessageReceived"), 7u);
}

TraceLog
IncastTraces(const char* engine, uint64_t run = 1)
{
    const Simulation simulation(engine);
    RngSeedManager::SetRun(run);
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    TraceLog log;
    ConnectAll(&log);
    Simulator::Run();
    RngSeedManager::SetRun(1);
    return log;
}

TEST(RoceTracesOfARun, ComeInOrderOfTimeAndAlikeFromBothEngines)
{
    const TraceLog window = IncastTraces("ns3::WindowSimulatorImpl");
    EXPECT_TRUE(std::is_sorted(window.begin(),
                               window.end(),
                               [](const auto& a, const auto& b) { return a.time < b.time; }));
    for (const Traced& traced : window)
    {
        EXPECT_EQ(traced.now, traced.time);
    }
    EXPECT_TRUE(window == IncastTraces("ns3::ReferenceSimulatorImpl"));
}

TEST(RoceTracesOfARun, DoNotDependOnThreads)
{
    const TraceLog one = IncastTraces("ns3::WindowSimulatorImpl");
    Config::SetDefault("ns3::WindowSimulatorImpl::Threads", UintegerValue(2));
    EXPECT_TRUE(one == IncastTraces("ns3::WindowSimulatorImpl"));
}

TEST(RoceTracesOfARun, DependOnRngRun)
{
    EXPECT_TRUE(IncastTraces("ns3::WindowSimulatorImpl", 2) ==
                IncastTraces("ns3::WindowSimulatorImpl", 2));
    EXPECT_FALSE(IncastTraces("ns3::WindowSimulatorImpl", 1) ==
                 IncastTraces("ns3::WindowSimulatorImpl", 2));
}

Time
Lookahead()
{
    return FabricSimulatorImpl::Get()->GetLookahead();
}

TEST_P(RoceTraces, ASinkMayScheduleALookaheadAhead)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    std::vector<int64_t> delays;
    network->GetNic(0)->TraceConnectWithoutContext(
        "MessageReceived",
        Callback<void, Time, uint32_t, uint32_t>(
            [&](Time time, uint32_t, uint32_t)
            {
                Simulator::Schedule(Lookahead(),
                                    [&delays, time]
                                    { delays.push_back((Simulator::Now() - time).GetTimeStep()); });
            }));
    Simulator::Run();

    // Propagation and the shorter of the two latencies behind it.
    EXPECT_THAT(delays, testing::AllOf(testing::SizeIs(7), testing::Each(500'000 + 400'000)));
}

TEST_P(RoceTracesDeathTest, ASinkThatSchedulesTooEarlyIsTold)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    network->GetNic(0)->TraceConnectWithoutContext(
        "MessageReceived",
        Callback<void, Time, uint32_t, uint32_t>(
            [&](Time, uint32_t, uint32_t)
            { Simulator::Schedule(Lookahead() - PicoSeconds(1), [] {}); }));
    EXPECT_DEATH(Simulator::Run(), "schedule it at least one lookahead later, \\+900ns");
}

TEST_P(RoceTracesDeathTest, ASinkCannotPost)
{
    const auto network = SmallFabric().Install();
    PostIncast(network, 1 << 20);
    network->GetNic(0)->TraceConnectWithoutContext(
        "MessageReceived",
        Callback<void, Time, uint32_t, uint32_t>([&](Time, uint32_t, uint32_t)
                                                 { network->Post(0, 1); }));
    EXPECT_DEATH(Simulator::Run(), "A trace sink scheduled an event");
}

} // namespace
} // namespace ns3
