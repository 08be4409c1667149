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

class LabOption : public testing::Test {
 protected:
  LabOption() {
    std::ofstream(file_) << R"(
fabric: {kind: leaf-spine, leaves: 2, spines: 2, hosts_per_leaf: 1}
jobs: [{permutation: {ranks: 2, bytes: 1MiB}}]
lab:
  switches:
    - {name: leaf0, address: "127.0.0.1:7472", ports: ["ring:a", "ring:x,a", "ring:y,a"]}
    - {name: spine1, address: "127.0.0.1:7473", ports: ["ring:y,b", "ring:z,b"]}
    - {name: leaf1, kind: unmanaged}
)";
    std::ofstream(token_) << "0123456789abcdef\n";
    std::filesystem::permissions(token_, std::filesystem::perms::owner_read);
  }
  ~LabOption() override {
    std::filesystem::remove(file_);
    std::filesystem::remove(token_);
  }

  tl::expected<SoftswitchOptions, UsageText> parsed(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"railyard-softswitch", "--lab", file_, "--token-file", token_};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    return parse_options(static_cast<int>(arguments.size()), arguments.data());
  }

  const std::string file_ = testing::TempDir() + "softswitch-lab-" + std::to_string(getpid()) + ".yaml";
  const std::string token_ = testing::TempDir() + "softswitch-lab-token-" + std::to_string(getpid());
};

TEST_F(LabOption, GivesEachSoftSwitchItsNameAddressPortsAndTree) {
  const auto options = parsed({"--seed", "5"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->name, "leaf0");
  EXPECT_EQ(options->session.address, "127.0.0.1:7472");
  EXPECT_THAT(options->ports, testing::ElementsAre("ring:a", "ring:x,a", "ring:y,a"));
  EXPECT_EQ(options->settings.rates.size(), 3u);
  EXPECT_THAT(options->tree, testing::ElementsAre(true, true, true));
  ASSERT_EQ(options->beside.size(), 1u);
  const SwitchOptions& spine = options->beside[0];
  EXPECT_EQ(spine.name, "spine1");
  EXPECT_TRUE(spine.listens);
  EXPECT_EQ(spine.session.address, "127.0.0.1:7473");
  EXPECT_EQ(spine.session.token, "0123456789abcdef");
  EXPECT_EQ(spine.faults.size(), 2u);
  EXPECT_EQ(spine.settings.rates.size(), 2u);
  EXPECT_EQ(spine.settings.seed, 5u);
  EXPECT_THAT(spine.tree, testing::ElementsAre(true, false));  // or with spine0 it would make a ring
}

TEST_F(LabOption, GivesOneOfThemByItsName) {
  const auto options = parsed({"--name", "spine1"});
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->name, "spine1");
  EXPECT_TRUE(options->listens);
  EXPECT_TRUE(options->beside.empty());
}

TEST_F(LabOption, ErrorsSayWhatToChoose) {
  const auto error = [&](const std::vector<std::string>& more) {
    const auto options = parsed(more);
    return options ? "no error" : options.error().text;
  };
  EXPECT_THAT(error({"--name", "leaf1"}),
              HasSubstr("has no soft switch 'leaf1': choose --name from leaf0, spine1"));
  EXPECT_THAT(error({"--json", "-"}), HasSubstr("--json is of one switch: choose it by --name"));
  EXPECT_THAT(error({"--port", "ring:1"}), HasSubstr("excludes"));
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

TEST_F(ScenarioOption, ANameIsOneOfFilesToo) {
  EXPECT_THAT(error({"--setting", "plain", "--name", "../../x"}), HasSubstr("'../../x' is not a name"));
  EXPECT_EQ(error({"--setting", "plain", "--name", "leaf0"}), "no error");
}

TEST_F(ScenarioOption, FilesThatCannotBeWrittenAreNoticedBeforeTheSwitchRuns) {
  for (const std::string option : {"--pcap", "--json"}) {
    EXPECT_THAT(error({"--setting", "plain", option, "/nonexistent/frames"}),
                testing::AllOf(HasSubstr(option + ": /nonexistent/frames cannot be written: No such file")));
    EXPECT_THAT(error({"--setting", "plain", option, testing::TempDir()}), HasSubstr("Is a directory"));
    const std::string good = testing::TempDir() + "softswitch-frames";
    EXPECT_EQ(error({"--setting", "plain", option, good}), "no error");
    EXPECT_FALSE(std::filesystem::exists(good));
  }
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
