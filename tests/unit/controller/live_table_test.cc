// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/live_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

PlayerState agent(const std::string& name, double fraction) {
  PlayerState player;
  player.name = name;
  player.progress.set_fraction(fraction);
  player.progress.set_tx_bps(93'400'000);
  player.progress.set_rx_bps(12'000'000'000);
  player.progress.set_cnps(1'234'567);
  player.progress.set_ecn_marked(2'500'000);
  player.progress.set_pauses(17);
  player.progress.set_retransmitted(3);
  player.progress.set_lateness_p99_ps(250'000'000);
  return player;
}

size_t widest(const std::string& text) {
  std::istringstream lines(text);
  size_t width = 0;
  for (std::string line; std::getline(lines, line);) width = std::max(width, line.size());
  return width;
}

TEST(LiveTable, KeepsWithinTheTerminal) {
  PlayerState other = agent("an-agent-with-a-long-name", 1);
  other.lost = "it hung up";
  for (const unsigned width : {60u, 80u, 110u, 200u}) {
    const std::string text =
        live_text(std::string(100, 'w'), {agent("left", 0.42), other}, SimTime::milliseconds(1), width);
    EXPECT_LE(widest(text), width);
    EXPECT_THAT(text, HasSubstr("42 %"));
    EXPECT_THAT(text, HasSubstr("93.40 Mb/s"));
    EXPECT_THAT(text, HasSubstr("lost"));
    EXPECT_THAT(text, HasSubstr("1.235 M"));
  }
}

TEST(LiveTable, AWideTerminalShowsMore) {
  const std::string wide = live_text("", {agent("left", 0)}, {}, 200),
                    narrow = live_text("", {agent("left", 0)}, {}, 80);
  EXPECT_THAT(wide, HasSubstr("received"));
  EXPECT_THAT(wide, HasSubstr("12.00 Gb/s"));
  EXPECT_THAT(narrow, testing::Not(HasSubstr("received")));
}

TEST(LiveTable, LatenessBeyondItsLimitIsMarked) {
  EXPECT_THAT(live_text("", {agent("left", 0)}, SimTime::microseconds(100), 80), HasSubstr("us!"));
  EXPECT_THAT(live_text("", {agent("left", 0)}, SimTime::milliseconds(1), 80), testing::Not(HasSubstr("!")));
}

TEST(LiveTable, OnATerminalItIsRedrawnInPlaceAndTakenOff) {
  std::ostringstream out;
  auto now = std::chrono::steady_clock::time_point{};
  {
    LiveTable table(out, LiveStyle::Redrawn, 80, [&] { return now; });
    table.begin("a, seed 1");
    table.update({agent("left", 0.1)}, {});  // too soon
    EXPECT_EQ(out.str(), "");
    now += 150ms;
    table.update({agent("left", 0.1)}, {});
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("\x1b")));
    out.str("");
    now += 150ms;
    table.update({agent("left", 0.2)}, {});
    EXPECT_THAT(out.str(), testing::StartsWith("\x1b[3A\r\x1b[J"
                                               "a, seed 1\n"));
    out.str("");
  }
  EXPECT_EQ(out.str(), "\x1b[3A\r\x1b[J");
}

TEST(LiveTable, ALogGetsALineNowAndThen) {
  std::ostringstream out;
  auto now = std::chrono::steady_clock::time_point{};
  LiveTable table(out, LiveStyle::Heartbeat, 80, [&] { return now; });
  table.begin("a, seed 1");
  for (int i = 0; i < 210; ++i) {
    now += 100ms;
    table.update({agent("left", 0.4), agent("right", 0.2)}, {});
  }
  const std::string line = "railyard-lab: a, seed 1: 20 %, 186.8 Mb/s sent, 5 M marked, 34 pauses\n";
  EXPECT_EQ(out.str(), line + line);
}

}  // namespace
}  // namespace railyard::lab
