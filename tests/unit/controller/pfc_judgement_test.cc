// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/pfc_judgement.h"

#include <gmock/gmock.h>

namespace railyard::lab {
namespace {

using testing::HasSubstr;
using Bins = std::vector<uint32_t>;

constexpr int64_t kInUnit = 50;

// So many frames a bin in each unit: [0,2) nothing is paused, [2,5) all is, [5,8) nothing again.
Bins stream(uint32_t before, uint32_t early, uint32_t paused, uint32_t after) {
  Bins bins;
  const auto add = [&](int64_t units, uint32_t frames) {
    bins.insert(bins.end(), units * PfcTiming::kBins, frames);
  };
  add(2, before), add(1, early), add(2, paused), add(3, after);
  return bins;
}

const Bins kSteady = stream(5, 5, 5, 5);

TEST(JudgePause, AStreamThatStopsAndGoesOnBesideAnotherIsObeyed) {
  EXPECT_EQ(judge_pause({stream(5, 2, 0, 5)}, kSteady, kInUnit).outcome, PauseOutcome::Obeyed);
  EXPECT_EQ(judge_pause({stream(5, 5, 0, 5)}, std::nullopt, kInUnit).outcome, PauseOutcome::Obeyed);
}

TEST(JudgePause, AStreamThatGoesOnIsIgnoredAndItsFramesAreCounted) {
  const PauseVerdict verdict = judge_pause({kSteady}, kSteady, kInUnit);
  EXPECT_EQ(verdict.outcome, PauseOutcome::Ignored);
  EXPECT_THAT(verdict.seen, HasSubstr("100 of 100 frames came during the pause"));
}

TEST(JudgePause, OneOfTwoLosslessClassesThatGoesOnIsEnough) {
  EXPECT_EQ(judge_pause({stream(5, 0, 0, 5), kSteady}, kSteady, kInUnit).outcome, PauseOutcome::Ignored);
}

TEST(JudgePause, APauseOfTheWholeLinkIsNotPerPriority) {
  EXPECT_THAT(judge_pause({stream(5, 0, 0, 5)}, stream(5, 0, 0, 5), kInUnit).reason,
              HasSubstr("a pause of the link"));
}

TEST(JudgePause, OneThatDoesNotEndIsNotObeyed) {
  const PauseVerdict verdict = judge_pause({stream(5, 0, 0, 0)}, kSteady, kInUnit);
  EXPECT_EQ(verdict.outcome, PauseOutcome::Ignored);
  EXPECT_THAT(verdict.reason, HasSubstr("does not end"));
}

TEST(JudgePause, WhatABusyMachineHidesIsNotConcluded) {
  for (const auto& [lossless, other] :
       {std::pair(stream(1, 0, 0, 5), kSteady),  // never came
        std::pair(stream(5, 5, 1, 5), kSteady),  // neither stopped nor went on
        std::pair(stream(5, 0, 0, 5), stream(5, 2, 2, 2)), std::pair(stream(5, 0, 0, 0), stream(5, 0, 0, 0))})
    EXPECT_EQ(judge_pause({lossless}, other, kInUnit).outcome, PauseOutcome::NotTestable);
  EXPECT_EQ(judge_pause({{}}, Bins{}, kInUnit).outcome, PauseOutcome::NotTestable);
}

TEST(JudgePressure, TellsAPausedSenderFromOneThatWasNotTold) {
  EXPECT_EQ(judge_pressure(stream(100, 10, 0, 0), 7).outcome, PauseOutcome::Obeyed);
  EXPECT_EQ(judge_pressure(stream(100, 100, 100, 0), 7).outcome, PauseOutcome::Ignored);
  EXPECT_EQ(judge_pressure(stream(100, 100, 100, 0), 0).outcome, PauseOutcome::NotTestable);
  EXPECT_EQ(judge_pressure({}, 7).outcome, PauseOutcome::NotTestable);
}

TEST(PfcClasses, AreTheDatasThatPfcProtectsAndOneThatItDoesNot) {
  RunInput input;  // DSCP 26 leads to priority 3, 48 to 6
  const PfcClasses classes = pfc_classes(input);
  ASSERT_EQ(classes.lossless.size(), 1u);
  EXPECT_EQ(classes.lossless[0].priority, 3);
  EXPECT_EQ(classes.lossless[0].dscp, 26u);
  EXPECT_EQ(classes.other, input.nic.cnp_dscp);
  input.nic.cnp_dscp = 26;  // waits with the data
  EXPECT_EQ(pfc_classes(input).other, 0u);
  input.nic.dscp = 0;
  EXPECT_TRUE(pfc_classes(input).lossless.empty());
}

FabricPlan star(uint32_t hosts) {
  FabricPlan fabric;
  fabric.host_count = hosts;
  for (uint32_t i = 0; i < hosts; ++i) {
    fabric.nodes.push_back({"host", FabricTier::Host, 1});
    fabric.links.push_back({{i, 0}, {hosts, i}, BitRate::gigabits(100), {}});
  }
  fabric.nodes.push_back({"leaf0", FabricTier::Leaf, hosts});
  return fabric;
}

TEST(LinkPartners, AreTheSwitchesThatTheScenarioNames) {
  LabSettings lab;
  lab.switches.push_back({"leaf0", LabSwitchKind::Sonic, "admin@leaf0", {"Ethernet0", "Ethernet4"}, {}, {}});
  const auto partners = partners_of(star(2), lab);
  EXPECT_EQ(partners[1].kind, LinkPartner::Kind::Sonic);
  EXPECT_EQ(partners[1].name, "leaf0");
  EXPECT_EQ(partners[1].port, 1u);
}

TEST(LinkPartners, OfTwoEndpointsWithoutASwitchAreEachOther) {
  EXPECT_EQ(partners_of(star(2), {})[0].kind, LinkPartner::Kind::Endpoint);
  EXPECT_EQ(partners_of(star(3), {})[0].kind, LinkPartner::Kind::Unmanaged);
}

}  // namespace
}  // namespace railyard::lab
