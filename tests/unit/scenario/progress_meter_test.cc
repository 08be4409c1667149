// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/progress_meter.h"

#include <gtest/gtest.h>

#include <sstream>

namespace railyard {
namespace {

using namespace std::chrono_literals;

struct Meter {
  explicit Meter(ProgressStyle style) : meter(out, style, 4, [this] { return now; }) {}
  std::chrono::steady_clock::time_point now{};
  std::ostringstream out;
  ProgressMeter meter;
};

TEST(ProgressMeter, HeartbeatsEveryTenSeconds) {
  Meter m(ProgressStyle::Heartbeat);
  m.meter.begin_run("paper, seed 1");
  m.meter.update(SimTime::milliseconds(1), 0.1);
  m.now += 9s;
  m.meter.update(SimTime::milliseconds(1), 0.2);
  EXPECT_EQ(m.out.str(), "");
  m.now += 1s;
  m.meter.update(SimTime::microseconds(1500), 0.5);
  EXPECT_EQ(m.out.str(), "railyard: run 1 of 4 (paper, seed 1): 50 %, 1.500 ms simulated, 1:10 left\n");
}

TEST(ProgressMeter, WritesItsLineOverAndErasesItAtTheEnd) {
  Meter m(ProgressStyle::Line);
  m.meter.begin_run("a, seed 1");
  m.now += 100ms;
  m.meter.update(SimTime::milliseconds(1), 0);
  EXPECT_EQ(m.out.str(), "run 1 of 4 (a, seed 1): 0 %, 1.000 ms simulated, time left unknown");
  m.out.str("");
  m.meter.end_run();
  m.meter.begin_run("a, seed 2");
  m.now += 7900ms;
  m.meter.update(SimTime::milliseconds(2), 1);
  EXPECT_EQ(m.out.str(), "\r\x1b[Krun 2 of 4 (a, seed 2): 100 %, 2.000 ms simulated, 0:08 left");
}

TEST(ProgressMeter, SaysNothingWhenQuiet) {
  Meter m(ProgressStyle::None);
  m.now += 100s;
  m.meter.update(SimTime::milliseconds(1), 0.5);
  EXPECT_EQ(m.out.str(), "");
}

TEST(FormatSeconds, CountsUp) {
  EXPECT_EQ(format_seconds(0), "0:00");
  EXPECT_EQ(format_seconds(6.1), "0:07");
  EXPECT_EQ(format_seconds(750), "12:30");
  EXPECT_EQ(format_seconds(3723), "1:02:03");
}

}  // namespace
}  // namespace railyard
