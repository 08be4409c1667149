// SPDX-License-Identifier: GPL-2.0-only
// What a record keeps of messages that stay within a host.
#include "ns3-modules/replay/model/replay.h"

#include "traffic/pattern/workload/single_collective.h"
#include "traffic/run/memory_estimate.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>

namespace ns3
{
namespace
{

using railyard::Bytes;
using railyard::SimTime;
namespace record = railyard::record;

/// Two hosts of four GPUs and NICs.
record::Record
PlayedOnTwoHosts(uint32_t kind, Bytes bytes, railyard::MemoryEstimate& estimate)
{
    railyard::SingleCollectiveSettings settings;
    settings.kind = kind;
    settings.ranks = 8;
    settings.bytes = bytes;
    settings.iterations = 2;
    railyard::JobInput job;
    job.name = "job";
    for (uint32_t rank = 0; rank < 8; ++rank)
    {
        job.placement.push_back({rank / 4, rank % 4});
    }
    job.source =
        railyard::trace::HeldTrace::of(*railyard::make_single_collective(settings)).value();
    railyard::RunInput input;
    input.fabric.kind = railyard::FabricKind::RailOptimized;
    input.fabric.nics_per_host = input.fabric.gpus_per_host = 4;
    input.fabric.scale_up_rate = railyard::BitRate::gigabits(3600);
    input.jobs = {job};
    estimate = railyard::estimate_of(*railyard::compile_run(input)->jobs, SimTime::seconds(10));
    return Simulate(input, {}).value();
}

/// Rows of messages within a host.
size_t
RowsWithin(const record::Record& record)
{
    return static_cast<size_t>(std::count_if(record.messages.begin(),
                                             record.messages.end(),
                                             [](const record::Message& m)
                                             { return m.ideal == SimTime{}; }));
}

TEST(LocalMessages, AreSummedByOperation)
{
    constexpr uint32_t ALL_REDUCE = 0;
    constexpr uint32_t ALL_TO_ALL = 4;
    for (const uint32_t kind : {ALL_REDUCE, ALL_TO_ALL})
    {
        railyard::MemoryEstimate ofFew;
        railyard::MemoryEstimate ofMany;
        const record::Record few = PlayedOnTwoHosts(kind, Bytes{32 << 20}, ofFew);
        const record::Record many = PlayedOnTwoHosts(kind, Bytes{128 << 20}, ofMany);
        // Of each host two operations by four rings of three links, or from each GPU to three.
        EXPECT_EQ(RowsWithin(few), 2u * 2 * 4 * 3);
        EXPECT_EQ(RowsWithin(many), RowsWithin(few));
        uint64_t bytes = 0;
        uint64_t others = 0;
        for (const record::Message& m : many.messages)
        {
            const bool within = m.src_rank / 4 == m.dst_rank / 4;
            EXPECT_EQ(m.ideal == SimTime{}, within);
            EXPECT_LT(m.posted, m.received);
            EXPECT_TRUE(within || m.others == 0);
            bytes += within ? m.bytes : 0;
            others += m.others;
        }
        const uint64_t each = kind == ALL_REDUCE ? (128u << 20) / 4 / 8 * 7 * 2 : (128u << 20) / 8;
        EXPECT_EQ(bytes, RowsWithin(many) * each);
        if (kind == ALL_TO_ALL)
        {
            EXPECT_EQ(others, 127 * RowsWithin(many)) << "chunks of 128 KiB";
        }
        else
        {
            EXPECT_GT(others, 20 * RowsWithin(many)) << "slices of 14 steps";
        }
        // What is reckoned for a message is about what it needs, however many there are.
        const double row = static_cast<double>(ofMany.record - ofFew.record) /
                           static_cast<double>(many.messages.size() - few.messages.size());
        EXPECT_GT(row, sizeof(record::Message));
        EXPECT_LT(row, 3 * sizeof(record::Message));
    }
}

} // namespace
} // namespace ns3
