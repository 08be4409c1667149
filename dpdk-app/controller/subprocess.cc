// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

extern char** environ;

namespace railyard::lab {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1, write_end = -1;

  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) {
      read_end = ends[0];
      write_end = ends[1];
    }
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

int spawn(const std::vector<std::string>& arguments, const Pipe& out, const Pipe& err, pid_t& pid) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write_end, STDERR_FILENO);
  // In a group of its own: Ctrl-C is the controller's to handle, and what ssh starts ends with it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Until both ends are closed; false when the time is over first.
bool read_both(Pipe& out, Pipe& err, ProcessResult& result, SteadyClock::time_point deadline) {
  std::array<char, 1 << 16> buffer{};
  while (out.read_end >= 0 || err.read_end >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> waiting{{{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      return false;
    const auto take = [&buffer](const pollfd& ready, int& end, std::string& text) {
      if (ready.revents == 0) return;
      const ssize_t got = read(end, buffer.data(), buffer.size());
      if (got > 0)
        text.append(buffer.data(), static_cast<size_t>(got));
      else
        Pipe::close_end(end);
    };
    take(waiting[0], out.read_end, result.out);
    take(waiting[1], err.read_end, result.err);
  }
  return true;
}

}  // namespace

tl::expected<ProcessResult, std::string> run_process(const std::vector<std::string>& arguments,
                                                     std::chrono::milliseconds timeout) {
  Pipe out, err;
  pid_t pid = 0;
  if (const int error = spawn(arguments, out, err, pid); error != 0)
    return tl::make_unexpected(fmt::format("{}: {}", arguments.front(), std::strerror(error)));
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);
  ProcessResult result;
  const bool ended = read_both(out, err, result, SteadyClock::now() + timeout);
  if (!ended) kill(-pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!ended)
    return tl::make_unexpected(fmt::format("{}: no end within {} ms", arguments.front(), timeout.count()));
  constexpr int kSignalBase = 128;  // as shells say it
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
  return result;
}

}  // namespace railyard::lab
