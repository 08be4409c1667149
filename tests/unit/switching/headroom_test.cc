// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/headroom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kJumbo = 9'216;

TEST(AnnexHeadroom, IsTheWorstCaseAt100G) {
  // 2 * 73,728 + 672 + 2 * 122,880 + 2 * 2,500 + 201,728 bits
  EXPECT_EQ(annex_headroom(BitRate::gigabits(100), 5, kJumbo)->n, 75'077u);
  EXPECT_EQ(annex_headroom(BitRate::gigabits(100), 40, kJumbo)->n, 79'452u);
  EXPECT_EQ(annex_headroom(BitRate::gigabits(100), 300, kJumbo)->n, 111'952u);
}

TEST(AnnexHeadroom, IsNotGivenForEachRate) {
  EXPECT_EQ(annex_headroom(BitRate::gigabits(400), 5, kJumbo).error(),
            "no interface delay is given for 400Gbps: use one of 10, 25, 40 and 100 Gb/s");
}

TEST(SonicXoff, IsTheShippedFigureOfTheMsn2700) {
  const SonicHeadroomModel model = SonicHeadroomModel::msn2700();
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(100), 5)->n, 30'720u);
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(100), 40)->n, 38'912u);
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(100), 300)->n, 104'448u);
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(10), 5)->n, 29'696u);
}

TEST(SonicXoff, IsWithinAKibibyteOfTheShippedFigureOfTheSn5600) {
  const SonicHeadroomModel model = SonicHeadroomModel::sn5600();
  EXPECT_NEAR(static_cast<double>(sonic_xoff(model, BitRate::gigabits(400), 5)->n), 231'424, 1'024);
  EXPECT_NEAR(static_cast<double>(sonic_xoff(model, BitRate::gigabits(800), 300)->n), 1'150'976, 1'024);
}

TEST(SonicXoff, GrowsWithGearboxAndAllowance) {
  SonicHeadroomModel model = SonicHeadroomModel::msn2700();
  model.extra_bytes = 18 * 1'024;
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(100), 5)->n, 30'720u + 18 * 1'024);
  model.extra_bytes = 0;
  model.gearbox_delay_ns = 100;  // 2,441 B, twice for the cells: 34,790 in all
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(100), 5)->n, 34'816u);
}

TEST(SonicXoff, NeedsLessWherePacketsAreLarge) {
  SonicHeadroomModel model = SonicHeadroomModel::sn5600();
  model.small_packet_percentage = 50;  // SONiC's default
  // Mean packet 544 B, so 11.76 % of the bytes take three times their size.
  EXPECT_EQ(sonic_xoff(model, BitRate::gigabits(400), 5)->n, 96'256u);
}

TEST(SonicXoff, IsNotGivenForEachRate) {
  EXPECT_THAT(sonic_xoff(SonicHeadroomModel::sn5600(), BitRate::gigabits(5), 5).error(),
              HasSubstr("no peer response is given for 5Gbps"));
}

struct Row {
  uint64_t speed_mbps;
  double metres;
  uint64_t xon;
  uint64_t xoff;
};

// The rows of a pg_profile_lookup.ini: speed cable size xon xoff threshold.
std::vector<Row> shipped_rows(const std::string& file) {
  std::ifstream in(std::filesystem::path(RAILYARD_SOURCE_DIR) / "../shared/data/switch-configs" / file);
  std::vector<Row> rows;
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Row row;
    std::string unit;
    uint64_t size;
    if (fields >> row.speed_mbps >> row.metres >> unit >> size >> row.xon >> row.xoff) rows.push_back(row);
  }
  return rows;
}

struct Agreement {
  size_t rows = 0, exact = 0, within_a_kibibyte = 0;
};

Agreement compare(const SonicHeadroomModel& model, const std::vector<Row>& rows) {
  Agreement agreement;
  for (const Row& row : rows) {
    const auto xoff =
        static_cast<int64_t>(sonic_xoff(model, BitRate::megabits(row.speed_mbps), row.metres)->n);
    const int64_t difference = std::abs(xoff - static_cast<int64_t>(row.xoff));
    ++agreement.rows;
    agreement.exact += difference == 0;
    agreement.within_a_kibibyte += difference <= 1'024;
  }
  return agreement;
}

TEST(SonicXoff, AgreesWithTheShippedTables) {
  const std::vector<Row> msn2700 = shipped_rows("msn2700_pg_profile_lookup.ini");
  const std::vector<Row> sn5600 = shipped_rows("sn5600_pg_profile_lookup.ini");
  if (msn2700.empty() || sn5600.empty()) GTEST_SKIP() << "no vendor tables in ../shared/data/switch-configs";
  const Agreement older = compare(SonicHeadroomModel::msn2700(), msn2700);
  EXPECT_EQ(older.rows, 15u);
  EXPECT_EQ(older.exact, 15u);
  const Agreement newer = compare(SonicHeadroomModel::sn5600(), sn5600);
  EXPECT_EQ(newer.rows, 24u);
  EXPECT_EQ(newer.exact, 15u);
  EXPECT_EQ(newer.within_a_kibibyte, 24u);
}

// Plays the worst case: the frame that is refused is admitted at 0; our own port has begun a frame just
// then, and the sender sends frames of `frame_bytes` without a gap.
uint64_t bytes_after_xoff(const PausedLink& link, uint32_t frame_bytes) {
  const int64_t ps_per_byte = link.rate.ps_per_byte();
  const int64_t hold = serialisation_time(frame_bytes, ps_per_byte).ps;
  const int64_t pause_sent = (serialisation_time(link.max_frame_bytes, ps_per_byte) +
                              serialisation_time(wire::kPfcFrame, ps_per_byte))
                                 .ps;
  const int64_t stopped = pause_sent + link.propagation.ps + link.response_time.ps;
  uint64_t bytes = frame_bytes;
  // The refused frame was begun this long before; each one that follows is begun before the sender stops.
  const int64_t way = hold + link.propagation.ps + link.pipeline_latency.ps;
  for (int64_t begun = -way + hold; begun < stopped; begun += hold) bytes += frame_bytes;
  return bytes;
}

TEST(SimulatedHeadroom, HoldsWhatStillComesAndLittleMore) {
  for (uint64_t gbps : {25, 100, 400}) {
    for (int64_t metres : {1, 100, 2'000}) {
      PausedLink link;
      link.rate = BitRate::gigabits(gbps);
      link.propagation = SimTime::nanoseconds(5 * metres);
      link.pipeline_latency = SimTime::nanoseconds(400);
      link.response_time = SimTime::nanoseconds(500);
      link.max_frame_bytes = 4'174;
      const uint64_t headroom = simulated_headroom(link).n;
      uint64_t worst = 0;
      for (uint32_t frame : {64u, 1'082u, 4'174u}) worst = std::max(worst, bytes_after_xoff(link, frame));
      EXPECT_GE(headroom, worst) << gbps << " Gb/s, " << metres << " m";
      // One frame in the rounding, the PFC frames of seven more priorities, and preambles.
      EXPECT_LE(headroom, worst + 4'174 + 7 * 84 + worst / 100 + 64) << gbps << " Gb/s, " << metres << " m";
    }
  }
}

TEST(SimulatedHeadroom, IsTheSumOfItsParts) {
  PausedLink link;
  link.rate = BitRate::gigabits(100);
  link.propagation = SimTime::nanoseconds(500);
  link.pipeline_latency = SimTime::nanoseconds(400);
  link.response_time = SimTime::nanoseconds(400);
  link.max_frame_bytes = 4'174;
  // 1800 ns are 22,500 B at 100 Gb/s.
  EXPECT_EQ(simulated_headroom(link).n, 4'174u + (4'194 + 8 * 84 + 22'500) + 4'194);
}

}  // namespace
}  // namespace railyard
