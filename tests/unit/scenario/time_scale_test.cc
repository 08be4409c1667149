// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/time_scale.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/scenario/job_builder.h"
#include "tools/scenario/scenario_loader.h"
#include "tools/scenario/sections.h"

namespace railyard {
namespace {

constexpr const char* kScenario = R"(
fabric: {kind: single-switch, hosts_per_leaf: 4, link_rate: 100Gbps, link_delay: 500ns}
settings: {own: {}, other: {dcqcn: {rpg_time_reset: 300us}, nic: {ack_timeout: 0}}}
jobs:
  - training_step: {ranks: 4, forward: 2ms}
    start: 1ms
output: {sample_interval: 10us}
limits: {duration: 2s}
lab: {time_scale: 1000, lateness_limit: 20us}
expect: [fct.p99 < 2ms, busbw.all_reduce > 10Gbps, drops == 0]
)";

Scenario parsed(const std::vector<std::string>& overrides = {}) {
  auto scenario = parse_scenario(kScenario, "x.yaml", overrides);
  if (!scenario)
    for (const std::string& error : scenario.error()) ADD_FAILURE() << error;
  return scenario ? *scenario : Scenario{};
}

TEST(TimeScale, MultipliesEveryTimeAndDividesEveryRateOfTheNetwork) {
  Scenario before = parsed();
  auto after = scaled(before);
  ASSERT_TRUE(after) << after.error();
  const auto originals = network_sections(before.settings[1].network);
  const auto sections = network_sections(after->settings[1].network);
  size_t times = 0, rates = 0;
  for (size_t i = 0; i < sections.size(); ++i)
    for (size_t j = 0; j < sections[i].parameters.size(); ++j) {
      const BoundParameter &was = originals[i].parameters[j], &is = sections[i].parameters[j];
      if (was.kind() == ParameterKind::Time) {
        ++times;
        EXPECT_EQ(*is.as_time(), *was.as_time() * 1000) << is.name;
      } else if (was.kind() == ParameterKind::Rate) {
        ++rates;
        EXPECT_EQ(is.as_rate()->bps, was.as_rate()->bps / 1000) << is.name;
      } else {
        EXPECT_EQ(is.text(), was.text()) << is.name;
      }
    }
  EXPECT_GE(times, 10u);
  EXPECT_GE(rates, 6u);
}

TEST(TimeScale, ReachesStartsLimitsSamplesAndExpectations) {
  const auto after = scaled(parsed());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->jobs[0].start, SimTime::seconds(1));
  EXPECT_EQ(after->output.sample_interval, SimTime::milliseconds(10));
  EXPECT_EQ(after->limits.duration, SimTime::seconds(2000));
  EXPECT_EQ(after->lab.lateness_limit, SimTime::milliseconds(20));
  EXPECT_DOUBLE_EQ(after->expectations[0].limit, 2);
  EXPECT_EQ(after->expectations[0].text, "fct.p99 < 2ms at time scale 1000");
  EXPECT_DOUBLE_EQ(after->expectations[1].limit, 1e7);
  EXPECT_DOUBLE_EQ(after->expectations[2].limit, 0);
}

TEST(TimeScale, RoundsTheExponentOfTheAckTimeoutAndLeavesInfinityAlone) {
  const auto after = scaled(parsed());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->settings[0].network.nic.ack_timeout, 14u + 10u);  // 2^10 is closest to 1000
  EXPECT_EQ(after->settings[1].network.nic.ack_timeout, 0u);
  EXPECT_EQ(scaled(parsed({"nic.ack_timeout=28"}))->settings[0].network.nic.ack_timeout, 31u);
}

TEST(TimeScale, MultipliesTheComputationsOfATraceOnce) {
  const Scenario scenario = parsed();
  const auto total = [&](uint32_t scale) {
    uint64_t ns = 0;
    const auto built = build_trace(scenario.jobs[0], {1, "", scenario.file.parent_path(), {}}, scale);
    EXPECT_TRUE(built) << built.error();
    trace::Rank scratch;
    for (uint32_t rank = 0; built && rank < built->source->header().rank_count(); ++rank)
      for (const auto& operation : built->source->rank(rank, scratch).operations())
        ns += operation.compute().duration_ns();
    return ns;
  };
  EXPECT_GT(total(1), 0u);
  EXPECT_EQ(total(1000), total(1) * 1000);
}

TEST(TimeScale, IsToldInWords) {
  EXPECT_EQ(time_scale_in_words(parsed()), "time scale 1000: 100Gbps is played at 100Mbps");
  EXPECT_EQ(time_scale_in_words(parsed({"lab.time_scale=1"})), "");
}

TEST(TimeScale, RefusesWhatBecomesZero) {
  const auto refused = parse_scenario(kScenario, "x.yaml", {"dcqcn.rpg_min_rate=100bps"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(
      refused.error(),
      testing::ElementsAre("x.yaml:9:6: lab: time_scale: dcqcn.rpg_min_rate 100bps divided by 1000 is "
                           "less than a bit per second: make the time scale smaller"));
}

}  // namespace
}  // namespace railyard
