// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/scenario/lab_address.h"
#include "tools/scenario/scenario_loader.h"
#include "tools/scenario/scenario_writer.h"
#include "traffic/fabric/fabric_builder.h"

namespace railyard {
namespace {

constexpr const char* kScenario = R"(
fabric: {kind: single-switch, hosts_per_leaf: 2}
jobs: [{permutation: {ranks: 2, bytes: 1MiB}}]
lab:
  time_scale: 100
  token_file: lab.token
  agents:
    - name: left
      address: 127.0.0.1:7471
      ports: [{nic: host0, port: "memif:/run/x.sock,server", ip: 10.0.0.1/31, vlan: 7}]
    - name: right
      address: "[::1]:7471"
      ports: [{nic: "host1:nic0", port: "0000:3b:00.1", ip: 10.0.1.1/24, gateway: 10.0.1.254}]
  switches:
    - {name: leaf0, kind: sonic, address: admin@leaf0, ports: ["Ethernet0,4", Ethernet8]}
)";
constexpr const char* kReachable = "lab.agents.left.host0.gateway=10.0.0.0";

Scenario parsed(const std::string& text, const std::vector<std::string>& overrides) {
  auto scenario = parse_scenario(text, "x.yaml", overrides);
  if (!scenario)
    for (const std::string& error : scenario.error()) ADD_FAILURE() << error;
  return scenario ? *scenario : Scenario{};
}

TEST(LabSection, ReadsAgentsPortsAndSwitches) {
  const LabSettings lab = parsed(kScenario, {kReachable}).lab;
  EXPECT_TRUE(lab.present);
  EXPECT_EQ(lab.time_scale, 100u);
  EXPECT_EQ(lab.token_file, "lab.token");
  ASSERT_EQ(lab.agents.size(), 2u);
  EXPECT_EQ(lab.agents[1].address, "[::1]:7471");
  ASSERT_EQ(lab.agents[0].ports.size(), 1u);
  EXPECT_EQ(lab.agents[0].ports[0].port, "memif:/run/x.sock,server");
  EXPECT_EQ(lab.agents[0].ports[0].vlan, 7u);
  EXPECT_EQ(lab.agents[0].ports[0].gateway, "10.0.0.0");
  ASSERT_EQ(lab.switches.size(), 1u);
  EXPECT_EQ(lab.switches[0].kind, LabSwitchKind::Sonic);
  EXPECT_THAT(lab.switches[0].ports, testing::ElementsAre("Ethernet0,4", "Ethernet8"));
}

TEST(LabSection, WithoutAGatewayEverybodyMustBeOnTheLink) {
  const auto refused = parse_scenario(kScenario, "x.yaml");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(),
              testing::ElementsAre("x.yaml:10:15: lab: host0 (10.0.0.1/31) cannot reach host1:nic0 "
                                   "(10.0.1.1/24): name a gateway, or put both in one prefix"));
}

TEST(LabSection, IsWrittenAndReadBackTheSame) {
  const std::string text = resolved_yaml(parsed(kScenario, {kReachable}));
  EXPECT_EQ(resolved_yaml(parsed(text, {})), text);
  EXPECT_THAT(text, testing::HasSubstr("port: memif:/run/x.sock,server"));
  EXPECT_THAT(resolved_yaml(parsed("jobs: [{permutation: {ranks: 2}}]", {})),
              testing::Not(testing::HasSubstr("lab:")));
}

TEST(LabSection, ASoftSwitchHasFaultsInTheirOrder) {
  const std::string softswitch = R"(
fabric: {kind: single-switch, hosts_per_leaf: 3}
jobs: [{permutation: {ranks: 2, bytes: 1MiB}}]
lab:
  switches:
    - {name: leaf0, address: "127.0.0.1:7472", ports: [a, b, c],
       faults: {drop: 1%, 2.in.delay: 5ms, 0.down: true}}
)";
  const Scenario scenario = parsed(softswitch, {});
  ASSERT_EQ(scenario.lab.switches.size(), 1u);
  const auto& faults = scenario.lab.switches[0].faults;
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].path + faults[0].text, "drop1%");
  EXPECT_EQ(faults[1].path + faults[1].text, "2.in.delay5ms");
  EXPECT_EQ(faults[2].path + faults[2].text, "0.downtrue");
  const std::string text = resolved_yaml(scenario);
  EXPECT_EQ(resolved_yaml(parsed(text, {})), text);
  EXPECT_THAT(text, testing::HasSubstr("2.in.delay: 5ms"));
}

TEST(LabSection, OverridesReachItsEntriesByTheirNames) {
  const LabSettings lab = parsed(kScenario, {kReachable, "lab.agents.right.address=10.1.0.8:7471",
                                             "lab.switches.leaf0.kind=unmanaged", "lab.time_scale=10",
                                             "lab.agents.right.host1:nic0.port=af_packet:eth1"})
                              .lab;
  EXPECT_EQ(lab.time_scale, 10u);
  EXPECT_EQ(lab.agents[1].address, "10.1.0.8:7471");
  EXPECT_EQ(lab.agents[1].ports[0].port, "af_packet:eth1");
  EXPECT_EQ(lab.switches[0].kind, LabSwitchKind::Unmanaged);
}

TEST(LabSection, ATimeScaleNeedsNoAgents) {
  const Scenario s = parsed("jobs: [{permutation: {ranks: 2}}]", {"lab.time_scale=50"});
  EXPECT_THAT(resolved_yaml(s), testing::HasSubstr("lab:\n  time_scale: 50\n"));
}

TEST(LabAddress, NamesNicsAndSwitchesAsRecordsDo) {
  FabricSettings fabric;
  fabric.nics_per_host = 2;
  const auto plan = build_fabric(fabric);
  ASSERT_TRUE(plan);
  EXPECT_EQ(endpoint_of("host3", *plan), 6u);
  EXPECT_EQ(endpoint_of("host3:nic1", *plan), 7u);
  EXPECT_EQ(nic_name(7, *plan), "host3:nic1");
  for (const char* wrong : {"host8", "host3:nic2", "host", "host1:", "host-1", "leaf0", "host1:nic", ""})
    EXPECT_EQ(endpoint_of(wrong, *plan), std::nullopt) << wrong;
  EXPECT_EQ(plan->nodes[*switch_of("leaf1", *plan)].name, "leaf1");
  EXPECT_EQ(switch_of("host1", *plan), std::nullopt);
}

TEST(LabAddress, APlayerListensOnAPortOrAUnixSocket) {
  for (const char* good : {"10.1.0.7:7471", "[::1]:7471", "lab7:1", "unix:/run/agent.sock"})
    EXPECT_TRUE(is_player_address(good)) << good;
  for (const char* wrong : {"", "lab7", "lab7:0", "lab7:65536", "unix:", "unix:/", "unix:agent.sock"})
    EXPECT_FALSE(is_player_address(wrong)) << wrong;
}

TEST(LabAddress, ParsesIpv4) {
  EXPECT_EQ(parse_ipv4("10.0.1.2"), 0x0a000102u);
  for (const char* wrong : {"", "10.0.1", "10.0.1.2.3", "10.0.1.256", "10.0..1", "a.b.c.d", "10.0.1.2 "})
    EXPECT_EQ(parse_ipv4(wrong), std::nullopt) << wrong;
  const auto interface = parse_ipv4_interface("10.0.1.2/24");
  ASSERT_TRUE(interface);
  EXPECT_TRUE(interface->holds(0x0a0001ff));
  EXPECT_FALSE(interface->holds(0x0a000201));
  EXPECT_TRUE(parse_ipv4_interface("10.0.1.2/0")->holds(0));
  EXPECT_EQ(parse_ipv4_interface("10.0.1.2/33"), std::nullopt);
  EXPECT_EQ(parse_ipv4_interface("10.0.1.2"), std::nullopt);
}

}  // namespace
}  // namespace railyard
