// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/line_rate.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

TEST(LineRate, NothingChangesIt) {
  LineRate::State s;
  LineRate::start(s, {}, BitRate::gigabits(400));
  LineRate::on_cnp(s, {}, 5);
  LineRate::on_sent(s, {}, 1'000'000);
  LineRate::advance(s, {}, SimTime::seconds(1).ps);
  EXPECT_EQ(LineRate::rate_bps(s), 400e9);
  EXPECT_EQ(LineRate::next_deadline(s, {}), SimTime::never().ps);
}

}  // namespace
}  // namespace railyard
