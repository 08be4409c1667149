// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/run/available_memory.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/trace/temporary_folder.h"

namespace railyard {
namespace {

// A machine's /proc and /sys in a folder.
class AvailableMemoryOf : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::filesystem::path root() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(AvailableMemoryOf, IsWhatTheKernelSaysIsAvailable) {
  write("proc/meminfo", "MemTotal:       32000000 kB\nMemFree: 1000 kB\nMemAvailable:   20000000 kB\n");
  const AvailableMemory memory = available_memory(root());
  EXPECT_EQ(memory.bytes.n, 20'000'000ull * 1024);
  EXPECT_EQ(memory.limit, "MemAvailable");
}

TEST_F(AvailableMemoryOf, IsWhatTheNarrowestCgroupLeaves) {
  write("proc/meminfo", "MemAvailable:   20000000 kB\n");
  write("proc/self/cgroup", "0::/user/session\n");
  write("sys/fs/cgroup/user/session/memory.max", "max\n");
  write("sys/fs/cgroup/user/session/memory.current", "500\n");
  write("sys/fs/cgroup/user/memory.max", "1000000\n");
  write("sys/fs/cgroup/user/memory.current", "700000\n");
  write("sys/fs/cgroup/user/memory.stat", "anon 600000\ninactive_file 50000\n");
  const AvailableMemory memory = available_memory(root());
  EXPECT_EQ(memory.bytes.n, 350'000u) << "file pages can be dropped";
  EXPECT_EQ(memory.limit, "cgroup /user");
}

TEST_F(AvailableMemoryOf, ReadsTheFirstVersionOfCgroupsToo) {
  write("proc/meminfo", "MemAvailable:   20000000 kB\n");
  write("proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/job\n0::/\n");
  write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "4000000\n");
  write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "5000000\n");
  const AvailableMemory memory = available_memory(root());
  EXPECT_EQ(memory.bytes.n, 0u);
  EXPECT_EQ(memory.limit, "cgroup /job");
}

TEST_F(AvailableMemoryOf, OfThisMachineIsSomething) {
  EXPECT_GT(available_memory().bytes.n, 0u);
}

}  // namespace
}  // namespace railyard
