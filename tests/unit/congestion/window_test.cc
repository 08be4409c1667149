// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/window.h"

#include <gtest/gtest.h>

#include "traffic/protocol/congestion/congestion_settings.h"

namespace railyard {
namespace {

TEST(FixedWindow, IsWhatItsSettingSaysAndNothingChangesIt) {
  FixedWindow::Sender s;
  Allowance a = FixedWindow::start(s, {Bytes{5'000}}, {BitRate::gigabits(100), 1024}, SimTime{0});
  for (CongestionSignal signal : {CongestionSignal::Cnp, CongestionSignal::Nak, CongestionSignal::Timeout})
    FixedWindow::signalled(s, {}, signal, SimTime{5}, a);
  FixedWindow::advance(s, {}, SimTime::seconds(1), a);
  EXPECT_EQ(a.rate_bps, 100e9);
  EXPECT_EQ(a.window_bytes, 5'000u);
  EXPECT_EQ(a.deadline, SimTime::never());
}

TEST(FixedWindow, IsARowWithItsParameter) {
  CongestionSettings settings;
  const uint32_t window = index_of_congestion_algorithm("window");
  const auto rows = settings.bind(window);
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_TRUE(rows[0].set("64kB"));
  EXPECT_FALSE(rows[0].set("0B"));
  const CongestionAlgorithm& row = congestion_algorithms()[window];
  double state = 0;
  EXPECT_EQ(
      row.sender.start(&state, settings.of(window), {BitRate::gigabits(100), 1024}, SimTime{0}).window_bytes,
      64'000u);
  EXPECT_EQ(row.sender.acked, nullptr);
  EXPECT_EQ(row.receiver.arrived, nullptr);
}

}  // namespace
}  // namespace railyard
