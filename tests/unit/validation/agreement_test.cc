// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/agreement.h"

#include <gmock/gmock.h>

#include "tests/unit/validation/made_runs.h"

namespace railyard::validation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AgreementOfRuns : public MadeRuns {
 protected:
  SettingAgreement judged(const Made& lab) {
    make("sim", {});
    make("lab", lab);
    return judged();
  }
  SettingAgreement judged() {
    const auto sim = read_runs(path("sim")), played = read_runs(path("lab"));
    if (!sim || !played) {
      ADD_FAILURE() << (sim ? played.error() : sim.error());
      return {};
    }
    const Comparability comparability = match(*sim, *played);
    EXPECT_THAT(comparability.obstacles, testing::IsEmpty());
    if (comparability.settings.empty()) return {};
    agreement_ = judge(*sim, *played, comparability, 0.1);
    return agreement_.settings.front();
  }
  static Row row(const SettingAgreement& setting, const std::string& name) {
    for (const Row& row : setting.rows)
      if (row.figure.name == name) return row;
    ADD_FAILURE() << "no figure " << name;
    return {};
  }
  Agreement agreement_;
};

TEST_F(AgreementOfRuns, WithinTheToleranceIsSaidWithItsSize) {
  const SettingAgreement setting = judged({1.04});
  const Row median = row(setting, "fct.p50");
  EXPECT_EQ(median.verdict, Verdict::Agrees);
  EXPECT_NEAR(*median.difference, 0.04, 1e-3);
  EXPECT_EQ(median.statement, "agrees within 4.0 %");
  EXPECT_EQ(median.sim->n, 2u);
  EXPECT_EQ(row(setting, "throughput").statement, "agrees within 3.8 %");
  EXPECT_EQ(row(setting, "jain").statement, "agrees within 0.10 %");
  EXPECT_EQ(setting.verdict, Verdict::Agrees);
  EXPECT_EQ(setting.sim_completions.size(), 320u);
}

TEST_F(AgreementOfRuns, AllowedRatesAreShownAndDecideNothing) {
  const SettingAgreement setting = judged({1, 40, 100, 0, 0, true, 0.7});
  const Row rate = row(setting, "rate.allowed");
  EXPECT_NEAR(rate.sim->mean, 0.505, 1e-3);
  EXPECT_EQ(rate.statement, "differs by 40 %");
  EXPECT_EQ(setting.verdict, Verdict::Agrees);
}

TEST_F(AgreementOfRuns, BeyondTheToleranceDiffers) {
  const SettingAgreement setting = judged({1.3});
  EXPECT_EQ(row(setting, "fct.p50").statement, "differs by 30 %");
  EXPECT_EQ(row(setting, "iteration.incast").verdict, Verdict::Differs);
  EXPECT_EQ(setting.verdict, Verdict::Differs);
  EXPECT_GT(*setting.trajectory.difference, 0.1);
}

TEST_F(AgreementOfRuns, PercentilesNeedEnoughMessages) {
  const SettingAgreement setting = judged({1, 10});
  EXPECT_EQ(row(setting, "fct.p90").verdict, Verdict::Differs);  // fewer messages end sooner
  EXPECT_EQ(row(setting, "fct.p99").statement,
            "not measurable here: the lab has 80 messages, this percentile takes 100");
  EXPECT_EQ(row(setting, "fct.p99.9").statement,
            "not measurable here: the simulation has 320 messages, this percentile takes 1,000");
}

TEST_F(AgreementOfRuns, MarksPausesAndDropsMustBePresentInBothOrInNeither) {
  const SettingAgreement setting = judged({1, 40, 130, 5, 0});
  EXPECT_EQ(row(setting, "ecn_marks").statement, "present in both, 30 % more in the lab");
  EXPECT_EQ(row(setting, "ecn_marks").verdict, Verdict::Agrees);
  EXPECT_EQ(row(setting, "pfc.pauses").statement, "only in the lab");
  EXPECT_EQ(row(setting, "drops").statement, "absent in both");
  EXPECT_EQ(setting.verdict, Verdict::Differs);
}

TEST_F(AgreementOfRuns, MarksMustBeOnTheSamePorts) {
  Made both;
  both.marks_beyond = 60;
  Made lab = both;
  make("sim", both);
  make("lab", lab);
  EXPECT_EQ(row(judged(), "ecn_marks.ports").statement, "the same in both: leaf0:0, leaf0:1");
  EXPECT_EQ(judged().verdict, Verdict::Agrees);
  lab.marks = 0;
  make("lab", lab);
  EXPECT_EQ(row(judged(), "ecn_marks").verdict, Verdict::Agrees);
  EXPECT_EQ(row(judged(), "ecn_marks.ports").statement, "only in the simulation: leaf0:0");
  EXPECT_EQ(judged().verdict, Verdict::Differs);
}

TEST_F(AgreementOfRuns, AStragglerMakesNoPortOne) {
  Made sim, lab;
  sim.marks = lab.marks = 1'000;
  sim.marks_beyond = 300;
  lab.marks_beyond = 9;
  make("sim", sim);
  make("lab", lab);
  EXPECT_EQ(row(judged(), "ecn_marks.ports").statement, "only in the simulation: leaf0:1");
  sim.marks_beyond = 2;
  make("sim", sim);
  EXPECT_EQ(row(judged(), "ecn_marks.ports").statement, "the same in both: leaf0:0");
}

TEST_F(AgreementOfRuns, WhatALabsSwitchDoesNotSayIsNotMeasured) {
  const SettingAgreement setting = judged({1, 40, 0, 0, 0, false});
  EXPECT_EQ(row(setting, "ecn_marks").statement, "not measurable here: no switch of the lab says it");
  EXPECT_EQ(setting.verdict, Verdict::Agrees);
}

TEST_F(AgreementOfRuns, DifferencesBelowTheLabsOwnErrorAreNotMeasurable) {
  make("sim", {});
  make("lab", {1.15});
  say("lab", 30'000, 10e-6);  // two clocks of 30 us, in some 350 us
  const SettingAgreement setting = judged();
  EXPECT_THAT(
      row(setting, "fct.p50").statement,
      HasSubstr("not measurable here: the lab's clocks and pacers are off by up to 70.00 us, 20 % of it"));
  EXPECT_EQ(row(setting, "iteration.incast").verdict, Verdict::Differs);  // of 40 ms it is nothing
}

TEST_F(AgreementOfRuns, DifferencesBeyondTheLabsOwnErrorAreDifferences) {
  make("sim", {});
  make("lab", {1.6});
  say("lab", 0, 100e-6);
  EXPECT_EQ(row(judged(), "fct.p50").statement, "differs by 60 %");
}

TEST_F(AgreementOfRuns, InvalidRunsAreLeftOutAndSaid) {
  make("sim", {});
  make("lab", {});
  say("lab", 10, 1e-6, false);
  const SettingAgreement setting = judged();
  EXPECT_THAT(setting.notes,
              ElementsAre("the lab's run with seed 1 is left out, it is invalid: the pacer was late",
                          "one repetition in the lab: how far it varies is not known"));
  EXPECT_EQ(row(setting, "fct.p50").lab->n, 1u);
  EXPECT_THAT(agreement_.notes, ElementsAre(HasSubstr("virtual devices (net_af_packet)")));
}

TEST_F(AgreementOfRuns, SaysWhereTheLabsFramesAre) {
  make("sim", {});
  make("lab", {});
  say("lab", 10, 1e-6, true,
      R"({"text": "sent 9 = received 9 + unexplained 0", "pausers": ["a0 obeyed 2 pause frames"]})");
  EXPECT_THAT(judged().notes,
              ElementsAre("frames of the lab's run with seed 1: sent 9 = received 9 + unexplained 0",
                          "a0 obeyed 2 pause frames",
                          "frames of the lab's run with seed 2: sent 9 = received 9 + unexplained 0",
                          "a0 obeyed 2 pause frames"));
}

TEST_F(AgreementOfRuns, ALabWithoutAValidRunShowsNothing) {
  make("sim", {});
  make("lab", {});
  write("lab/lab.json",
        R"({"runs": [{"setting": "dcqcn", "seed": 1, "complete": false, "incomplete_because": "x"},
                                     {"setting": "dcqcn", "seed": 2, "valid": false}]})");
  const SettingAgreement setting = judged();
  EXPECT_EQ(row(setting, "fct.p50").statement, "not measurable here: no run of the lab is valid");
  EXPECT_EQ(agreement_.verdict, Verdict::NotMeasurable);
}

TEST(ThroughputOverTime, SpreadsAMessageOverTheTimeItTook) {
  record::Record r;
  r.jobs = {{"j", false, 2, 1}};
  r.operations = {{0, "send", "send", 1000, 2}};
  r.messages = {
      {0, 0, 0, 1, 1000, SimTime::seconds(1), SimTime::seconds(3), SimTime::seconds(3), SimTime::seconds(1)}};
  EXPECT_THAT(throughput_over_time(r, 4, 4), ElementsAre(0, 4000, 4000, 0));
  EXPECT_THAT(throughput_over_time(r, 4, 1), ElementsAre(2000));
}

}  // namespace
}  // namespace railyard::validation
