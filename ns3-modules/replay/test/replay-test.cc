// SPDX-License-Identifier: GPL-2.0-only
#include "ns3-modules/replay/model/replay.h"

#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/protocol/transport/nic_settings.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <tuple>

namespace ns3
{
namespace
{

using railyard::Bytes;
using railyard::SimTime;
namespace record = railyard::record;

railyard::JobInput
MakeJob(railyard::trace::Trace trace, std::vector<uint32_t> hosts = {})
{
    railyard::JobInput job;
    job.name = "job";
    const uint32_t ranks = trace.header().rank_count();
    for (uint32_t rank = 0; rank < ranks; ++rank)
    {
        job.placement.push_back({hosts.empty() ? rank : hosts[rank], 0});
    }
    job.source = railyard::trace::HeldTrace::of(std::move(trace)).value();
    return job;
}

railyard::RunInput
MakeFatTree(uint32_t k)
{
    railyard::RunInput input;
    input.fabric.kind = railyard::FabricKind::FatTree;
    input.fabric.k = k;
    input.fabric.hosts_per_leaf = 0;
    return input;
}

record::Record
RunToEnd(const railyard::RunInput& input)
{
    auto result = Simulate(input, {});
    EXPECT_TRUE(result.has_value()) << result.error();
    return result.value_or(record::Record{});
}

uint64_t
Drops(const record::Record& record)
{
    uint64_t drops = 0;
    for (const record::Port& port : record.ports)
    {
        drops = std::accumulate(port.drops.begin(), port.drops.end(), drops);
    }
    return drops;
}

class IncastBound : public testing::TestWithParam<uint32_t>
{
};

/// N messages of S bytes cannot reach one port sooner than their bytes take on its link.
TEST_P(IncastBound, PfcAloneIsWithinTwoPercentOfTheLink)
{
    const uint32_t senders = GetParam();
    railyard::RunInput input = MakeFatTree(10);
    input.nic.congestion_control = railyard::index_of_congestion_algorithm("none");
    input.jobs.push_back(MakeJob(*railyard::make_incast({senders, Bytes{1 << 20}})));

    const record::Record record = RunToEnd(input);

    SimTime last;
    for (const record::Message& message : record.messages)
    {
        last = std::max(last, message.received);
    }
    // 256 packets of 4096 B a message, 82 B of overhead each and a RETH in the first, at 80 ps a
    // byte.
    const int64_t onWire = int64_t{senders} * (256 * 4178 + 16) * 80;
    // The nearest senders are two links away: one serialisation (of a first packet, which starts
    // the bottleneck going), two propagations, the leaf's pipeline and the NIC.
    const int64_t latency = (4178 + 16) * 80 + 2 * input.fabric.link_delay.ps +
                            input.switches.pipeline_latency.ps + input.nic.nic_latency.ps;
    EXPECT_GE(last.ps, onWire + latency);
    EXPECT_LE(static_cast<double>(last.ps), 1.02 * static_cast<double>(onWire + latency));
    EXPECT_EQ(Drops(record), 0u);
}

INSTANTIATE_TEST_SUITE_P(Senders, IncastBound, testing::Values(16, 64, 128));

TEST(Replay, RingAllReduceReachesTheLinksPayloadRate)
{
    railyard::RunInput input;
    input.fabric.leaves = 1;
    input.fabric.spines = 0;
    input.fabric.hosts_per_leaf = 16;
    input.nic.ack_every = 16;
    input.jobs.push_back(MakeJob(*railyard::make_single_collective({0, 16, Bytes{64 << 20}})));

    const record::Record record = RunToEnd(input);

    const double seconds = record.iterations.front().end.to_seconds();
    const double busBandwidth = (64 << 20) / seconds * 2 * 15 / 16 * 8;
    EXPECT_GE(busBandwidth, 0.97 * 100e9 * 4096 / 4178);
}

bool
SameMessages(const record::Record& a, const record::Record& b)
{
    return std::equal(a.messages.begin(),
                      a.messages.end(),
                      b.messages.begin(),
                      b.messages.end(),
                      [](const record::Message& x, const record::Message& y) {
                          return x.posted == y.posted && x.received == y.received &&
                                 x.acked == y.acked;
                      });
}

TEST(Replay, BothEnginesGiveTheSameMessagesPausesAndMarks)
{
    railyard::RunInput input = MakeFatTree(4);
    input.switches.pool_size = Bytes{200'000};
    input.jobs.push_back(MakeJob(*railyard::make_single_collective({4, 16, Bytes{1 << 20}})));
    input.jobs.push_back(MakeJob(*railyard::make_incast({12, Bytes{100'000}, 2})));
    input.jobs.back().background = true;

    const record::Record window = RunToEnd(input);
    input.reference_engine = true;
    const record::Record reference = RunToEnd(input);

    EXPECT_TRUE(SameMessages(window, reference));
    EXPECT_EQ(window.duration, reference.duration);
    EXPECT_EQ(window.pauses.size(), reference.pauses.size());
    EXPECT_EQ(window.totals.cnps, reference.totals.cnps);
    EXPECT_GT(window.pauses.size(), 0u);
    EXPECT_GT(window.totals.cnps, 0u);
}

TEST(Replay, TimeLimitNamesTheRankThatIsBehind)
{
    railyard::RunInput input = MakeFatTree(4);
    input.maximum_duration = SimTime::microseconds(20);
    input.jobs.push_back(MakeJob(*railyard::make_incast({8, Bytes{1 << 20}})));

    const auto result = Simulate(input, {});

    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error(),
              "job 'job' has not ended: rank 0 is in iteration 1 of 1, with 0 operations done "
              "after 20 us of simulated "
              "time; raise limits.duration, or look for what holds the traffic");
}

TEST(Replay, ARunCanBeCancelled)
{
    railyard::RunInput input = MakeFatTree(4);
    input.jobs.push_back(MakeJob(*railyard::make_incast({8, Bytes{1 << 20}})));

    const auto result =
        Simulate(input, [](SimTime now, double) { return now < SimTime::microseconds(200); });

    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error(), "cancelled");
}

railyard::RunInput
MakeTwoGpusAHost(railyard::BitRate scaleUp)
{
    railyard::RunInput input;
    input.fabric.nics_per_host = 2;
    input.fabric.gpus_per_host = 2;
    input.fabric.kind = railyard::FabricKind::RailOptimized;
    input.fabric.scale_up_rate = scaleUp;
    input.jobs.push_back(MakeJob(*railyard::make_incast({1, Bytes{1 << 20}})));
    input.jobs.front().placement = {{0, 0}, {0, 1}};
    return input;
}

TEST(Replay, WithinAHostTheScaleUpLinkCarriesIt)
{
    const record::Record record = RunToEnd(MakeTwoGpusAHost(railyard::BitRate::gigabits(400)));

    EXPECT_EQ(record.totals.packet_hops, 0u);
    const record::Message& message = record.messages.front();
    // 1 MiB at 20 ps a byte, and the link's microsecond
    EXPECT_EQ(message.received - message.posted, SimTime::picoseconds((1 << 20) * 20 + 1'000'000));
}

TEST(Replay, WithoutScaleUpLinksTheNicsCarryIt)
{
    const record::Record record = RunToEnd(MakeTwoGpusAHost({0}));

    EXPECT_GT(record.totals.data_hops, 0u);
    EXPECT_GT(record.messages.front().ideal, SimTime{});
}

TEST(Replay, TwoRanksThatShareANicNeedAScaleUpLink)
{
    railyard::RunInput input = MakeTwoGpusAHost({0});
    input.fabric.kind = railyard::FabricKind::LeafSpine;
    input.fabric.nics_per_host = 1;

    const auto result = Simulate(input, {});

    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error(),
              "job 'job': ranks 1 and 0 share a NIC, and scale_up_rate = 0 gives hosts no links "
              "between their GPUs; "
              "set scale_up_rate, or nics_per_host to gpus_per_host");
}

railyard::RunInput
MakeTightIncast()
{
    railyard::RunInput input = MakeFatTree(4);
    input.switches.pool_size = Bytes{2'000'000};
    input.nic.congestion_control = railyard::index_of_congestion_algorithm("none");
    input.jobs.push_back(MakeJob(*railyard::make_incast({4, Bytes{1'000'000}})));
    return input;
}

TEST(Replay, TheLosslessLimitsAreNotTheLossyGroups)
{
    railyard::RunInput input = MakeTightIncast();
    input.switches.pfc_enable = {};
    input.switches.dynamic_th = -8;
    input.switches.lossy_dynamic_th = 7;

    const record::Record record = RunToEnd(input);

    const auto sharedFull = static_cast<size_t>(railyard::DropReason::SharedFull);
    uint64_t drops = 0;
    for (const record::Port& port : record.ports)
    {
        drops += port.drops[sharedFull];
    }
    EXPECT_LT(drops, 1000u); // those of a full pool
}

TEST(Replay, APriorityGroupMayPauseByAnotherPriority)
{
    railyard::RunInput input = MakeTightIncast();
    input.switches.maps.tc_to_pg[3] = 4;
    input.switches.maps.pg_to_pfc[4] = 3;
    input.switches.dynamic_th = -4;

    const record::Record record = RunToEnd(input);

    EXPECT_EQ(Drops(record), 0u);
    EXPECT_GT(record.pauses.size(), 0u);
}

/// Without PFC and with a small buffer packets are lost, and go-back-N brings every message home.
TEST(Replay, LossIsRepaired)
{
    railyard::RunInput input = MakeFatTree(4);
    input.switches.pfc_enable = {};
    input.switches.pool_size = Bytes{200'000};
    input.nic.ack_timeout = 6;
    input.nic.congestion_control = railyard::index_of_congestion_algorithm("dcqcn");
    input.jobs.push_back(MakeJob(*railyard::make_incast({12, Bytes{1 << 20}})));

    const record::Record record = RunToEnd(input);

    EXPECT_EQ(record.messages.size(), 12u);
    EXPECT_GT(Drops(record), 0u);
    EXPECT_GT(record.totals.nacks, 0u);
    EXPECT_GT(record.totals.retransmitted, 0u);
}

/// Queue pairs of an all-to-all are put away after its last round: an iteration goes as the same
/// one does where they stay, since another follows; also where packets are lost, marked, and sent
/// again.
TEST(Replay, QueuePairsThatArePutAwayAreNotMissed)
{
    using railyard::ClearToSend;
    constexpr size_t CHUNKS = 4; // of a pair's 200,000 B, 64 KiB each
    for (const auto& [lossy, granted] : {std::pair(false, ClearToSend::None),
                                         {true, ClearToSend::None},
                                         {false, ClearToSend::Nccl},
                                         {true, ClearToSend::Nccl}})
    {
        railyard::RunInput input = MakeFatTree(4);
        input.nic.congestion_control = railyard::index_of_congestion_algorithm("dcqcn");
        input.collectives.clear_to_send = granted;
        if (lossy)
        {
            input.switches.pfc_enable = {};
            input.switches.pool_size = Bytes{100'000};
            input.nic.ack_timeout = 6;
        }
        railyard::SingleCollectiveSettings allToAll;
        allToAll.kind = 4;
        allToAll.ranks = 16;
        allToAll.bytes = Bytes{16 * 200'000};
        input.jobs.push_back(MakeJob(*railyard::make_single_collective(allToAll)));
        const record::Record once = RunToEnd(input);
        input.jobs[0].iterations = 2;
        const record::Record twice = RunToEnd(input);

        ASSERT_EQ(once.messages.size(), 16u * 15 * CHUNKS);
        ASSERT_EQ(twice.messages.size(), 2 * once.messages.size());
        EXPECT_GT(once.totals.cnps, 0u);
        EXPECT_EQ(Drops(once) > 0, lossy);
        // Ranks that have ended begin their second iteration while others are in their first.
        SimTime firstEnd = SimTime::never();
        for (const record::Iteration& iteration : once.iterations)
        {
            firstEnd = std::min(firstEnd, iteration.end);
        }
        uint32_t compared = 0;
        for (size_t i = 0; i < once.messages.size(); ++i)
        {
            const record::Message& a = once.messages[i];
            const record::Message& b = twice.messages[i / CHUNKS * 2 * CHUNKS + i % CHUNKS];
            ASSERT_EQ(std::tie(a.src_rank, a.dst_rank, b.iteration),
                      std::make_tuple(b.src_rank, b.dst_rank, 0u));
            if (a.acked < firstEnd)
            {
                ++compared;
                EXPECT_EQ(std::tie(a.posted, a.received, a.acked),
                          std::tie(b.posted, b.received, b.acked))
                    << a.src_rank << " to " << a.dst_rank;
            }
        }
        EXPECT_GT(compared, 100u);
    }
}

} // namespace
} // namespace ns3
