// SPDX-License-Identifier: GPL-2.0-only
// What the command says and keeps of runs that fail, of expectations, and of what cannot be compared.
#include <nlohmann/json.hpp>

#include "tests/unit/scenario/command_fixture.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using testing::Not;

class Outcome : public Command {
 protected:
  // The runs of this setting with this seed fail.
  void let_fail(const std::string& setting, uint64_t seed) {
    simulate_ = [=](const CompiledRun& run, const auto&, auto&) -> tl::expected<record::Record, std::string> {
      inputs_.push_back(run.input);
      if (run.input.setting == setting && run.input.seed == seed)
        return tl::make_unexpected("the buffer burst");
      return fake_record(run.input);
    };
  }
  nlohmann::json json(const std::string& file) const { return nlohmann::json::parse(content(file)); }
};

TEST_F(Outcome, WhereEverySettingFailsNothingIsLeft) {
  simulate_ = [](const auto&, const auto&, auto&) {
    return tl::expected<record::Record, std::string>(tl::make_unexpected("the buffer burst"));
  };
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("out")}), 1);
  EXPECT_EQ(err_.str(),
            "setting fast, seed 5 failed: the buffer burst\nsetting slow, seed 5 failed: the buffer burst\n");
  EXPECT_THAT(files_in_folder(), testing::ElementsAre("pair.yaml"));
}

TEST_F(Outcome, ASettingThatFailsDoesNotCostTheOthers) {
  let_fail("fast", 6);
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("out")}), 1);
  EXPECT_EQ(inputs_.size(), 4u);
  EXPECT_EQ(err_.str(), "setting fast, seed 6 failed: the buffer burst\n");
  EXPECT_THAT(out_.str(),
              HasSubstr("caution: setting fast, seed 6 failed: the buffer burst. It has no figures here."));
  EXPECT_THAT(out_.str(), HasSubstr("slow finishes 99 % of the flows in 1.605 ms"));
  EXPECT_EQ(json("out/summary.json")["settings"].size(), 1u);
  const auto manifest = json("out/manifest.json");
  EXPECT_EQ(manifest["settings"], nlohmann::json({"slow"}));
  EXPECT_EQ(manifest["failed"][0],
            nlohmann::json({{"setting", "fast"}, {"seed", 6}, {"reason", "the buffer burst"}}));
  EXPECT_FALSE(fs::exists(folder_ / "out/records/fast-seed5.ryrecord"));
  EXPECT_EQ(run({"validate", path("out/scenario.yaml")}), 0) << err_.str();
}

TEST_F(Outcome, ASettingThatFailsIsNotRunWithFurtherSeeds) {
  let_fail("fast", 5);
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--output", path("out")}), 1);
  EXPECT_EQ(inputs_.size(), 3u);
  inputs_.clear();
  let_fail("fast", 8);
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--until-decided", "-o", path("decided")}), 1);
  EXPECT_EQ(json("decided/manifest.json")["settings"], nlohmann::json({"slow"}));
  EXPECT_EQ(std::count_if(inputs_.begin(), inputs_.end(), [](const auto& i) { return i.setting == "fast"; }),
            4);
}

TEST_F(Outcome, AnUnmetExpectationIsToldAndKept) {
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--set", "nic.nic_latency=2us", "--output", path("out")}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("expectation not met in fast, seed 5: fct.max < 2ms: it is 3.005 ms; "
                                    "nor with 1 more of 2 seeds\n"));
  EXPECT_TRUE(fs::exists(folder_ / "out/report.html"));
}

TEST_F(Outcome, ExpectationsOfSettingsThatDidNotRunAreNotCountedAsMet) {
  write("each.yaml",
        std::string(kScenario) + "  - slow: fct.max < 2ms\n  - fast: [fct.max < 2ms, drops == 0]\n");
  EXPECT_EQ(run({"run", path("each.yaml"), "-o", path("out")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("expectations: 3 met, 1 not checked, of settings that have no runs\n"));
  EXPECT_EQ(run({"validate", path("out/scenario.yaml")}), 0) << err_.str();
  EXPECT_EQ(run({"run", path("each.yaml"), "--setting", "slow", "-o", path("slow")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("expectations: 2 met, 2 not checked"));
  EXPECT_EQ(run({"compare", path("each.yaml"), "--set", "nic.nic_latency=2us", "-o", path("late")}), 3);
  EXPECT_THAT(out_.str(), HasSubstr("expectations: 1 met, 3 not met\n"));
}

TEST_F(Outcome, ThresholdsOfSlowerLinksAreNamed) {
  const auto validate = [&](const std::string& more) {
    write("fast.yaml", more + "\njobs: [{permutation: {ranks: 2}}]\n");
    EXPECT_EQ(run({"validate", path("fast.yaml")}), 0) << err_.str();
    return err_.str();
  };
  EXPECT_THAT(validate("fabric: {link_rate: 400Gbps}"),
              HasSubstr("green_max_threshold (200kB) is only 4us of a link of 400Gbps"));
  EXPECT_THAT(err_.str(), HasSubstr("dcqcn.preset: scaled"));
  EXPECT_EQ(validate("fabric: {link_rate: 400Gbps}\ndcqcn: {preset: scaled}"), "");
  EXPECT_EQ(validate("fabric: {link_rate: 400Gbps}\nnic: {congestion_control: window}"), "");
  EXPECT_EQ(validate("fabric: {link_rate: 100Gbps}"), "");
}

TEST_F(Outcome, AJobThatTheSettingsDoNotReachIsNamed) {
  const auto validate = [&](const std::string& settings, const std::string& job) {
    write("own.yaml", "settings: " + settings + "\njobs: [{name: a, permutation: {ranks: 2}" + job + "}]\n");
    EXPECT_EQ(run({"validate", path("own.yaml")}), 0) << err_.str();
    return err_.str();
  };
  const std::string algorithms = "{x: {}, y: {nic: {congestion_control: window}}}";
  const std::string presets = "{x: {}, y: {dcqcn: {preset: dcqcn-connectx}}}";
  EXPECT_EQ(
      validate(algorithms, ", congestion_control: none"),
      "warning: " + path("own.yaml") +
          ": job 'a' has a congestion_control of its own, none, which is the same in every setting: what "
          "the settings say of congestion control does not reach it\n");
  EXPECT_THAT(validate(presets, ", congestion_control: window"), HasSubstr("of its own, window"));
  EXPECT_THAT(validate("{x: {}, y: {nic: {dscp: 10}}}", ", dscp: 34"), HasSubstr("a dscp of its own, 34"));
  EXPECT_EQ(validate(presets, ", congestion_control: dcqcn"), "");
  EXPECT_EQ(validate(algorithms, ""), "");
  EXPECT_EQ(validate("{x: {}}", ", congestion_control: none, dscp: 34"), "");
  validate(algorithms, ", congestion_control: none");
  EXPECT_EQ(run({"compare", path("own.yaml"), "-o", path("out")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("caution: job 'a' has a congestion_control of its own"));
}

}  // namespace
}  // namespace railyard
