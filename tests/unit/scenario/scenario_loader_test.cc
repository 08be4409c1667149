// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/scenario_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tools/scenario/scenario_writer.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {
namespace {

constexpr const char* kFull = R"(
name: full
description: "Everything: at once"
seeds: [3, 1]
settings:
  connectx:
    dcqcn: {rpg_ai_rate: 10Mbps, preset: dcqcn-connectx}
  pfc-only:
    nic: {congestion_control: none}
    switch: {ecn: false, dscp_to_tc_map: {10: 3}}
fabric: {kind: fat-tree, k: 4, hosts_per_leaf: 0, link_rate: 400 Gb/s, gpus_per_host: 2}
switch:
  dscp_to_tc_map: {26: 5, 40-47: 2}
  pfc_enable: [3, 4]
nic: {mtu: 1024}
dcqcn: {rpg_hai_rate: 300Mbps}
jobs:
  - name: training
    collective: {kind: all-gather, ranks: 8, bytes: 16MiB}
    iterations: 3
    placement: {strategy: strided, hosts: "0-7"}
  - incast: {senders: 4, bytes: 1MiB}
    background: true
    start: 10us
output: {sample_interval: 5us, queue_pairs: 3}
limits: {duration: 2s}
expect:
  - drops == 0
  - pfc-only: [pfc.pauses > 0, fct.p99 < 2ms]
)";

Scenario parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  auto scenario = parse_scenario(text, "scenarios/full.yaml", overrides);
  if (!scenario)
    for (const std::string& error : scenario.error()) ADD_FAILURE() << error;
  return scenario ? *scenario : Scenario{};
}

TEST(ScenarioLoader, ReadsEveryPart) {
  const Scenario s = parse(kFull);
  EXPECT_EQ(s.name, "full");
  EXPECT_EQ(s.description, "Everything: at once");
  EXPECT_THAT(s.seeds, testing::ElementsAre(3, 1));
  EXPECT_EQ(s.network.fabric.link_rate, BitRate::gigabits(400));
  EXPECT_EQ(s.network.switches.maps.dscp_to_tc[26], 5);
  EXPECT_EQ(s.network.switches.maps.dscp_to_tc[47], 2);
  EXPECT_EQ(s.network.switches.maps.dscp_to_tc[48], 6);
  EXPECT_EQ(s.network.switches.pfc_enable.mask, 0b11000);
  ASSERT_EQ(s.jobs.size(), 2u);
  EXPECT_EQ(s.jobs[0].workload, WorkloadSettings::kind_of<SingleCollectiveSettings>());
  EXPECT_EQ(s.jobs[0].workload_settings.get<SingleCollectiveSettings>().kind, 1u);
  EXPECT_EQ(s.jobs[0].iterations, 3u);
  EXPECT_EQ(s.jobs[0].placement.hosts, "0-7");
  EXPECT_EQ(s.jobs[1].name, "incast");
  EXPECT_TRUE(s.jobs[1].background);
  EXPECT_EQ(s.jobs[1].start, SimTime::microseconds(10));
  EXPECT_EQ(s.output.sample_interval, SimTime::microseconds(5));
  EXPECT_EQ(s.output.queue_pairs, 3u);
  EXPECT_EQ(s.limits.duration, SimTime::seconds(2));
}

TEST(ScenarioLoader, SettingsStartFromTheScenarioWhereverTheyStand) {
  const Scenario s = parse(kFull);
  ASSERT_EQ(s.settings.size(), 2u);
  for (const Setting& setting : s.settings) {
    EXPECT_EQ(setting.network.nic.mtu, 1024u);
    EXPECT_EQ(setting.network.switches.maps.dscp_to_tc[26], 5);
  }
  EXPECT_EQ(s.settings[1].network.switches.maps.dscp_to_tc[10], 3);
  EXPECT_FALSE(s.settings[1].network.switches.ecn);
  EXPECT_EQ(s.settings[1].network.nic.congestion_control, index_of_congestion_algorithm("none"));
}

TEST(ScenarioLoader, APresetYieldsToWhatStandsBesideIt) {
  const DcqcnSettings dcqcn = parse(kFull).settings[0].network.congestion.get<DcqcnSettings>("dcqcn");
  EXPECT_EQ(dcqcn.rpg_time_reset, dcqcn_preset("dcqcn-connectx")->rpg_time_reset);
  EXPECT_EQ(dcqcn.rpg_ai_rate, BitRate::megabits(10));
  EXPECT_EQ(dcqcn.rpg_hai_rate, BitRate::megabits(50));  // the preset's, not the scenario's own
}

TEST(ScenarioLoader, APresetSetsSwitchesTooAndYieldsToWhatTheySay) {
  const std::string jobs = "jobs: [{permutation: {ranks: 2}}]\n";
  const auto switches_of = [&](const std::string& text, const std::vector<std::string>& overrides = {}) {
    return parse(text + jobs, overrides).settings.front().network.switches;
  };
  const SwitchSettings scaled = switches_of("dcqcn: {preset: scaled}\n");
  EXPECT_EQ(scaled.green_reference_rate, BitRate::gigabits(100));
  EXPECT_EQ(scaled.green_max_threshold, Bytes{400'000});
  EXPECT_EQ(switches_of("", {"dcqcn.preset=scaled"}).green_max_threshold, Bytes{400'000});
  for (const char* text : {"switch: {green_max_threshold: 1MB}\ndcqcn: {preset: scaled}\n",
                           "dcqcn: {preset: scaled}\nswitch: {green_max_threshold: 1MB}\n"}) {
    EXPECT_EQ(switches_of(text).green_max_threshold, Bytes{1'000'000});
    EXPECT_EQ(switches_of(text).green_min_threshold, Bytes{100'000});
  }
}

TEST(ScenarioLoader, ExpectationsBelongToASettingOrToAll) {
  const Scenario s = parse(kFull);
  ASSERT_EQ(s.expectations.size(), 3u);
  EXPECT_EQ(s.expectations[0].setting, "");
  EXPECT_EQ(s.expectations[2].setting, "pfc-only");
  EXPECT_EQ(s.expectations[2].metric, "fct.p99");
  EXPECT_DOUBLE_EQ(s.expectations[2].limit, 2e-3);
}

TEST(ScenarioLoader, BuildsEachFabricOnceForAllWhoNeedIt) {
  const Scenario s = parse(
      "settings: {a: {fabric: {spines: 4}}, b: {switch: {ecn: false}}, c: {fabric: {spines: 4}}}\n"
      "jobs: [{permutation: {ranks: 2}}]");
  EXPECT_EQ(s.fabrics->built(), 2u);
  const auto plan = s.fabrics->of(s.settings[0].network.fabric);
  EXPECT_EQ(*plan, *s.fabrics->of(s.settings[2].network.fabric));
  EXPECT_EQ(s.fabrics->built(), 2u);
}

TEST(ScenarioLoader, AJobMayHaveAClassOfItsOwn) {
  const Scenario s = parse(
      "jobs:\n  - {name: own, dscp: 34, congestion_control: window, permutation: {ranks: 2}}\n"
      "  - {name: nics, permutation: {ranks: 2}, placement: {share: true}}");
  EXPECT_EQ(s.jobs[0].dscp, 34);
  EXPECT_EQ(s.jobs[0].congestion_control, 1 + index_of_congestion_algorithm("window"));
  EXPECT_EQ(s.jobs[1].dscp, kOfTheNic);
  EXPECT_EQ(s.jobs[1].congestion_control, 0u);
}

TEST(ScenarioLoader, AScenarioNeedsOnlyAJob) {
  const Scenario s = parse("jobs: [{permutation: {ranks: 2}}]");
  EXPECT_EQ(s.name, "full");  // the file's
  EXPECT_THAT(s.seeds, testing::ElementsAre(1));
  ASSERT_EQ(s.settings.size(), 1u);
  EXPECT_EQ(s.settings[0].name, "default");
}

TEST(ScenarioLoader, OverridesReachEverySetting) {
  const Scenario s =
      parse(kFull, {"nic.mtu=2048", "seeds=2", "dcqcn.preset=dcqcn-paper", "jobs.training.iterations=9",
                    "jobs.incast.incast.senders=2", "switch.dscp_to_tc_map=0-63:4"});
  EXPECT_THAT(s.seeds, testing::ElementsAre(1, 2));
  EXPECT_EQ(s.jobs[0].iterations, 9u);
  EXPECT_EQ(s.jobs[1].workload_settings.get<IncastSettings>().senders, 2u);
  for (const Setting& setting : s.settings) {
    EXPECT_EQ(setting.network.nic.mtu, 2048u);
    EXPECT_EQ(setting.network.congestion.get<DcqcnSettings>("dcqcn").rpg_ai_rate, BitRate::megabits(40));
    EXPECT_EQ(setting.network.switches.maps.dscp_to_tc[0], 4);
  }
}

TEST(ScenarioLoader, OverridesAreCheckedAsTheFileIs) {
  const auto refused =
      parse_scenario(kFull, "x.yaml", {"nic.mtuu=1", "nic.mtu=0", "nic.mtu", "dcqcn.preset=no", "seeds=0"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(),
              testing::ElementsAre(
                  "--set nic.mtuu=1: nic has no 'mtuu'; did you mean 'nic.mtu'?",
                  "--set nic.mtu=0: '0' is out of range: it must be 64 to 8192",
                  "--set nic.mtu: write key=value, such as nic.mtu=1024",
                  "--set dcqcn.preset=no: 'no' is not one of dcqcn-paper, dcqcn-connectx, scaled",
                  "--set seeds=0: '0' is neither a count from 1 to 1000 nor a list of whole numbers, "
                  "each once"));
}

TEST(ScenarioLoader, AnOverrideOfNothingSaysWhichPartIsUnknown) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"nik.mtu", "there is no 'nik'; did you mean 'nic'?"},
      {"nic", "this names a group of values: name one, such as nic.mtu"},
      {"mtu", "there is no 'mtu'; did you mean 'nic.mtu'?"},
      {"settings.pfc-only.nic.mtu", "there is no 'settings'; did you mean 'nic.mtu'?"},
      {"switch.kmin", "switch has no 'kmin'; did you mean 'switch.green_min_threshold'?"},
      {"jobs.trainig.iterations", "jobs has no 'trainig'; did you mean 'jobs.training'?"},
      {"jobs.other.iterations", "jobs has no 'other'; did you mean 'jobs.training.iterations'?"},
      {"jobs.other.x", "jobs has no 'other'; it has training, incast"},
      {"jobs.incast.senders", "jobs.incast has no 'senders'; did you mean 'jobs.incast.incast.senders'?"},
      {"jobs.incast.name",
       "jobs.incast has no 'name'; it has iterations, background, start, dscp, "
       "congestion_control, slow_ranks, jitter, jitter_spread, start_skew, incast, placement"},
      {"lab.switches.leaf0.faults.drop",
       "lab has no 'switches'; it has time_scale, token_file, lateness_limit"}};
  for (const auto& [key, message] : cases) {
    const auto refused = parse_scenario(kFull, "x.yaml", {key + "=1"});
    ASSERT_FALSE(refused) << key;
    EXPECT_THAT(refused.error(), testing::ElementsAre(fmt::format("--set {}=1: {}", key, message)));
  }
  EXPECT_THAT(parse_scenario(kFull, "x.yaml", {"name=../x"}).error().front(),
              testing::StartsWith("--set name=../x: '../x' is not a name"));
}

TEST(ScenarioLoader, OverridesReachFaults) {
  const std::string text =
      "fabric: {kind: single-switch, hosts_per_leaf: 2}\njobs: [{permutation: {ranks: 2}}]\n"
      "lab:\n  switches:\n    - {name: leaf0, address: 'a:1', ports: [a, b], faults: {drop: 1, in.delay: "
      "1us}}\n";
  const Scenario s =
      parse(text, {"lab.switches.leaf0.faults.drop=2%", "lab.switches.leaf0.faults.1.in.drop=3"});
  std::vector<std::pair<std::string, std::string>> faults;
  for (const LabFault& fault : s.lab.switches[0].faults) faults.emplace_back(fault.path, fault.text);
  EXPECT_THAT(faults, testing::ElementsAre(testing::Pair("in.delay", "1us"), testing::Pair("drop", "2%"),
                                           testing::Pair("1.in.drop", "3")));
  EXPECT_EQ(parse(resolved_yaml(s)).lab.switches[0].faults.size(), 3u);
  EXPECT_THAT(parse_scenario(text, "x.yaml", {"lab.switches.leaf0.faults.2.drop=1"}).error(),
              testing::ElementsAre(
                  "x.yaml:5:7: lab: switch 'leaf0': faults.2.drop: there is no port 2, only 0 to 1"));
  EXPECT_THAT(
      parse_scenario(text, "x.yaml", {"lab.switches.leaf1.faults.drop=1"}).error(),
      testing::ElementsAre("--set lab.switches.leaf1.faults.drop=1: lab.switches has no 'leaf1'; did you "
                           "mean 'lab.switches.leaf0'?"));
}

TEST(ScenarioLoader, UplinksAreAsFastAsTheLinksOfTheirSetting) {
  const Scenario s = parse(
      "settings: {a: {}, b: {fabric: {link_rate: 25Gbps}}, c: {fabric: {uplink_rate: 10Gbps}}}\n"
      "jobs: [{permutation: {ranks: 2}}]",
      {"fabric.link_rate=50Gbps"});
  std::vector<BitRate> uplinks;
  for (const Setting& setting : s.settings) uplinks.push_back(setting.network.fabric.uplink_rate);
  EXPECT_THAT(uplinks,
              testing::ElementsAre(BitRate::gigabits(50), BitRate::gigabits(50), BitRate::gigabits(10)));
  EXPECT_FALSE(parse_scenario("jobs: [{permutation: {ranks: 2}}]", "x.yaml", {"fabric.uplink_rate=0"}));
}

TEST(ScenarioWriter, ReadsBackToTheSame) {
  const Scenario original = parse(kFull);
  const std::string text = resolved_yaml(original);
  EXPECT_EQ(resolved_yaml(parse(text)), text);
  EXPECT_THAT(text, testing::HasSubstr("link_rate: 400Gbps"));
  EXPECT_THAT(text, testing::HasSubstr("dscp_to_tc_map: {0-7: 0, 8-15: 1, 16-23: 2, 24-25: 3, 26: 5,"));
}

TEST(ScenarioWriter, OneSettingAloneBecomesTheScenario) {
  const Scenario original = parse(kFull);
  const Scenario alone = parse(resolved_yaml(original, original.settings[1]));
  ASSERT_EQ(alone.settings.size(), 1u);
  EXPECT_EQ(alone.settings[0].name, "pfc-only");
  EXPECT_FALSE(alone.network.switches.ecn);
  EXPECT_EQ(alone.expectations.size(), 3u);
  EXPECT_EQ(parse(resolved_yaml(original, original.settings[0])).expectations.size(), 1u);
}

TEST(ConfigurationHash, ChangesWithAValueAndNotWithTheWriting) {
  const auto hash_of = [](const std::string& text, const std::string& digest = "d1") {
    return configuration_hash(parse(text), {digest});
  };
  const std::string scenario = "jobs: [{permutation: {ranks: 2}}]";
  const std::string hash = hash_of(scenario);
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(hash, hash_of("# the same\nnic: {mtu: 4096}\njobs:\n  - permutation: {ranks: 2}\n"));
  EXPECT_NE(hash, hash_of("jobs: [{permutation: {ranks: 4}}]"));
  EXPECT_NE(hash, hash_of(scenario, "d2"));
}

}  // namespace
}  // namespace railyard
