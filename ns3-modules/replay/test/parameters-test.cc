// SPDX-License-Identifier: GPL-2.0-only
// That no parameter is ignored: each row, changed alone, changes what happens.
#include "ns3-modules/replay/model/replay.h"
#include "tests/unit/collective/msccl_text.h"
#include "traffic/fabric/fabric_parameters.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"
#include "traffic/record/record_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

namespace ns3
{
namespace
{

using railyard::BoundParameter;
using railyard::Bytes;

/// A row by the name that it has in a scenario, and a value that is not its default.
struct Value
{
    std::string name;
    std::string text;
};

struct Change
{
    Value value;
    std::vector<Value> where; ///< what else must be so for the value to matter
};

const std::vector<Value> LOSSY = {{"switch.pfc_enable", "none"}, {"nic.ack_timeout", "8"}};
const std::vector<Value> SMALL_SHARE = {{"switch.dynamic_th", "-4"}};
const std::vector<Value> NOT_CLAMPED = {{"dcqcn.clamp_tgt_rate", "false"}};
const std::vector<Value> NCCLS_CHOICE = {{"collectives.all_reduce", "auto"},
                                         {"collectives.protocol", "auto"}};
const std::vector<Value> REDUCING = {{"fabric.in_network_reduction", "switches"},
                                     {"collectives.all_reduce", "in-network"}};
const std::vector<Value> FAST_STAGES = {{"dcqcn.rpg_threshold", "1"},
                                        {"dcqcn.rpg_byte_reset", "50kB"},
                                        {"dcqcn.rpg_time_reset", "20us"}};
const std::vector<Value> DCTCP = {{"nic.congestion_control", "dctcp"}};
const std::vector<Value> TIMELY = {{"nic.congestion_control", "timely"},
                                   {"timely.t_low", "3us"},
                                   {"timely.min_rtt", "2us"}};
const std::vector<Value> SHORT_TIMELY = {{"nic.congestion_control", "timely"},
                                         {"timely.min_rtt", "2us"}};
const std::vector<Value> SWIFT = {{"nic.congestion_control", "swift"},
                                  {"swift.base_target", "5us"}};
const std::vector<Value> SLOW_SWIFT = {{"nic.congestion_control", "swift"},
                                       {"swift.base_target", "1us"},
                                       {"swift.fs_range", "0us"}};

const std::vector<Change> CHANGES = {
    {{"fabric.kind", "fat-tree"}, {}},
    {{"fabric.k", "6"}, {{"fabric.kind", "fat-tree"}}},
    {{"fabric.leaves", "3"}, {}},
    {{"fabric.spines", "1"}, {}},
    {{"fabric.hosts_per_leaf", "5"}, {}},
    {{"fabric.nics_per_host", "2"}, {}},
    {{"fabric.gpus_per_host", "1"}, {}}, // refused: the jobs use two
    {{"fabric.leaf_spine_links", "2"}, {}},
    {{"fabric.link_rate", "200Gbps"}, {}},
    {{"fabric.uplink_rate", "50Gbps"}, {}},
    {{"fabric.link_delay", "1us"}, {}},
    {{"fabric.scale_up_rate", "100Gbps"}, {}},
    {{"fabric.scale_up_latency", "2us"}, {}},
    {{"fabric.pcie_rate", "50Gbps"}, {}},
    {{"fabric.in_network_reduction", "both"}, REDUCING},
    {{"fabric.reduction_latency", "1us"}, REDUCING},
    {{"switch.pool_size", "300kB"}, {}},
    {{"switch.pool_xoff", "1kB"}, {}},
    {{"switch.over_subscribe_ratio", "64"}, {{"switch.pool_xoff", "0B"}}},
    {{"switch.mmu_size", "600kB"}, {}},
    {{"switch.size", "20kB"}, {}},
    {{"switch.dynamic_th", "-2"}, {}},
    {{"switch.static_th", "30kB"}, {}},
    {{"switch.xon", "30kB"}, SMALL_SHARE},
    {{"switch.xon_offset", "20kB"}, {}},
    {{"switch.xoff", "10kB"}, {}},
    {{"switch.lossy_dynamic_th", "-3"}, LOSSY},
    {{"switch.ecn", "false"}, {}},
    {{"switch.wred_queues", "4"}, {}},
    {{"switch.green_min_threshold", "20kB"}, {}},
    {{"switch.green_max_threshold", "100kB"}, {}},
    {{"switch.green_drop_probability", "50"}, {}},
    {{"switch.green_reference_rate", "400Gbps"}, {}},
    {{"switch.ecn_marking_point", "dequeue"}, {}},
    {{"switch.pfc_enable", "none"}, {}},
    {{"switch.pause_quanta", "22"}, {}},
    {{"switch.pipeline_latency", "600ns"}, {}},
    {{"switch.pfc_response_time", "900ns"}, SMALL_SHARE},
    {{"switch.dscp_to_tc_map", "26:4"}, {}},
    {{"switch.tc_to_queue_map", "3:5"}, {}},
    {{"switch.tc_to_pg_map", "3:5"}, {}},
    {{"switch.pfc_to_queue_map", "3:5"}, {}},
    {{"switch.pg_to_pfc_map", "3:5"}, {}},
    {{"nic.mtu", "1024"}, {}},
    {{"nic.ack_every", "4"}, {}},
    {{"nic.dscp", "34"}, {}},
    {{"nic.ack_dscp", "48"}, {}},
    {{"nic.cnp_dscp", "26"}, {}},
    {{"nic.ack_timeout", "9"}, LOSSY},
    {{"nic.retry_cnt", "0"}, LOSSY},
    {{"nic.nic_latency", "600ns"}, {}},
    {{"nic.pfc_response_time", "900ns"}, {}},
    {{"nic.congestion_control", "none"}, {}},
    {{"collectives.all_reduce", "tree"}, {}},
    {{"collectives.all_gather", "pat"}, {}},
    {{"collectives.reduce_scatter", "pat"}, {}},
    {{"collectives.all_to_all", "bruck"}, {}},
    {{"collectives.protocol", "ll"}, {}},
    {{"collectives.gpu", "ampere"}, NCCLS_CHOICE},
    {{"collectives.cpu", "amd"}, NCCLS_CHOICE},
    {{"collectives.channels_per_nic", "2"}, {}},
    {{"collectives.queue_pairs", "2"}, {}},
    {{"collectives.split_data", "true"}, {{"collectives.queue_pairs", "2"}}},
    {{"collectives.pxn", "false"}, {{"fabric.nics_per_host", "2"}}},
    {{"collectives.launch_latency", "6us"}, {}},
    {{"collectives.proxy_latency", "1us"}, {}},
    {{"collectives.p2p_channels", "2"}, {}},
    {{"collectives.p2p_chunk", "16KiB"}, {}},
    {{"collectives.receiver_slots", "8"}, {{"collectives.p2p_chunk", "16KiB"}}},
    {{"collectives.clear_to_send", "nccl"}, {}},
    {{"collectives.reduction_rate", "100Gbps"}, {}},
    {{"collectives.custom", railyard::collective::msccl_all_pairs(16)}, {}},
    {{"collectives.tuner", "allreduce,0,4294967295,tree,simple,-1,-1,-1"}, {}},
    {{"dcqcn.dce_tcp_g", "900"}, {}},
    {{"dcqcn.dce_tcp_rtt", "5us"}, {}},
    {{"dcqcn.initial_alpha_value", "100"}, {}},
    {{"dcqcn.rpg_gd", "12"}, {}},
    {{"dcqcn.rpg_min_dec_fac", "80"}, {}},
    {{"dcqcn.rate_reduce_monitor_period", "200us"}, {}},
    {{"dcqcn.rpg_min_rate", "30Gbps"}, {}},
    {{"dcqcn.rate_to_set_on_first_cnp", "10Gbps"}, {}},
    {{"dcqcn.clamp_tgt_rate", "false"}, {}},
    {{"dcqcn.clamp_tgt_rate_after_time_inc", "false"}, NOT_CLAMPED},
    {{"dcqcn.rpg_time_reset", "100us"}, {}},
    {{"dcqcn.rpg_byte_reset", "100kB"}, {}},
    {{"dcqcn.rpg_threshold", "1"}, {}},
    {{"dcqcn.rpg_ai_rate", "4Gbps"}, FAST_STAGES},
    {{"dcqcn.rpg_hai_rate", "8Gbps"}, FAST_STAGES},
    {{"dcqcn.reference_rate", "10Gbps"}, {}},
    {{"dcqcn.min_time_between_cnps", "10us"}, {}},
    {{"dcqcn.cnp_pacing", "port"}, {}},
    {{"dcqcn.cnp_remember_marks", "false"}, {}},
    {{"dcqcn.alpha_update", "period"}, {}},
    {{"dcqcn.roce_slow_restart", "true"}, LOSSY},
    {{"dctcp.g", "0.5"}, DCTCP},
    {{"dctcp.initial_window", "20kB"}, DCTCP},
    {{"dctcp.minimum_window", "60kB"}, DCTCP},
    {{"dctcp.slow_start", "true"}, DCTCP},
    {{"timely.reaction", "patched"}, TIMELY},
    {{"timely.ewma_alpha", "0.1"}, TIMELY},
    {{"timely.beta", "0.1"}, TIMELY},
    {{"timely.delta", "5Gbps"}, TIMELY},
    {{"timely.t_low", "3us"}, SHORT_TIMELY},
    {{"timely.t_high", "10us"}, TIMELY},
    {{"timely.min_rtt", "10us"}, TIMELY},
    {{"timely.segment", "64kB"}, TIMELY},
    {{"timely.hai_threshold", "1"}, TIMELY},
    {{"timely.base_rtt", "5us"}, TIMELY},
    {{"timely.initial_rate", "20Gbps"}, TIMELY},
    {{"timely.min_rate", "40Gbps"}, TIMELY},
    {{"swift.base_target", "5us"}, {{"nic.congestion_control", "swift"}}},
    {{"swift.ai", "4"}, SWIFT},
    {{"swift.beta", "0.2"}, SWIFT},
    {{"swift.max_mdf", "0.1"}, SLOW_SWIFT},
    {{"swift.fs_range", "10us"}, SWIFT},
    {{"swift.fs_min_cwnd", "1"}, SWIFT},
    {{"swift.fs_max_cwnd", "20"}, SWIFT},
    {{"swift.min_cwnd", "4"}, SLOW_SWIFT},
    {{"swift.max_cwnd", "8"}, SWIFT},
    {{"swift.initial_cwnd", "8"}, SWIFT},
    {{"window.window_bytes", "20kB"}, {{"nic.congestion_control", "window"}}},
};

std::vector<std::pair<std::string, BoundParameter>>
RowsOf(railyard::RunInput& input)
{
    std::vector<std::pair<std::string, BoundParameter>> rows;
    const auto add = [&](std::string_view section, const std::vector<BoundParameter>& more)
    {
        for (const BoundParameter& row : more)
        {
            rows.emplace_back(fmt::format("{}.{}", section, row.name), row);
        }
    };
    add("fabric", railyard::bind(input.fabric));
    add("switch", railyard::bind(input.switches));
    add("switch", railyard::bind(input.switches.maps));
    add("nic", railyard::bind(input.nic));
    add("collectives", railyard::bind(input.collectives));
    for (size_t i = 0; i < railyard::congestion_algorithms().size(); ++i)
    {
        add(railyard::congestion_algorithms()[i].name, input.congestion.bind(i));
    }
    return rows;
}

void
Set(railyard::RunInput& input, const Value& value)
{
    for (const auto& [name, row] : RowsOf(input))
    {
        if (name == value.name)
        {
            const auto done = row.set(value.text);
            EXPECT_TRUE(done) << name << ": " << done.error();
        }
    }
}

void
AddJob(railyard::RunInput& input, const railyard::trace::Trace& trace, uint32_t ranksOfHost)
{
    railyard::JobInput job;
    job.name = trace.header().name();
    job.source = railyard::trace::HeldTrace::of(trace).value();
    for (uint32_t rank = 0; rank < trace.header().rank_count(); ++rank)
    {
        job.placement.push_back({rank / ranksOfHost, rank % ranksOfHost});
    }
    input.jobs.push_back(std::move(job));
}

/// An incast that fills the buffers, beside a large and a small all-reduce over all GPUs, and small
/// ones of the other kinds that have a choice of algorithms.
railyard::RunInput
Busy()
{
    railyard::RunInput input;
    input.fabric.gpus_per_host = 2;
    input.switches.pool_size = {400'000};
    input.switches.pool_xoff = {400'000};
    AddJob(input, *railyard::make_incast({7, Bytes{2'000'000}, 3, {}}), 1);
    input.jobs[0].placement[0].gpu = 1; // on another rail than its senders, where there are two
    railyard::SingleCollectiveSettings ring;
    ring.ranks = 16;
    ring.bytes = {4 << 20};
    AddJob(input, *railyard::make_single_collective(ring), 2);
    ring.bytes = {32 << 10}; // where NCCL's choice depends on the machine
    AddJob(input, *railyard::make_single_collective(ring), 2);
    for (const auto kind : {railyard::trace::ALL_GATHER, railyard::trace::REDUCE_SCATTER})
    {
        ring.kind = kind - 1;
        AddJob(input, *railyard::make_single_collective(ring), 2);
    }
    ring.kind = railyard::trace::ALL_TO_ALL - 1;
    ring.bytes = {512 << 10}; // so that messages are cut
    AddJob(input, *railyard::make_single_collective(ring), 2);
    return input;
}

/// The record's bytes, or why there is none.
std::string
OutcomeOf(const railyard::RunInput& input)
{
    const auto record = Simulate(input, {});
    return record ? *railyard::record::encode_record(*record) : record.error();
}

TEST(Parameters, AreEachChangedBelow)
{
    railyard::RunInput input;
    std::set<std::string> rows;
    for (const auto& [name, row] : RowsOf(input))
    {
        rows.insert(name);
    }
    std::set<std::string> changed;
    for (const Change& change : CHANGES)
    {
        changed.insert(change.value.name);
    }
    EXPECT_EQ(changed, rows);
}

TEST(Parameters, EachChangesWhatHappens)
{
    for (const Change& change : CHANGES)
    {
        railyard::RunInput input = Busy();
        for (const Value& value : change.where)
        {
            Set(input, value);
        }
        const std::string before = OutcomeOf(input);
        Set(input, change.value);
        EXPECT_TRUE(OutcomeOf(input) != before) << change.value.name << " = " << change.value.text;
    }
}

/// What a job says for itself is what its NICs' settings would have said.
TEST(Parameters, OfAJobsClassActAsTheNics)
{
    const std::string plain = OutcomeOf(Busy());
    const uint32_t window = railyard::index_of_congestion_algorithm("window");
    railyard::RunInput ofNic = Busy();
    railyard::RunInput ofJobs = Busy();
    ofNic.nic.congestion_control = window;
    for (auto& job : ofJobs.jobs)
    {
        job.congestion_control = window;
    }
    EXPECT_TRUE(OutcomeOf(ofJobs) == OutcomeOf(ofNic));
    EXPECT_TRUE(OutcomeOf(ofJobs) != plain);
    ofJobs.jobs.back().congestion_control.reset();
    EXPECT_TRUE(OutcomeOf(ofJobs) != OutcomeOf(ofNic));

    ofNic = Busy();
    ofJobs = Busy();
    ofNic.nic.dscp = 34;
    for (auto& job : ofJobs.jobs)
    {
        job.dscp = 34;
    }
    EXPECT_TRUE(OutcomeOf(ofJobs) == OutcomeOf(ofNic));
    EXPECT_TRUE(OutcomeOf(ofJobs) != plain);
}

} // namespace
} // namespace ns3
