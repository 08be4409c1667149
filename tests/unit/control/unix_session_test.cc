// SPDX-License-Identifier: BSD-3-Clause
// A player on a Unix socket: who may be at the other end, and what may lie at its path.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>

#include "dpdk-app/control/player_client.h"
#include "tests/unit/control/scripted_player.h"

namespace railyard::lab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr uid_t kSomebody = 1;

class UnixSession : public testing::Test {
 protected:
  UnixSession() {
    fs::create_directories(folder_);
    options_.address = "unix:" + path_.string();
  }
  ~UnixSession() override { fs::remove_all(folder_); }

  std::string refusal() {
    const auto server = PlayerServer::listen(options_, player_);
    return server ? "no error" : server.error();
  }
  // A socket file that nobody listens on any more, as a killed player leaves it.
  void leave_stale_socket() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    close(stale);
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("unix-" + std::to_string(getpid()));
  const fs::path path_ = folder_ / "player.sock";
  SessionOptions options_;
  ScriptedPlayer player_;
};

TEST_F(UnixSession, ItsOwnUserNeedsNoToken) {
  auto server = PlayerServer::listen(options_, player_);
  ASSERT_TRUE(server) << server.error();
  EXPECT_EQ((*server)->place(), path_);
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  // What the lab's other players want is not used here.
  SessionOptions controller = options_;
  controller.token = "a secret of the lab";
  controller.tls.ca = "/nonexistent";
  const auto client = PlayerClient::connect(controller);
  ASSERT_TRUE(client) << client.error().what;
  EXPECT_EQ((*client)->identity().name(), "scripted");
  EXPECT_TRUE((*client)->measure_clock(4));
  const auto second = PlayerClient::connect(options_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, HasSubstr("a controller at process " + std::to_string(getpid()) +
                                             " of user " + std::to_string(geteuid())));
  server->reset();
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(UnixSession, TokenAndTlsAreNotIgnoredSilently) {
  options_.token = "a secret of the lab";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("cannot listen"), HasSubstr("leave out --token-file")));
}

TEST_F(UnixSession, AStaleSocketIsReplacedAndALiveOneIsNot) {
  leave_stale_socket();
  const auto server = PlayerServer::listen(options_, player_);
  ASSERT_TRUE(server) << server.error();
  EXPECT_THAT(refusal(), HasSubstr("something listens there already"));
  EXPECT_TRUE(PlayerClient::connect(options_));
}

TEST_F(UnixSession, NothingElseIsReplaced) {
  const fs::path victim = folder_ / "victim";
  std::ofstream(victim) << "precious";
  fs::create_symlink(victim, path_);
  EXPECT_THAT(refusal(), HasSubstr("is no socket of user"));
  fs::remove(path_);
  fs::rename(victim, path_);
  EXPECT_THAT(refusal(), HasSubstr("is no socket of user"));
  EXPECT_EQ(fs::file_size(path_), std::string("precious").size());
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a socket away";
  fs::remove(path_);
  leave_stale_socket();
  ASSERT_EQ(chown(path_.c_str(), kSomebody, static_cast<gid_t>(-1)), 0);
  EXPECT_THAT(refusal(), HasSubstr("is no socket of user"));
}

TEST_F(UnixSession, NobodyListeningIsSaid) {
  for (const bool stale : {false, true}) {
    if (stale) leave_stale_socket();
    const auto client = PlayerClient::connect(options_);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().reason, ConnectError::Reason::NobodyListens) << client.error().what;
  }
}

// Runs `attempt` as a user without rights; its exit code.
template <class Attempt>
int as_somebody(Attempt attempt) {
  const pid_t child = fork();
  if (child == 0) _exit(setuid(kSomebody) == 0 ? attempt() : 9);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(UnixSession, AnotherUserIsTurnedAwayByTheModeAndByTheKernelsWord) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  fs::permissions(folder_, fs::perms(0755));
  const auto server = PlayerServer::listen(options_, player_);
  ASSERT_TRUE(server) << server.error();
  // The client's end would refuse root's player too, so this asks with a plain socket.
  const auto dial = [&] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int dialled = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(dialled, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
    char buffer[512];
    const ssize_t got = recv(dialled, buffer, sizeof buffer, 0);
    return std::string(buffer, got > 0 ? static_cast<size_t>(got) : 0).find("user 1 is at the other end") !=
                   std::string::npos
               ? 2
               : 3;
  };
  EXPECT_EQ(as_somebody(dial), 1);
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  EXPECT_EQ(as_somebody(dial), 2);
  EXPECT_TRUE(player_.messages().empty());
}

TEST_F(UnixSession, AnotherUsersSocketIsNotThePlayer) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  fs::permissions(folder_, fs::perms(0777));
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready) | pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    if (setuid(kSomebody) != 0) _exit(1);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int planted = socket(AF_UNIX, SOCK_STREAM, 0);
    const bool listens =
        bind(planted, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && listen(planted, 1) == 0;
    char byte = 0;
    _exit(listens && write(ready[1], "r", 1) == 1 && read(done[0], &byte, 1) >= 0 ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const auto client = PlayerClient::connect(options_);
  ASSERT_EQ(write(done[1], "d", 1), 1);
  waitpid(child, nullptr, 0);
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, HasSubstr("user 1 is at the other end"));
}

}  // namespace
}  // namespace railyard::lab
