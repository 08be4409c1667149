// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/run_frames.h"

#include <gtest/gtest.h>

#include "tests/unit/softswitch/memory_store.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kHost = 0x0a000000;

bool has(const RunFrames& run, const Bytes8& frame) {
  return run.has(frame.data(), frame.size());
}

void tell_runs_frames(const RunFrames& run) {
  EXPECT_TRUE(has(run, data_frame(1, 2, 100, 0)));
  EXPECT_TRUE(has(run, data_frame(2, 1, 100, 0, 7, VlanTag{5, 3})));
  EXPECT_FALSE(has(run, data_frame(1, 9, 100, 0)));
  EXPECT_FALSE(has(run, data_frame(9, 1, 100, 0)));
  Bytes8 other_port = data_frame(1, 2, 100, 0);
  other_port[ethernet::kHeader + 20 + 3] ^= 1;
  EXPECT_FALSE(has(run, other_port));
  Bytes8 fragment = data_frame(1, 2, 100, 0);
  fragment[ethernet::kHeader + 6] ^= 1;
  EXPECT_FALSE(has(run, fragment));
  const Bytes8 whole = data_frame(1, 2, 100, 0);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(run.has(whole.data(), size), size >= ethernet::kHeader + 28) << size;
}

TEST(RunFrames, AreRoceBetweenTwoOfItsAddresses) {
  tell_runs_frames(RunFrames({kHost + 1, kHost + 2}));
  tell_runs_frames(RunFrames({kHost + 2, kHost + 1, 0xc0a80001}));  // far apart
  EXPECT_FALSE(has(RunFrames(), data_frame(1, 2, 100, 0)));
  EXPECT_FALSE(has(RunFrames(std::vector<uint32_t>()), data_frame(0, 0, 100, 0)));
}

}  // namespace
}  // namespace railyard::lab
