// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/path_probe.h"

#include <gmock/gmock.h>

#include "dpdk-app/control/control.pb.h"
#include "tests/unit/agent/plan_builder.h"

namespace railyard::lab {
namespace {

using Frame = std::vector<uint8_t>;
using ::testing::ElementsAre;

constexpr uint32_t kDataQueue = 3, kDataDscp = 26, kCnpDscp = 48, kMtu = 1024;
constexpr SimTime kStart = SimTime::milliseconds(1);
constexpr SimTime kEnd = SimTime::milliseconds(101);

// Host 0 sends to host 1; what it sends is in a test's hands.
class PathProbeTest : public ::testing::Test {
 protected:
  PathProbeTest() {
    control::Plan plan = plan_of_hosts(2, "agent");
    add_job(plan, "incast", incast(1, 1'000));
    plan_ = compile_plan(plan).value();
    for (uint32_t e = 0; e < 2; ++e) configs_.push_back(nic_config_of(plan_, e, 1, BitRate{0}));
    probe_.set_duration_ps((kEnd - kStart + kProbeSettles).ps);
    probe_.set_bin_ps(SimTime::milliseconds(10).ps);
  }

  control::ProbeStream& add_stream(uint32_t kind, uint32_t dscp, uint32_t frames) {
    control::ProbeStream& stream = *probe_.add_streams();
    stream.set_to(1);
    stream.set_kind(kind);
    stream.set_dscp(dscp);
    stream.set_payload(kMtu);
    stream.set_frames(frames);
    stream.set_interval_ps(SimTime::milliseconds(2).ps);
    return stream;
  }
  void begin() {
    sender_.emplace(configs_[0], plan_, 0, probe_, kStart);
    receiver_.emplace(configs_[1], plan_, 1, probe_, kStart);
  }
  std::vector<Frame> send(PathProbe& from, SimTime now, uint32_t paused = 0) {
    std::vector<Frame> sent;
    from.poll(
        now, paused, 32, [this](uint32_t to) { return std::optional(configs_[to].mac); },
        [&](auto fill) {
          Frame frame(2'000);
          frame.resize(fill(frame.data(), frame.size()));
          sent.push_back(frame);
        });
    return sent;
  }
  void deliver(const Frame& frame, SimTime now) {
    EXPECT_TRUE(receiver_->on_frame(frame.data(), frame.size(), now));
  }
  control::ProbeResult result(const PathProbe& of) {
    control::ProbeResult result;
    of.report(result);
    return result;
  }

  LabPlan plan_;
  std::vector<NicConfig> configs_;
  control::Probe probe_;
  std::optional<PathProbe> sender_, receiver_;
};

TEST_F(PathProbeTest, FramesArriveWithTheirLengthAndTheirBits) {
  add_stream(4, kDataDscp, 1);
  add_stream(5, kCnpDscp, 1).set_cnp(true);
  begin();
  EXPECT_TRUE(send(*sender_, kStart - SimTime{1}).empty());
  const auto sent = send(*sender_, kStart);
  ASSERT_EQ(sent.size(), 2u);
  for (const Frame& frame : sent) deliver(frame, kStart);
  const control::ProbeResult seen = result(*receiver_);
  ASSERT_EQ(seen.arrived_size(), 2);
  EXPECT_EQ(seen.arrived(0).kind(), 4u);
  EXPECT_EQ(seen.arrived(0).shortest(), wire::data_frame_bytes(kMtu, true));
  EXPECT_THAT(seen.arrived(0).tos(), ElementsAre(kDataDscp << 2 | ecn::kEct0));
  EXPECT_THAT(seen.arrived(1).tos(), ElementsAre(kCnpDscp << 2));
  EXPECT_EQ(seen.arrived(0).cut() + seen.arrived(0).corrupt() + seen.arrived(1).corrupt(), 0u);
}

TEST_F(PathProbeTest, CutAndChangedFramesAreToldApart) {
  add_stream(0, kDataDscp, 3);
  begin();
  Frame frame = send(*sender_, kStart)[0];
  deliver(Frame(frame.begin(), frame.begin() + 600), kStart);
  frame[200] ^= 1;
  deliver(frame, kStart);
  const control::ProbeArrived arrived = result(*receiver_).arrived(0);
  EXPECT_EQ(arrived.frames(), 2u);
  EXPECT_EQ(arrived.cut(), 1u);
  EXPECT_EQ(arrived.corrupt(), 1u);
  EXPECT_EQ(arrived.shortest(), 604u);
}

TEST_F(PathProbeTest, WhatIsForOthersIsLeftToThem) {
  add_stream(0, kDataDscp, 1);
  begin();
  Frame frame = send(*sender_, kStart)[0];
  EXPECT_FALSE(sender_->on_frame(frame.data(), frame.size(), kStart));  // of another station
  for (size_t size = 0; size < frame.size(); size += 7) receiver_->on_frame(frame.data(), size, kStart);
  frame[14 + 20 + 8 + 6] ^= 0x80;  // another queue pair
  EXPECT_FALSE(receiver_->on_frame(frame.data(), frame.size(), kStart));
}

TEST_F(PathProbeTest, APausedQueueHoldsItsStreamBackAndNotTheOther) {
  add_stream(0, kDataDscp, 100);
  add_stream(1, kCnpDscp, 100);
  begin();
  for (SimTime now = kStart; now < kEnd; now += SimTime::milliseconds(1)) {
    const bool paused = now >= kStart + SimTime::milliseconds(20) && now < kStart + SimTime::milliseconds(50);
    send(*sender_, now, paused ? 1u << kDataQueue : 0);
  }
  const control::ProbeResult sent = result(*sender_);
  EXPECT_THAT(sent.sent(0).bins(), ElementsAre(5, 5, 0, 0, 0, 6, 5, 5, 5, 5));  // nothing is caught up on
  EXPECT_THAT(sent.sent(1).bins(), ElementsAre(5, 5, 5, 5, 5, 5, 5, 5, 5, 5));
}

// Else its process would poll on without a break, and keep from its processor who is to resume it.
TEST_F(PathProbeTest, AStreamThatIsHeldBackIsNotDueAndNorIsOneThatIsOver) {
  add_stream(0, kDataDscp, 100);
  begin();
  EXPECT_EQ(sender_->next_due(), kStart);
  EXPECT_EQ(send(*sender_, kStart, 1u << kDataQueue).size(), 0u);
  EXPECT_EQ(sender_->next_due(), SimTime::never());
  EXPECT_EQ(send(*sender_, kEnd - SimTime{1}, 1u << kDataQueue).size(), 0u);
  EXPECT_EQ(send(*sender_, kEnd - SimTime{1}).size(), 1u);
  EXPECT_EQ(sender_->next_due(), SimTime::never());
}

TEST_F(PathProbeTest, PausesAreRefreshedAndEndWithAResume) {
  control::ProbePause& pause = *probe_.add_pauses();
  pause.set_endpoint(0);
  pause.set_priorities(1u << 3);
  pause.set_from_ps(SimTime::milliseconds(10).ps);
  pause.set_until_ps(SimTime::milliseconds(40).ps);
  begin();
  std::vector<std::pair<SimTime, uint16_t>> quanta;
  for (SimTime now = kStart; now < kEnd; now += SimTime::milliseconds(1)) {
    for (const Frame& frame : send(*sender_, now)) {
      const auto read = decode_pause(frame.data(), frame.size());
      ASSERT_TRUE(read && read->per_priority);
      EXPECT_EQ(read->enable_vector, 1u << 3);
      quanta.emplace_back(now - kStart, read->quanta[3]);
      EXPECT_FALSE(receiver_->on_frame(frame.data(), frame.size(), now));  // the NIC obeys it
    }
  }
  ASSERT_GE(quanta.size(), 4u);  // at 1 Gb/s the longest pause is 33.6 ms
  EXPECT_EQ(quanta.front().first, SimTime::milliseconds(10));
  EXPECT_EQ(quanta.back(), std::pair(SimTime::milliseconds(40), uint16_t{0}));
  EXPECT_EQ(result(*receiver_).ports(0).pauses(3), quanta.size() - 1);
}

}  // namespace
}  // namespace railyard::lab
