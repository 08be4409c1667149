// SPDX-License-Identifier: GPL-2.0-only
// railyard compare --until-decided.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/scenario/command_fixture.h"

namespace railyard {
namespace {

using testing::HasSubstr;

using UntilDecided = Command;

// The settings differ by up to 1.2 % from seed to seed, in either direction.
record::Record noisy_record(const RunInput& input) {
  record::Record record = fake_record(input);
  const int64_t noise = static_cast<int64_t>(input.seed * 7919 % 13) - 6;
  record.messages[0].received = SimTime::microseconds(1000 + static_cast<int64_t>(input.seed) +
                                                      (input.setting == "slow" ? 2 * noise : 0));
  return record;
}

TEST_F(UntilDecided, RunsMoreSeedsAndKeepsThem) {
  const std::string output = path("decided");
  simulate_ = [this](const CompiledRun& run, const ns3::ProgressCallback&, ns3::SimulationCost&) {
    inputs_.push_back(run.input);
    return tl::expected<record::Record, std::string>(noisy_record(run.input));
  };
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--until-decided", "--max-seeds", "40", "--output", output}),
            0);
  EXPECT_THAT(err_.str(), HasSubstr("5 seeds do not decide; going on to "));
  const auto summary = nlohmann::json::parse(content("decided/summary.json"));
  const size_t seeds = summary["settings"][0]["runs"].size();
  EXPECT_GT(seeds, 5u);
  EXPECT_LE(seeds, 40u);
  EXPECT_EQ(inputs_.size(), 2 * seeds);
  EXPECT_EQ(nlohmann::json::parse(content("decided/manifest.json"))["seeds"].size(), seeds);
  EXPECT_THAT(content("decided/scenario.yaml"), HasSubstr("seeds: [5, 6, 7, 8, 9, 10"));
  EXPECT_THAT(out_.str(), HasSubstr("all looks together 5 %"));
}

// Traces are imported once, whatever the number of looks, and the folder bears the hash of what was run.
TEST_F(UntilDecided, PreparesOnceAndNamesTheFolderAfterAllSeeds) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  simulate_ = [this](const CompiledRun& run, const ns3::ProgressCallback&, ns3::SimulationCost& cost) {
    inputs_.push_back(run.input);
    cost.notice = "one thread will do";
    return tl::expected<record::Record, std::string>(noisy_record(run.input));
  };
  const int code = run({"compare", "pair.yaml", "--until-decided"});
  fs::current_path(before);
  ASSERT_EQ(code, 0) << err_.str();
  ASSERT_GT(inputs_.size(), 10u);
  for (const RunInput& input : inputs_) {
    EXPECT_EQ(input.jobs[0].source, inputs_[0].jobs[0].source);
    EXPECT_EQ(input.plan, inputs_[0].plan);
  }
  EXPECT_EQ(err_.str().find("one thread will do"), err_.str().rfind("one thread will do"));
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder_ / "runs")) folders.push_back(entry.path());
  ASSERT_EQ(folders.size(), 1u);
  const auto manifest = nlohmann::json::parse(content(folders[0] / "manifest.json"));
  EXPECT_EQ(folders[0].filename().string(),
            "pair-" + manifest["configuration_sha256"].get<std::string>().substr(0, 8));
}

TEST_F(UntilDecided, IsBounded) {
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--seed", "3", "--until-decided"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--seed excludes --until-decided"));
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--max-seeds", "40"}), 2);
  EXPECT_EQ(run({"compare", path("pair.yaml"), "--set", "seeds=9", "--until-decided", "--max-seeds", "8"}),
            2);
  EXPECT_THAT(err_.str(), HasSubstr("--max-seeds 8 is less than the 9 seeds of the scenario"));
}

}  // namespace
}  // namespace railyard
