// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/flow_table.h"

#include <gmock/gmock.h>

#include "dpdk-app/agent/nic_config.h"
#include "tests/unit/agent/plan_builder.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"

namespace railyard::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LabPlan compiled(const control::Plan& plan) {
  auto compiled = compile_plan(plan);
  EXPECT_TRUE(compiled) << compiled.error();
  return std::move(*compiled);
}

std::string error_of(const control::Plan& plan) {
  const auto compiled = compile_plan(plan);
  return compiled ? "compiled" : compiled.error();
}

TEST(FlowTable, NumbersFlowsInOrderOfJobThenChannel) {
  control::Plan wire = plan_of_hosts(4, "a");
  add_job(wire, "first", incast(3, 1000));
  add_job(wire, "second", all_reduce(4, 4096));
  const LabPlan plan = compiled(wire);
  const FlowTable flows = *FlowTable::of(plan);
  ASSERT_EQ(flows.size(),
            plan.played.jobs[0].schedule->channel_count() + plan.played.jobs[1].schedule->channel_count());
  uint32_t flow = 0;
  for (uint32_t j = 0; j < 2; ++j) {
    for (uint32_t c = 0; c < plan.played.jobs[j].schedule->channel_count(); ++c, ++flow) {
      EXPECT_EQ(plan.played.flow_of(j, c), flow);
      EXPECT_EQ(flows[flow].job, j);
      EXPECT_EQ(flows[flow].source, plan.played.jobs[j].schedule->channel(c).src_rank);
    }
  }
}

TEST(FlowTable, IsTheSameForEveryAgent) {
  control::Plan wire = plan_of_hosts(4, "a");
  add_job(wire, "ring", all_reduce(4, 1 << 20));
  const LabPlan one = compiled(wire), other = compiled(wire);
  const FlowTable a = *FlowTable::of(one), b = *FlowTable::of(other);
  ASSERT_EQ(a.size(), b.size());
  for (uint32_t f = 0; f < a.size(); ++f) {
    EXPECT_EQ(a[f].entropy, b[f].entropy);
    EXPECT_EQ(a.address_of(f, {}).udp_source_port, b.address_of(f, {}).udp_source_port);
  }
}

TEST(FlowTable, SaysWhoSendsAndReceives) {
  control::Plan wire = plan_of_hosts(3, "a");
  add_job(wire, "incast", incast(2, 1000));
  const LabPlan plan = compiled(wire);
  const FlowTable flows = *FlowTable::of(plan);
  const uint32_t receiver = flows[0].destination;
  EXPECT_THAT(flows.received_by(receiver), ElementsAre(0, 1));
  EXPECT_THAT(flows.sent_by(flows[1].source), ElementsAre(1));
  EXPECT_EQ(flows.peers_of(receiver).size(), 2u);
}

TEST(FlowTable, AddressesGoThereAndBack) {
  control::Plan wire = plan_of_hosts(2, "a");
  for (auto& e : *wire.mutable_endpoints()) e.set_vlan(7);
  add_job(wire, "incast", incast(1, 1000));
  const LabPlan plan = compiled(wire);
  const FlowTable flows = *FlowTable::of(plan);
  const MacAddress router = {9, 9, 9, 9, 9, 9};
  const FlowAddress there = flows.address_of(0, router);
  EXPECT_EQ(there.destination_mac, router);
  EXPECT_EQ(there.source_ip, plan.endpoints[flows[0].source].ip);
  EXPECT_EQ(there.destination_qp, receiver_queue_pair(0));
  ASSERT_TRUE(there.vlan);
  EXPECT_EQ(there.vlan->id, 7);
  EXPECT_EQ(there.vlan->priority, 3);  // DSCP 26
  // An answer, as encode() turns it round.
  const FlowAddress back = flows.reply_address_of(0, router);
  EXPECT_EQ(back.source_mac, router);
  EXPECT_EQ(back.destination_mac, plan.endpoints[flows[0].destination].mac);
  EXPECT_EQ(back.source_qp, sender_queue_pair(0));
}

TEST(FlowTable, QueuePairNumbersNameTheirFlow) {
  for (uint32_t flow : {0u, 1u, 77u, kMaximumFlows - 1}) {
    EXPECT_EQ(flow_of_queue_pair(sender_queue_pair(flow)), flow);
    EXPECT_EQ(flow_of_queue_pair(receiver_queue_pair(flow)), flow);
    EXPECT_TRUE(is_receiver(receiver_queue_pair(flow)));
    EXPECT_FALSE(is_receiver(sender_queue_pair(flow)));
    EXPECT_LT(receiver_queue_pair(flow), 1u << 24);
  }
  EXPECT_GE(flow_of_queue_pair(kFirstQueuePair - 1), kMaximumFlows);
}

TEST(LabPlan, NamesWhatCannotBePlayed) {
  control::Plan plan = plan_of_hosts(2, "a");
  add_job(plan, "incast", incast(1, 1000));
  EXPECT_EQ(error_of(plan), "compiled");

  control::Plan bad = plan;
  bad.mutable_nic(0)->set_name("mtuu");
  EXPECT_THAT(error_of(bad), HasSubstr("'mtuu'"));
  bad = plan;
  bad.mutable_nic(0)->set_text("0");
  EXPECT_THAT(error_of(bad), HasSubstr("nic.mtu"));
  bad = plan;
  bad.mutable_jobs(0)->mutable_placement(1)->set_host(5);
  EXPECT_THAT(error_of(bad), HasSubstr("rank 1 is placed on host 5"));
  bad = plan;
  bad.mutable_jobs(0)->mutable_placement()->RemoveLast();
  EXPECT_THAT(error_of(bad), HasSubstr("1 of them are placed"));
  bad = plan;
  bad.mutable_jobs(0)->set_trace("nonsense");
  EXPECT_THAT(error_of(bad), HasSubstr("job 'incast'"));
  bad = plan;
  bad.mutable_endpoints(1)->set_mac("");
  EXPECT_THAT(error_of(bad), HasSubstr("no MAC address for host1:nic0"));
  bad = plan;
  bad.mutable_endpoints(1)->set_host(2);
  EXPECT_THAT(error_of(bad), HasSubstr("must come in order"));
  bad = plan;
  bad.mutable_jobs(0)->mutable_placement(1)->set_host(0);
  EXPECT_THAT(error_of(bad), HasSubstr("share a NIC"));
}

TEST(LabPlan, RefusesMessagesWhoseLengthHasNoRoomInTheirHeader) {
  const auto error_for = [](uint64_t bytes) {
    control::Plan plan = plan_of_hosts(2, "a");
    add_job(plan, "incast", incast(1, bytes));
    return error_of(plan);
  };
  constexpr uint64_t kFourGib = uint64_t{4} << 30;
  EXPECT_EQ(error_for(kFourGib - 1), "compiled");
  EXPECT_THAT(error_for(kFourGib), AllOf(HasSubstr("job 'incast'"), HasSubstr("a message of 4294967296 B"),
                                         HasSubstr("at most 4294967295B, send several")));
}

// Each of these would overflow, loop for ever, or take all memory.
TEST(LabPlan, RefusesValuesThatNoRunCanHave) {
  const auto error_with = [](auto change) {
    control::Plan plan = plan_of_hosts(2, "a");
    add_job(plan, "incast", incast(1, 1000));
    change(plan);
    return error_of(plan);
  };
  constexpr int64_t kNever = SimTime::never().ps;
  for (const int64_t ps : {int64_t{-1}, kNever}) {
    EXPECT_THAT(error_with([&](auto& p) { p.set_link_delay_ps(ps); }), HasSubstr("link_delay"));
    EXPECT_THAT(error_with([&](auto& p) { p.set_scale_up_latency_ps(ps); }), HasSubstr("scale_up_latency"));
    EXPECT_THAT(error_with([&](auto& p) { p.set_sample_interval_ps(ps); }), HasSubstr("sample_interval"));
    EXPECT_THAT(error_with([&](auto& p) { p.mutable_jobs(0)->set_start_ps(ps); }), HasSubstr("job 'incast'"));
  }
  EXPECT_THAT(error_with([](auto& p) { p.set_scenario("../x"); }), HasSubstr("the plan's scenario: '../x'"));
  EXPECT_THAT(error_with([](auto& p) { p.set_setting(std::string(101, 'a')); }),
              HasSubstr("plan's setting: "));
  EXPECT_THAT(error_with([](auto& p) { p.set_switch_name("../../x"); }), HasSubstr("plan's switch_name: "));
  EXPECT_THAT(error_with([](auto& p) { p.mutable_endpoints(1)->set_player("/a"); }),
              HasSubstr(".player: '/a'"));
  EXPECT_THAT(error_with([](auto& p) { p.set_sample_interval_ps(1); }), HasSubstr("sample_interval"));
  EXPECT_THAT(error_with([](auto& p) { p.set_sampled_queue_pairs(1025); }), HasSubstr("more than 1024"));
  EXPECT_THAT(error_with([](auto& p) { p.set_maximum_duration_ps(-1); }), HasSubstr("duration of -1 ps"));
  EXPECT_THAT(error_with([](auto& p) { p.set_scale_up_bps(1); }), HasSubstr("scale_up_rate"));
  EXPECT_THAT(error_with([](auto& p) { p.mutable_endpoints(0)->set_rate_bps(1); }), HasSubstr("slowest"));
  EXPECT_THAT(error_with([](auto& p) { p.set_gpus_per_host(~0u); }), HasSubstr("must be 1 to 1024"));
  // The products come out right in 32 bits, or by another split of the index.
  EXPECT_THAT(error_with([](auto& p) {
                p.set_nics_per_host(2);
                p.mutable_endpoints(0)->set_host(0x80000000);
              }),
              HasSubstr("must come in order"));
  EXPECT_THAT(error_with([](auto& p) {
                p.mutable_endpoints(1)->set_host(0);
                p.mutable_endpoints(1)->set_nic(1);
              }),
              HasSubstr("must come in order"));
}

TEST(LabPlan, GivesAHostToOneAgent) {
  control::Plan plan = plan_of_hosts(2, "a");
  plan.set_nics_per_host(2);
  plan.mutable_endpoints(1)->set_host(0);
  plan.mutable_endpoints(1)->set_nic(1);
  plan.mutable_endpoints(1)->set_player("b");
  EXPECT_THAT(error_of(plan), HasSubstr("give all NICs of a host to one agent"));
}

TEST(LabPlan, TakesSettingsByName) {
  control::Plan plan = plan_of_hosts(2, "a");
  control::Algorithm& algorithm = *plan.add_congestion();
  algorithm.set_name("dcqcn");
  control::Value& value = *algorithm.add_values();
  value.set_name("rpg_time_reset");
  value.set_text("55ms");
  control::Value& map = *plan.add_switches();
  map.set_name("dscp_to_tc_map");
  map.set_text("26:4");
  const LabPlan taken = compiled(plan);
  EXPECT_EQ(taken.congestion.get<DcqcnSettings>("dcqcn").rpg_time_reset, SimTime::milliseconds(55));
  EXPECT_EQ(taken.nic.mtu, 1024u);
  EXPECT_EQ(taken.switches.maps.dscp_to_tc[26], 4);
}

TEST(LabPlan, AJobHasAClassOfItsOwn) {
  control::Plan plan = plan_of_hosts(2, "a");
  add_job(plan, "own", incast(1, 1'000));
  add_job(plan, "nics", incast(1, 1'000));
  plan.mutable_jobs(0)->set_dscp(34);
  plan.mutable_jobs(0)->set_congestion_control("window");
  const LabPlan taken = compiled(plan);
  const NicConfig config = nic_config_of(taken, 0, 2, {});
  EXPECT_EQ(config.class_of_job[0].data_tos >> 2, 34);
  EXPECT_EQ(config.class_of_job[0].algorithm->name, "window");
  EXPECT_EQ(config.class_of_job[1].data_tos, config.flow_class.data_tos);
  EXPECT_EQ(config.class_of_job[1].algorithm, config.flow_class.algorithm);
  plan.mutable_jobs(0)->set_dscp(64);
  EXPECT_THAT(error_of(plan), HasSubstr("there is no DSCP 64; the largest is 63"));
  plan.mutable_jobs(0)->set_dscp(34);
  plan.mutable_jobs(0)->set_congestion_control("bbr");
  EXPECT_THAT(error_of(plan), HasSubstr("job 'own' wants 'bbr', an algorithm that this version"));
}

TEST(LabPlan, NamesAnAlgorithmThatItDoesNotKnow) {
  control::Plan plan = plan_of_hosts(2, "a");
  plan.add_congestion()->set_name("bbr");
  EXPECT_THAT(error_of(plan), HasSubstr("settings of 'bbr', an algorithm that this version does not know"));
}

}  // namespace
}  // namespace railyard::lab
