// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/device/lcore_answer.h"

#include <gtest/gtest.h>

namespace railyard::lab {
namespace {

TEST(LcoreAnswer, IsWaitedFor) {
  int looks = 0;
  await_lcore([&] { return ++looks == 3; });
  EXPECT_EQ(looks, 3);
}

TEST(LcoreAnswerDeathTest, EndsTheProcessWhereItDoesNotCome) {
  EXPECT_EXIT(await_lcore([] { return false; }, std::chrono::milliseconds(5)), testing::ExitedWithCode(1),
              "the polling core does not answer: a driver holds it");
}

}  // namespace
}  // namespace railyard::lab
