// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/sonic_counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace railyard::lab {
namespace {

using testing::HasSubstr;

std::string dump(uint64_t octets, uint64_t marked, const std::string& more = "") {
  return fmt::format(R"({{
"COUNTERS_PORT_NAME_MAP": {{"expireat": 1.0, "ttl": -0.001, "type": "hash",
  "value": {{"Ethernet0": "oid:0x1000000000002", "Ethernet4": "oid:0x1000000000003"}}}},
"COUNTERS_QUEUE_NAME_MAP": {{"type": "hash",
  "value": {{"Ethernet0:3": "oid:0x15", "Ethernet0:4": "oid:0x16", "Ethernet4:3": "oid:0x17"}}}},
"COUNTERS:oid:0x1000000000002": {{"type": "hash", "value": {{
  "SAI_PORT_STAT_IF_OUT_OCTETS": "{}", "SAI_PORT_STAT_IF_OUT_UCAST_PKTS": "100",
  "SAI_PORT_STAT_IF_OUT_DISCARDS": "5", "SAI_PORT_STAT_PFC_3_TX_PKTS": "{}",
  "SAI_PORT_STAT_PFC_4_RX_PKTS": "9", "SAI_PORT_STAT_X": "N/A"}}}},
"COUNTERS:oid:0x1000000000003": {{"type": "hash", "value": {{"SAI_PORT_STAT_IF_OUT_OCTETS": "1"}}}},
"COUNTERS:oid:0x15": {{"type": "hash", "value": {{"SAI_QUEUE_STAT_WRED_ECN_MARKED_PACKETS": "{}"}}}},
"COUNTERS:oid:0x16": {{"type": "hash", "value": {{"SAI_QUEUE_STAT_WRED_ECN_MARKED_PACKETS": "1000"}}}}{}
}})",
                     octets, marked / 10, marked, more);
}

TEST(SonicCounters, PortsAreWhatWasCountedBetweenTwoDumps) {
  const auto before = parse_sonic_counters(dump(1000, 20)), after = parse_sonic_counters(dump(5000, 70));
  ASSERT_TRUE(before) << before.error();
  const SwitchPorts counted =
      ports_between("leaf0", {"Ethernet4", "Ethernet0"}, *before, *after, {{"Ethernet0", 100'000'000'000}});
  ASSERT_EQ(counted.ports.size(), 2u);
  const record::Port& port = counted.ports[1];
  EXPECT_EQ(port.name, "leaf0:1");
  EXPECT_TRUE(port.is_switch);
  EXPECT_EQ(port.rate, BitRate::gigabits(100));
  EXPECT_EQ(port.tx_bytes, 4000u);
  EXPECT_EQ(port.tx_packets, 0u);
  EXPECT_EQ(port.ecn_marked, 50u);
  EXPECT_EQ(port.pfc_pauses_sent, 5u);
  EXPECT_EQ(port.pfc_pauses_received, 0u);
  EXPECT_THAT(counted.problems,
              testing::ElementsAre(HasSubstr("leaf0 (Ethernet4): this platform counts no ECN")));
}

TEST(SonicCounters, CountersThatWereClearedAndPortsThatAreNotThereAreTold) {
  const auto before = parse_sonic_counters(dump(5000, 20)), after = parse_sonic_counters(dump(1000, 20));
  const SwitchPorts counted = ports_between("leaf0", {"Ethernet0", "Ethernet99"}, *before, *after, {});
  ASSERT_EQ(counted.ports.size(), 1u);
  EXPECT_EQ(counted.ports[0].tx_bytes, 0u);
  EXPECT_THAT(
      counted.problems,
      testing::ElementsAre(HasSubstr("SAI_PORT_STAT_IF_OUT_OCTETS went back from 5000 to 1000"),
                           HasSubstr("no counters of a port 'Ethernet99'; correct lab.switches[].ports")));
}

TEST(SonicCounters, WhatIsNoDumpIsRefused) {
  EXPECT_THAT(parse_sonic_counters("% Unknown command").error(), HasSubstr("is no JSON object"));
  EXPECT_THAT(parse_sonic_counters("[]").error(), HasSubstr("is no JSON object"));
  EXPECT_THAT(parse_sonic_counters("{}").error(), HasSubstr("no COUNTERS_PORT_NAME_MAP"));
  EXPECT_THAT(parse_sonic_speeds("{}").error(), HasSubstr("PORT table"));
}

TEST(SonicCounters, SpeedsAreMegabits) {
  const auto speeds =
      parse_sonic_speeds(R"({"PORT": {"Ethernet0": {"speed": "400000"}, "Ethernet4": {"mtu": "9100"}}})");
  EXPECT_THAT(*speeds, testing::ElementsAre(testing::Pair("Ethernet0", 400'000'000'000)));
}

}  // namespace
}  // namespace railyard::lab
