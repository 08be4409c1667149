// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/faulty_link.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace railyard {
namespace {

using testing::HasSubstr;
constexpr uint32_t kFrames = 200'000;
// Four standard deviations of a count.
double near_enough(double share) {
  return 4 * std::sqrt(kFrames * share * (1 - share));
}

FaultyLink link_with(const FaultSettings& settings) {
  FaultyLink link(RandomStream(7, 0));
  link.set(settings);
  return link;
}

TEST(Faults, AreAsFrequentAsAskedFor) {
  FaultSettings settings;
  settings.drop = 1;
  settings.corrupt = 2;
  settings.duplicate = 0.5;
  settings.reorder = 3;
  FaultyLink link = link_with(settings);
  for (uint32_t i = 0; i < kFrames; ++i) link.pass(SimTime{i}, false);
  const FaultCounters& c = link.counters();
  const double arrived = kFrames * 0.99;
  EXPECT_NEAR(c.dropped, kFrames * 0.01, near_enough(0.01));
  EXPECT_NEAR(c.corrupted, arrived * 0.02, near_enough(0.02));
  EXPECT_NEAR(c.duplicated, arrived * 0.005, near_enough(0.005));
  EXPECT_NEAR(c.reordered, arrived * 0.03, near_enough(0.03));
}

TEST(Faults, ACorruptMacControlFrameIsLost) {
  FaultSettings settings;
  settings.corrupt = 100;
  FaultyLink link = link_with(settings);
  EXPECT_FALSE(link.pass(SimTime{0}, false).dropped);
  EXPECT_TRUE(link.pass(SimTime{1}, true).dropped);
  EXPECT_EQ(link.counters().corrupted, 2u);
  EXPECT_EQ(link.counters().dropped, 1u);
}

TEST(Faults, ThoseThatAreNotAskedForDoNotHappen) {
  FaultyLink link = link_with({});
  for (int64_t i = 0; i < 1'000; ++i) {
    const FaultyLink::Verdict v = link.pass(SimTime{i}, false);
    ASSERT_FALSE(v.dropped || v.corrupt || v.duplicate);
    ASSERT_EQ(v.at.ps, i);
  }
}

TEST(Faults, JitterDelaysWithinItsRangeAndKeepsTheOrder) {
  FaultSettings settings;
  settings.delay = SimTime::microseconds(10);
  settings.jitter = SimTime::microseconds(4);
  FaultyLink link = link_with(settings);
  constexpr int64_t kGap = SimTime::microseconds(1).ps;
  int64_t last = 0, least = SimTime::never().ps, most = 0;
  for (int64_t i = 0; i < 10'000; ++i) {
    const int64_t at = link.pass(SimTime{i * kGap}, false).at.ps;
    ASSERT_GE(at, last);
    last = at;
    least = std::min(least, at - i * kGap);
    most = std::max(most, at - i * kGap);
  }
  EXPECT_GE(least, settings.delay.ps);
  EXPECT_LT(least, settings.delay.ps + kGap);
  EXPECT_LE(most, (settings.delay + settings.jitter).ps);
  EXPECT_GT(most, (settings.delay + settings.jitter).ps - kGap);
}

TEST(Faults, OthersOvertakeAFrameThatIsHeldBack) {
  FaultSettings settings;
  settings.reorder = 10;
  settings.reorder_delay = SimTime::microseconds(5);
  FaultyLink link = link_with(settings);
  uint64_t late = 0;
  for (int64_t i = 0; i < 10'000; ++i) {
    const int64_t at = link.pass(SimTime{i}, false).at.ps;
    ASSERT_TRUE(at == i || at == i + settings.reorder_delay.ps);
    late += at == i ? 0 : 1;
  }
  EXPECT_EQ(late, link.counters().reordered);
}

TEST(Faults, CorruptionFlipsOneBitAndSparesHeadersWhereAsked) {
  RandomStream random(7, 0);
  std::set<size_t> hit;
  for (int i = 0; i < 2'000; ++i) {
    std::vector<uint8_t> bytes(100);
    flip_bit(bytes.data(), bytes.size(), CorruptPart::Payload, random());
    int bits = 0;
    for (size_t at = 0; at < bytes.size(); ++at) {
      bits += __builtin_popcount(bytes[at]);
      if (bytes[at] != 0) hit.insert(at);
    }
    ASSERT_EQ(bits, 1);
  }
  EXPECT_EQ(*hit.begin(), 54u);  // behind Ethernet, IPv4, UDP and BTH
  EXPECT_EQ(*hit.rbegin(), 99u);
}

TEST(Faults, CorruptionFindsNothingInAnEmptyFrame) {
  for (const CorruptPart part : {CorruptPart::Frame, CorruptPart::Payload}) {
    uint8_t beyond = 0x5a;
    flip_bit(&beyond, 0, part, 12345);
    EXPECT_EQ(beyond, 0x5a);
  }
}

TEST(FaultSettings, AreSetByPathForPortsAndDirections) {
  std::vector<PortFaults> ports(3);
  ASSERT_TRUE(set_fault(ports, "drop", "1%"));
  ASSERT_TRUE(set_fault(ports, "2.drop", "5"));
  ASSERT_TRUE(set_fault(ports, "in.delay", "3ms"));
  ASSERT_TRUE(set_fault(ports, "1.out.down", "true"));
  ASSERT_TRUE(set_fault(ports, "0.corrupt_part", "payload"));
  EXPECT_EQ(ports[0].in.drop, 1);
  EXPECT_EQ(ports[0].out.drop, 1);
  EXPECT_EQ(ports[2].in.drop, 5);
  EXPECT_EQ(ports[1].in.delay, SimTime::milliseconds(3));
  EXPECT_EQ(ports[1].out.delay.ps, 0);
  EXPECT_TRUE(ports[1].out.down);
  EXPECT_FALSE(ports[1].in.down || ports[0].out.down);
  EXPECT_EQ(ports[0].in.corrupt_part, CorruptPart::Payload);
}

TEST(FaultSettings, ErrorsNameThePathAndTheRemedy) {
  std::vector<PortFaults> ports(3);
  const auto error = [&](const char* path, const char* text) {
    const auto set = set_fault(ports, path, text);
    return set ? std::string("no error") : set.error();
  };
  EXPECT_THAT(error("3.drop", "1"), HasSubstr("faults.3.drop: there is no port 3, only 0 to 2"));
  EXPECT_THAT(error("loss", "1"), HasSubstr("use one of drop, corrupt"));
  EXPECT_THAT(error("drop.in", "1"), HasSubstr("'drop.in' is not a fault: after the port and the direction"));
  EXPECT_THAT(error("2.in", "1"), HasSubstr("faults.2.in: which fault? End it with one of drop, corrupt"));
  EXPECT_THAT(error("dorp", "1"), HasSubstr("did you mean 'drop'?"));
  EXPECT_THAT(error("drop", "101%"), HasSubstr("faults.drop"));
  EXPECT_THAT(error("delay", "3"), HasSubstr("faults.delay"));
}

}  // namespace
}  // namespace railyard
