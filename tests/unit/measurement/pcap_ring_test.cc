// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/measurement/pcap_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace railyard::lab {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Captured {
  uint64_t ns;
  std::vector<uint8_t> frame;
};

uint32_t word(const std::vector<uint8_t>& bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

class PcapRingTest : public ::testing::Test {
 protected:
  ~PcapRingTest() override { std::filesystem::remove(path_); }

  std::vector<Captured> written(const PcapRing& ring, std::chrono::nanoseconds epoch = {}) {
    const auto result = ring.write(path_, epoch);
    EXPECT_TRUE(result) << result.error();
    EXPECT_FALSE(std::filesystem::exists(path_ + ".part"));
    std::ifstream in(path_, std::ios::binary);
    const std::vector<uint8_t> file{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(word(file, 0), 0xa1b23c4du);
    std::vector<Captured> frames;
    for (size_t at = 24; at < file.size();) {
      const uint32_t size = word(file, at + 8);
      const auto* frame = file.data() + at + 16;
      frames.push_back({word(file, at) * 1'000'000'000ull + word(file, at + 4), {frame, frame + size}});
      at += 16 + size;
    }
    return frames;
  }

  const std::string path_ = ::testing::TempDir() + "ring-" + std::to_string(getpid()) + ".pcap";
};

std::vector<uint8_t> frame(uint8_t number, size_t size) {
  return std::vector<uint8_t>(size, number);
}

TEST_F(PcapRingTest, KeepsTheNewestFramesWhole) {
  PcapRing ring(Bytes{1'000});
  for (uint8_t n = 0; n < 50; ++n) {
    const auto bytes = frame(n, 60 + n);
    ring.record(SimTime::nanoseconds(100 + n), bytes.data(), bytes.size());
  }
  const auto frames = written(ring);
  ASSERT_EQ(frames.size(), ring.kept());
  EXPECT_EQ(ring.kept() + ring.overwritten(), 50u);
  EXPECT_EQ(ring.kept(), 8u);  // 49 down to 42: 109 + ... + 102 + 8 * 16 = 972
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto n = static_cast<uint8_t>(50 - frames.size() + i);
    EXPECT_EQ(frames[i].frame, frame(n, 60 + n));
    EXPECT_EQ(frames[i].ns, 100u + n);
  }
}

TEST_F(PcapRingTest, AddsTheEpoch) {
  PcapRing ring(Bytes{1'000});
  const auto bytes = frame(1, 60);
  ring.record(SimTime::picoseconds(1'999), bytes.data(), bytes.size());
  constexpr uint64_t kToday = 1'795'000'000;  // seconds since 1970: beyond SimTime's 106 days
  EXPECT_EQ(written(ring, std::chrono::seconds(kToday)).front().ns, kToday * 1'000'000'000 + 1);
}

TEST_F(PcapRingTest, CountsWhatIsTooLargeForIt) {
  PcapRing ring(Bytes{100});
  const auto bytes = frame(1, 85);
  ring.record({}, bytes.data(), bytes.size());
  EXPECT_EQ(ring.overwritten(), 1u);
  EXPECT_TRUE(written(ring).empty());
}

TEST_F(PcapRingTest, WhereItCannotBeWrittenThereIsAnErrorAndNoFile) {
  const PcapRing ring(Bytes{100});
  const auto result = ring.write("/no/such/folder/x.pcap", {});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(), HasSubstr("/no/such/folder/x.pcap"));
}

TEST_F(PcapRingTest, AnEarlierCaptureStaysUntilTheNewOneIsWhole) {
  PcapRing ring(Bytes{1'000});
  const auto bytes = frame(7, 60);
  ring.record({}, bytes.data(), bytes.size());
  EXPECT_EQ(written(ring).size(), 1u);
  ring.record({}, bytes.data(), bytes.size());
  EXPECT_EQ(written(ring).size(), 2u);
}

}  // namespace
}  // namespace railyard::lab
