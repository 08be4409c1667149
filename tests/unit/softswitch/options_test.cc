// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/options.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace railyard::lab {
namespace {

using testing::HasSubstr;

constexpr const char* kScenario = R"(
fabric: {kind: single-switch, hosts_per_leaf: 3, link_rate: 40Gbps, link_delay: 2us}
switch: {dynamic_th: -2}
settings: {plain: {}, marking: {switch: {green_min_threshold: 30KiB}}}
jobs: [{permutation: {ranks: 2, bytes: 1MiB}}]
lab:
  time_scale: 100
  switches:
    - {name: leaf0, address: "127.0.0.1:7472", ports: [a, b, c], faults: {drop: 1%, 2.in.delay: 5ms}}
)";

class ScenarioOption : public testing::Test {
 protected:
  ScenarioOption() { std::ofstream(file_) << kScenario; }

  tl::expected<SoftswitchOptions, UsageText> parsed(const std::vector<std::string>& more, int ports = 3) {
    std::vector<std::string> words = {"railyard-softswitch", "--scenario", file_};
    for (int i = 0; i < ports; ++i) words.insert(words.end(), {"--port", "ring:" + std::to_string(i)});
    words.insert(words.end(), more.begin(), more.end());
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    return parse_options(static_cast<int>(arguments.size()), arguments.data());
  }

  std::string error(const std::vector<std::string>& more, int ports = 3) {
    const auto options = parsed(more, ports);
    return options ? "no error" : options.error().text;
  }

  const std::string file_ = testing::TempDir() + "softswitch-options.yaml";
};

TEST_F(ScenarioOption, GivesSwitchLinksAndFaultsAtTheirTimeScale) {
  const auto options = parsed({"--setting", "marking"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->settings.switching.dynamic_th, -2);
  EXPECT_EQ(options->settings.switching.green_min_threshold, Bytes{30 * 1024});
  EXPECT_THAT(options->settings.rates, testing::Each(BitRate::megabits(400)));
  EXPECT_EQ(options->settings.rates.size(), 3u);
  EXPECT_EQ(options->settings.link_delay, SimTime::microseconds(200));
  EXPECT_EQ(options->faults[0].out.drop, 1);
  EXPECT_EQ(options->faults[2].in.delay, SimTime::milliseconds(500));
  EXPECT_EQ(options->faults[2].out.delay.ps, 0);
}

TEST_F(ScenarioOption, IsOverriddenByTheOthers) {
  const auto options = parsed({"--setting", "plain", "--rate", "1Gbps", "--link-delay", "7us", "--set",
                               "switch.dynamic_th=3", "--set", "faults.drop=0"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_THAT(options->settings.rates, testing::Each(BitRate::gigabits(1)));
  EXPECT_EQ(options->settings.link_delay, SimTime::microseconds(7));
  EXPECT_EQ(options->settings.switching.dynamic_th, 3);
  EXPECT_EQ(options->faults[0].out.drop, 0);
}

TEST_F(ScenarioOption, LeavesRoomForASecuredSession) {
  const std::string token = testing::TempDir() + "softswitch-token-" + std::to_string(getpid());
  std::ofstream(token) << "0123456789abcdef\n";
  std::filesystem::permissions(token, std::filesystem::perms::owner_read);
  const auto options =
      parsed({"--setting", "plain", "--listen", "127.0.0.1:0", "--tls-cert", "a.pem", "--token-file", token});
  std::filesystem::remove(token);
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->session.token, "0123456789abcdef");
  EXPECT_TRUE(options->listens);
  EXPECT_EQ(options->session.tls.certificate, "a.pem");
}

TEST_F(ScenarioOption, RootListensToNobodyWithoutAToken) {
  if (geteuid() != 0) GTEST_SKIP() << "asks for root";
  EXPECT_THAT(error({"--setting", "plain", "--listen", "127.0.0.1:0"}), HasSubstr("--token-file is missing"));
  EXPECT_EQ(error({"--setting", "plain"}), "no error");
}

TEST_F(ScenarioOption, CapturesGoToAFolderThatIsSafe) {
  const std::filesystem::path folder = testing::TempDir() + "softswitch-captures";
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  const auto options = parsed({"--setting", "plain", "--capture-dir", folder.string()});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_TRUE(options->captures);
  EXPECT_FALSE(parsed({"--setting", "plain"})->captures);
  std::filesystem::permissions(folder, std::filesystem::perms::all);
  EXPECT_THAT(
      error({"--setting", "plain", "--capture-dir", folder.string()}),
      testing::AllOf(HasSubstr("--capture-dir: '" + folder.string()), HasSubstr("install -d -m 700")));
  std::filesystem::remove(folder);
}

TEST_F(ScenarioOption, ErrorsNameTheRemedy) {
  EXPECT_THAT(error({}), HasSubstr("has several settings: choose --setting from plain, marking"));
  EXPECT_THAT(error({"--setting", "x"}), HasSubstr("has no setting 'x': choose --setting from plain"));
  EXPECT_THAT(error({"--setting", "plain"}, 2),
              HasSubstr("faults.2.in.delay: there is no port 2, only 0 to 1"));
  EXPECT_THAT(error({"--setting", "plain", "--listen", "127.0.0.1:0", "--pcap", "a.pcap"}),
              testing::AllOf(HasSubstr("--listen excludes --pcap"), HasSubstr("use --capture-dir")));
  std::ofstream(file_) << "jobs: 1\n";
  EXPECT_THAT(error({}), HasSubstr(file_ + ":1:"));
}

}  // namespace
}  // namespace railyard::lab
