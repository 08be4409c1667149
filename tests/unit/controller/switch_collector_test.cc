// SPDX-License-Identifier: BSD-3-Clause
// Against a local sshd that answers as SONiC does: without root, on a port of its own, with keys of its own.
#include "dpdk-app/controller/switch_collector.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "dpdk-app/controller/subcommands.h"
#include "dpdk-app/controller/subprocess.h"
#include "tests/unit/controller/fake_lab.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TEST(Subprocess, OutputErrorAndExitCodeComeApart) {
  const auto result = run_process({"sh", "-c", "echo out; echo err >&2; exit 7"}, 10s);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_EQ(result->exit_code, 7);
}

TEST(Subprocess, MuchOutputDoesNotStall) {
  const auto result =
      run_process({"sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"}, 20s);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->out.size(), 3'000'000u);
  EXPECT_EQ(result->err.size(), 3'000'000u);
}

TEST(Subprocess, WhatTakesTooLongIsEnded) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(run_process({"sleep", "60"}, 200ms).error(), HasSubstr("sleep: no end within 200 ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_THAT(run_process({"no-such-program-here"}, 1s).error(), HasSubstr("No such file"));
}

uint16_t free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  close(probe);
  return ntohs(address.sin_port);
}

class SwitchCollector : public testing::Test {
 protected:
  static constexpr const char* kSshd = "/usr/sbin/sshd";

  void SetUp() override {
    if (!fs::exists(kSshd)) GTEST_SKIP() << "no sshd here; tools/setup installs openssh-server";
    folder_ = fs::path(testing::TempDir()) / fmt::format("railyard-sshd-{}", getpid());
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::owner_all);
    for (const char* key : {"host", "user"}) {
      const auto made =
          run_process({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", (folder_ / key).string()}, 10s);
      ASSERT_TRUE(made && made->exit_code == 0);
    }
    fs::copy_file(folder_ / "user.pub", folder_ / "authorized_keys");
    answer_as("");
    start();
  }
  void TearDown() override {
    if (sshd_ > 0) {
      kill(sshd_, SIGTERM);
      waitpid(sshd_, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // What the switch does for commands beyond those below; `case` branches of a shell.
  void answer_as(const std::string& first_branches) {
    write("sonic", fmt::format(R"(#!/bin/sh
# Counts go up with each dump.
n=$(cat {0}/count 2>/dev/null || echo 0)
case "$SSH_ORIGINAL_COMMAND" in
{1}
"sonic-cfggen -d --print-data") echo '{{"PORT": {{"Ethernet0": {{"speed": "100000", "lanes": "1,2,3,4"}}}}, "PFC_WD": {{}}}}' ;;
"sonic-db-dump -n COUNTERS_DB -y")
  echo $((n + 1)) > {0}/count
  echo '{{"COUNTERS_PORT_NAME_MAP": {{"type": "hash", "value": {{"Ethernet0": "oid:0x1"}}}},'
  echo ' "COUNTERS:oid:0x1": {{"type": "hash", "value": {{"SAI_PORT_STAT_ECN_MARKED_PACKETS": "'$((n * 41))'"}}}}}}' ;;
*) echo "-bash: $SSH_ORIGINAL_COMMAND: command not found" >&2; exit 127 ;;
esac
)",
                               folder_.string(), first_branches));
    fs::permissions(folder_ / "sonic", fs::perms::owner_all);
  }

  tl::expected<SwitchSnapshot, std::string> take() {
    LabSwitch leaf;
    leaf.name = "leaf0";
    leaf.address = "sonic-switch";
    SshOptions options;
    options.config_file = (folder_ / "ssh_config").string();
    options.timeout = 10s;
    return snapshot(leaf, options);
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  fs::path folder_;

 private:
  void start() {
    const uint16_t port = free_port();
    const std::string at = folder_.string();
    write("sshd_config", fmt::format("Port {0}\nListenAddress 127.0.0.1\nHostKey {1}/host\nPidFile none\n"
                                     "AuthorizedKeysFile {1}/authorized_keys\nStrictModes no\nUsePAM no\n"
                                     "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                                     "PermitRootLogin prohibit-password\nForceCommand {1}/sonic\n",
                                     port, at));
    write("ssh_config", fmt::format("Host sonic-switch\nHostName 127.0.0.1\nPort {0}\nUser {2}\n"
                                    "IdentityFile {1}/user\nIdentitiesOnly yes\nIdentityAgent none\n"
                                    "UserKnownHostsFile {1}/known_hosts\nGlobalKnownHostsFile none\n",
                                    port, at, getpwuid(getuid())->pw_name));
    std::ifstream key(folder_ / "host.pub");
    std::string type, base64;
    key >> type >> base64;
    write("known_hosts", fmt::format("[127.0.0.1]:{} {} {}\n", port, type, base64));
    if (geteuid() == 0) fs::create_directories("/run/sshd");  // where root's sshd drops its privileges
    sshd_ = fork();
    if (sshd_ == 0) {
      const std::string config = at + "/sshd_config", log = at + "/sshd.log";
      execl(kSshd, kSshd, "-D", "-f", config.c_str(), "-E", log.c_str(), nullptr);
      _exit(127);
    }
    for (int i = 0; i < 500 && !listens(port); ++i) std::this_thread::sleep_for(10ms);
  }
  static bool listens(uint16_t port) {
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    return connected;
  }

  pid_t sshd_ = 0;
};

TEST_F(SwitchCollector, TakesConfigurationAndCounters) {
  const auto before = take();
  ASSERT_TRUE(before) << before.error();
  EXPECT_THAT(before->config, HasSubstr("PFC_WD"));
  EXPECT_EQ(before->speeds.at("Ethernet0"), 100'000'000'000u);
  const auto after = take();
  ASSERT_TRUE(after) << after.error();
  const SwitchPorts counted =
      ports_between("leaf0", {"Ethernet0"}, before->parsed, after->parsed, after->speeds);
  ASSERT_EQ(counted.ports.size(), 1u);
  EXPECT_EQ(counted.ports[0].ecn_marked, 41u);
}

// The lab of fake_lab.h, with this switch between its agents.
TEST_F(SwitchCollector, ARunKeepsWhatTheSwitchSaidAndItsPortsAreInTheRecord) {
  FakeLab fake;
  const fs::path scenario = fake.scenario();
  std::ostringstream text;
  text << std::ifstream(scenario).rdbuf();
  const std::string all = text.str();
  std::ofstream(scenario) << all.substr(0, all.find("  switches:"))
                          << "  switches: [{name: leaf0, kind: sonic, address: sonic-switch, "
                             "ports: [Ethernet0, Ethernet4, Ethernet8]}]\n";
  const std::atomic<bool> never = false;
  const auto lab = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--ssh-config", (folder_ / "ssh_config").string()});
    std::ostringstream out, err;
    Context context{out, err, false, 80, false, never, std::move(arguments)};
    const ExitCode code = run_lab_command(context);
    return std::pair(code, out.str() + err.str());
  };
  const auto checked = lab({"check", scenario.string()});
  EXPECT_EQ(checked.first, ExitCode::Ok) << checked.second;
  const fs::path run = folder_ / "run";
  const auto played = lab({"run", scenario.string(), "--setting", "a", "-o", run.string()});
  EXPECT_EQ(played.first, ExitCode::Ok) << played.second;
  EXPECT_THAT(played.second, HasSubstr("'Ethernet8'; correct lab.switches[].ports"));
  for (const char* file : {"a-seed1-leaf0-before-config.json", "a-seed1-leaf0-after-counters.json"})
    EXPECT_TRUE(fs::exists(run / file)) << file;
  const auto record = record::read_record((run / "records" / "a-seed1.ryrecord").string()).value();
  EXPECT_EQ(record.ports.back().name, "leaf0:0");
  EXPECT_EQ(record.ports.back().ecn_marked, 41u);
}

TEST_F(SwitchCollector, AnImageWithOldCommandsOnlyIsAskedWithThose) {
  answer_as(R"("sonic-cfggen -d --print-data") echo "permission denied" >&2; exit 1 ;;
"show runningconfiguration all") echo '{"PORT": {"Ethernet0": {"speed": "40000"}}}' ;;
"sonic-db-dump -n COUNTERS_DB -y") exit 127 ;;
"redis-dump -d 2 -y") echo '{"COUNTERS_PORT_NAME_MAP": {"value": {"Ethernet0": "oid:0x1"}}}' ;;)");
  const auto taken = take();
  ASSERT_TRUE(taken) << taken.error();
  EXPECT_EQ(taken->speeds.at("Ethernet0"), 40'000'000'000u);
}

TEST_F(SwitchCollector, WhatTheSwitchSaysInsteadIsTold) {
  answer_as(R"("show runningconfiguration all") echo "Error: Invalid command" >&2; exit 2 ;;
"sonic-cfggen -d --print-data") exit 3 ;;)");
  EXPECT_THAT(take().error(),
              AllOf(HasSubstr("switch 'leaf0' (sonic-switch)"),
                    HasSubstr("`show runningconfiguration all` failed (2): Error: Invalid command")));
}

TEST_F(SwitchCollector, AKeyThatIsNotKnownNamesTheRemedy) {
  write("authorized_keys", "");
  EXPECT_THAT(take().error(), AllOf(HasSubstr("Permission denied"),
                                    HasSubstr("see that `ssh sonic-switch` works without a question")));
}

TEST_F(SwitchCollector, AnUnknownHostIsNotTrusted) {
  write("known_hosts", "");
  EXPECT_THAT(take().error(), HasSubstr("see that `ssh sonic-switch` works without a question"));
}

}  // namespace
}  // namespace railyard::lab
