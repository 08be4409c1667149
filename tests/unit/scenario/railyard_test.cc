// SPDX-License-Identifier: BSD-3-Clause
// The program itself, with its simulator.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace railyard {
namespace {

namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string text;  // of both streams
};

Result run(const std::string& arguments) {
  Result result;
  FILE* pipe = popen(("(" RAILYARD_PROGRAM " " + arguments + ") 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  for (size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.text.append(buffer, n);
  const int status = pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::string content(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Railyard : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("railyard-test-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
};

using ShippedScenario = Railyard;

TEST_P(ShippedScenario, RunsAndMeetsItsExpectations) {
  const Result result =
      run("compare " RAILYARD_SOURCE_DIR "/scenarios/" + GetParam() + ".yaml --output " + path("out"));
  EXPECT_EQ(result.code, 0) << result.text;
  EXPECT_TRUE(fs::exists(path("out/report.html")));
}

std::vector<std::string> scenario_stems() {
  std::vector<std::string> stems;
  for (const auto& entry : fs::directory_iterator(RAILYARD_SOURCE_DIR "/scenarios"))
    if (entry.path().extension() == ".yaml") stems.push_back(entry.path().stem().string());
  std::sort(stems.begin(), stems.end());
  return stems;
}

INSTANTIATE_TEST_SUITE_P(Files, ShippedScenario, testing::ValuesIn(scenario_stems()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_F(Railyard, BothEnginesTwoThreadsAndEveryRepetitionWriteTheSameBytes) {
  const std::string command = "run " RAILYARD_SOURCE_DIR "/scenarios/fat-tree.yaml --output ";
  ASSERT_EQ(run(command + path("a")).code, 0);
  ASSERT_EQ(run(command + path("b")).code, 0);
  ASSERT_EQ(run(command + path("c") + " --engine reference").code, 0);
  ASSERT_EQ(run(command + path("d") + " --threads 2").code, 0);
  size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path("a"))) {
    const fs::path name = entry.path().lexically_relative(path("a"));
    if (!entry.is_regular_file() || name == "timing.json") continue;
    EXPECT_EQ(content(entry.path()), content(folder_ / "b" / name)) << name;
    EXPECT_EQ(content(entry.path()), content(folder_ / "c" / name)) << name;
    EXPECT_EQ(content(entry.path()), content(folder_ / "d" / name)) << name;
    ++compared;
  }
  EXPECT_GE(compared, 7u);
}

std::vector<double> times_of(const std::string& setting, const fs::path& folder) {
  const auto summary = nlohmann::json::parse(content(folder / "summary.json"));
  std::vector<double> times;
  for (const auto& entry : summary["settings"])
    if (entry["name"] == setting)
      for (const auto& [name, metric] : entry["runs"][0]["metrics"].items())
        if (name.rfind("fct.", 0) == 0 || name.rfind("iteration.", 0) == 0) times.push_back(metric["value"]);
  return times;
}

// To the picosecond where no rate is computed. DCQCN's rates are whole bits per second, rounded otherwise at
// a thousandth: until a packet is marked otherwise because of it, times differ by parts in 10^8.
TEST_F(Railyard, TheTimeScaleMultipliesCompletionTimes) {
  const std::string command = "compare -q " RAILYARD_SOURCE_DIR "/scenarios/quickstart.yaml --seed 1 ";
  ASSERT_EQ(run(command + "--output " + path("plain")).code, 0);
  ASSERT_EQ(run(command + "--set lab.time_scale=1000 --output " + path("slow")).code, 0);
  for (const auto& [setting, tolerance] : {std::pair("pfc-only", 1e-9), {"dcqcn-paper", 1e-4}}) {
    const auto plain = times_of(setting, path("plain")), slow = times_of(setting, path("slow"));
    ASSERT_EQ(plain.size(), slow.size());
    ASSERT_GE(plain.size(), 4u);
    for (size_t i = 0; i < plain.size(); ++i) EXPECT_NEAR(slow[i] / plain[i], 1000, tolerance) << setting;
  }
}

TEST_F(Railyard, ABadCaptureIsRefusedAndLeavesNoTrace) {
  size_t refused = 0;
  for (const auto& entry : fs::directory_iterator(RAILYARD_SOURCE_DIR "/tests/bad-input/traces")) {
    const Result result = run("trace import " + entry.path().string() + " -o " + path("x.rytrace"));
    EXPECT_EQ(result.code, 2) << result.text;
    EXPECT_EQ(result.text.rfind(entry.path().string(), 0), 0u) << "names no file: " << result.text;
    ++refused;
  }
  EXPECT_GE(refused, 10u);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Railyard, ARealStepIsReplayedOnTwoFabrics) {
  const fs::path capture = RAILYARD_SOURCE_DIR "/../shared/data/traces/kineto-dlrm-8ranks";
  if (!fs::exists(capture)) GTEST_SKIP() << "no real captures at ../shared/data";
  std::ofstream(path("dlrm.yaml"))
      << "settings:\n"
      << "  fat-tree: {fabric: {kind: fat-tree, hosts_per_leaf: 0}}\n"
      << "  rails: {fabric: {kind: rail-optimized, leaves: 1, hosts_per_leaf: 8}}\n"
      << "jobs: [{name: dlrm, trace: " << fs::canonical(capture) << "}]\n"
      << "expect: [drops == 0, 'iteration.time > 18.8ms', 'iteration.time < 21ms']\n";
  const Result result = run("compare " + path("dlrm.yaml") + " --output " + path("out"));
  EXPECT_EQ(result.code, 0) << result.text;
}

TEST_F(Railyard, WhatCannotBeWrittenIsToldAndNotZero) {
  const std::string incast = "run -q " RAILYARD_SOURCE_DIR "/scenarios/incast.yaml -o ";
  for (const char* folder : {"/dev/null/x", "/proc/x", RAILYARD_SOURCE_DIR "/README.md"}) {
    const Result result = run(incast + folder);
    EXPECT_EQ(result.code, 2) << folder;
    EXPECT_NE(result.text.find(folder), std::string::npos) << result.text;
  }
  const Result closed = run(incast + path("closed") + " >&-");
  EXPECT_EQ(closed.code, 1);
  EXPECT_EQ(closed.text, "railyard: standard output is closed\n");
  EXPECT_FALSE(fs::exists(path("closed")));
  const Result full = run("list metrics >/dev/full");
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(full.text, "railyard: standard output cannot be written: No space left on device\n");
}

// Each is settled in words, one without the seeds, one by more of them.
TEST_F(Railyard, ComparesWhatHardlyDiffers) {
  ::setenv("COLUMNS", "2000", 1);
  std::ofstream(path("links.yaml")) << R"(
fabric: {kind: single-switch, hosts_per_leaf: 4, link_rate: 400Gbps}
settings:
  500ns: {fabric: {link_delay: 500ns}}
  501ns: {fabric: {link_delay: 501ns}}
jobs: [{incast: {senders: 3, bytes: 1MiB}}]
seeds: 5
)";
  const Result links = run("compare " + path("links.yaml") + " --output " + path("links"));
  EXPECT_NE(links.text.find("is the same as 500ns within 1 %: difference 4.000 ns, below what matters. The "
                            "iteration time does not depend on the seed, of which 5 were run"),
            std::string::npos)
      << links.text;
  std::ofstream(path("kmin.yaml")) << R"(
fabric: {kind: leaf-spine, leaves: 4, spines: 4, hosts_per_leaf: 4, link_rate: 400Gbps}
switch: {green_max_threshold: 1600kB, green_drop_probability: 20}
settings:
  kmin-400k: {switch: {green_min_threshold: 400kB}}
  kmin-380k: {switch: {green_min_threshold: 380kB}}
jobs: [{permutation: {ranks: 16, bytes: 10MB}}]
seeds: 5
)";
  const Result kmin = run("compare " + path("kmin.yaml") + " --until-decided --output " + path("kmin"));
  EXPECT_NE(kmin.text.find("is the same as kmin-400k within 1 %: mean difference"), std::string::npos)
      << kmin.text;
  ::unsetenv("COLUMNS");
}

TEST_F(Railyard, ExitCodesSayWhatWentWrong) {
  const std::string incast =
      "run " RAILYARD_SOURCE_DIR "/scenarios/incast.yaml --output " + path("out") + " ";
  const Result late = run(incast + "--set limits.duration=10us");
  EXPECT_EQ(late.code, 1) << late.text;
  EXPECT_FALSE(fs::exists(path("out")));
  EXPECT_EQ(run("frobnicate").code, 2);
  EXPECT_EQ(run("validate " RAILYARD_SOURCE_DIR "/tests/bad-input/scenarios/mistyped-key.yaml").code, 2);
  const Result slow = run(incast + "--set fabric.link_rate=10Gbps");
  EXPECT_EQ(slow.code, 3) << slow.text;
  EXPECT_NE(slow.text.find("expectation not met in default, seed 1: fct.max < 1.4ms: it is 1"),
            std::string::npos)
      << slow.text;
}

}  // namespace
}  // namespace railyard
