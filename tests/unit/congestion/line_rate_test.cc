// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/line_rate.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

TEST(LineRate, NothingChangesIt) {
  LineRate::Sender s;
  Allowance a = LineRate::start(s, {}, {BitRate::gigabits(400), 1024}, SimTime{0});
  for (CongestionSignal signal : {CongestionSignal::Cnp, CongestionSignal::Nak, CongestionSignal::Timeout})
    LineRate::signalled(s, {}, signal, SimTime{5}, a);
  LineRate::advance(s, {}, SimTime::seconds(1), a);
  EXPECT_EQ(a.rate_bps, 400e9);
  EXPECT_EQ(a.window_bytes, kNoWindow);
  EXPECT_EQ(a.deadline, SimTime::never());
}

}  // namespace
}  // namespace railyard
