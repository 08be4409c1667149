// SPDX-License-Identifier: GPL-2.0-only
// railyard bench with a simulator that answers at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tools/railyard/command_line.h"

namespace railyard {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class BenchCommand : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  int run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    return static_cast<int>(run_command_line(arguments, {out_, err_}, simulate_, {}));
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_ = fs::temp_directory_path() / ("railyard-bench-test-" + std::to_string(getpid()));
  std::ostringstream out_, err_;
  Simulate simulate_ = [](const CompiledRun&, const ns3::ProgressCallback&,
                          ns3::SimulationCost& cost) -> tl::expected<record::Record, std::string> {
    cost.runSeconds = cost.runCpuSeconds = 0.005;
    record::Record record;
    record.totals.packet_hops = 100'000;
    record.totals.data_hops = 50'000;
    return record;
  };
};

TEST_F(BenchCommand, MeasuresTheCasesThatAreNamed) {
  ASSERT_EQ(run({"bench", "engine", "--case", "W2-16,W3", "--threads", "1,2"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("W2-16"));
  EXPECT_THAT(out_.str(), HasSubstr("50.0"));  // ns/hop
  EXPECT_THAT(out_.str(), Not(HasSubstr("K16")));
  EXPECT_THAT(err_.str(), HasSubstr("run 3 of 3: W3, 2 threads\n"));
}

TEST_F(BenchCommand, QuietPrintsNoProgress) {
  ASSERT_EQ(run({"bench", "engine", "--quiet", "--case", "W2-16"}), 0);
  EXPECT_THAT(err_.str(), Not(HasSubstr("run 1")));
}

TEST_F(BenchCommand, ComparesTwoFiles) {
  for (const char* name : {"a.json", "b.json"})
    ASSERT_EQ(run({"bench", "engine", "--case", "W2-16", "--json", path(name)}), 0) << err_.str();
  ASSERT_EQ(run({"bench", "compare", path("a.json"), path("b.json")}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("1.000"));
  EXPECT_THAT(out_.str(), HasSubstr("within the spread"));
}

TEST_F(BenchCommand, WrongArgumentsAreUsageErrors) {
  EXPECT_EQ(run({"bench", "engine", "--case", "W1,W5"}), 2);
  EXPECT_THAT(err_.str(),
              testing::StartsWith("there is no case 'W5'; did you mean 'W1'?\nThere are W1, W1-pfc, "));
  for (const char* option : {"--case", "--before-case"}) {
    EXPECT_EQ(run({"bench", "pairs", "/bin/false", option, "nine"}), 2);
    EXPECT_THAT(err_.str(), testing::StartsWith("there is no case 'nine'\nThere are W1, W1-pfc, "));
  }
  EXPECT_EQ(run({"bench", "engine", "--threads", "0"}), 2);
  EXPECT_EQ(run({"bench", "engine", "--repetitions", "0"}), 2);
  EXPECT_EQ(run({"bench", "engine", "--json", "/nowhere/a.json"}), 2);
  EXPECT_EQ(err_.str(), "--json /nowhere/a.json: cannot be written\n");
  EXPECT_EQ(run({"bench", "compare", path("none.json"), path("none.json")}), 2);
  EXPECT_EQ(err_.str(), path("none.json") + ": cannot be read\n");
  std::ofstream(path("empty.json")) << "{}";
  EXPECT_EQ(run({"bench", "compare", path("empty.json"), path("empty.json")}), 2);
  EXPECT_THAT(err_.str(), testing::StartsWith(path("empty.json") + ": "));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(BenchCommand, ACaseThatFailsEndsTheRun) {
  simulate_ = [](const auto&, const auto&, auto&) -> tl::expected<record::Record, std::string> {
    return tl::make_unexpected("no route");
  };
  EXPECT_EQ(run({"bench", "engine", "--quiet", "--case", "W2-16"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("case W2-16, 1 threads: no route\n"));
}

}  // namespace
}  // namespace railyard
