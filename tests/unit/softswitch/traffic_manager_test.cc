// SPDX-License-Identifier: BSD-3-Clause
// What a user expects of a switch, in virtual time. That every rule is the simulator's is checked in
// tests/differential/traffic_manager_test.cc.
#include "dpdk-app/softswitch/traffic_manager.h"

#include <gtest/gtest.h>

#include <cmath>

#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {
namespace {

constexpr int64_t kPsPerByte = 80'000;  // 100 Mb/s
constexpr uint32_t kFrameBytes = 1'082;
constexpr SimTime kFrameTime = serialisation_time(kFrameBytes, kPsPerByte);
constexpr uint8_t kLossless = 26 << 2 | ecn::kEct0;
constexpr uint8_t kLossy = 8 << 2;
constexpr uint32_t kOut = 0;

class Bench {
 public:
  explicit Bench(const SwitchSettings& settings, uint32_t ports = 5, Bytes headroom = {50'000})
      : manager({settings, std::vector<TrafficManagerPort>(ports, {kPsPerByte, headroom})},
                RandomStream(1, 0)) {}

  // Frames from a port, back to back from `from` on, `share` of the line rate.
  void offer(uint32_t port, uint32_t frames, uint8_t tos, SimTime from = {}, double share = 1) {
    Frame frame;
    frame.handle = this;
    frame.bytes = kFrameBytes;
    frame.out = kOut;
    frame.tos = tos;
    for (uint32_t i = 0; i < frames; ++i) {
      manager.arrive(port, frame,
                     from + SimTime{static_cast<int64_t>(static_cast<double>(i + 1) *
                                                         static_cast<double>(kFrameTime.ps) / share)});
    }
  }

  uint64_t drops() const {
    uint64_t total = 0;
    for (uint32_t port = 0; port < manager.port_count(); ++port)
      for (const uint64_t count : manager.counters(port).drops) total += count;
    return total;
  }

  TrafficManager manager;
};

SwitchSettings unmarked() {
  SwitchSettings s;
  s.ecn = false;
  return s;
}

TEST(TrafficManager, ABackloggedPortSendsAtExactlyItsRateHoweverSeldomItIsLookedAt) {
  constexpr uint32_t kFrames = 1'000;
  for (const SimTime step : {kFrameTime / 7, kFrameTime * 13, kFrameTime * kFrames * 3}) {
    Bench bench(unmarked());
    bench.offer(1, kFrames, kLossless);
    bench.offer(2, kFrames, kLossless);
    for (SimTime now; now < kFrameTime * kFrames * 3; now += step) bench.manager.advance(now + step);
    auto& left = bench.manager.departures(kOut);
    ASSERT_EQ(left.size(), 2 * kFrames);
    const SimTime first = left.front().at;
    for (uint32_t i = 0; i < 2 * kFrames; ++i, left.pop()) ASSERT_EQ(left.front().at, first + kFrameTime * i);
  }
}

TEST(TrafficManager, HigherQueuesGoFirst) {
  Bench bench(unmarked());
  bench.offer(1, 100, kLossy);
  bench.offer(2, 100, kLossless);
  bench.manager.advance(SimTime::seconds(1));
  auto& left = bench.manager.departures(kOut);
  uint32_t lossy_among_first = 0;
  for (uint32_t i = 0; i < 100; ++i, left.pop())
    lossy_among_first += left.front().frame.tos == kLossy ? 1 : 0;
  EXPECT_LE(lossy_among_first, 2u);  // those in transmission when one of the others came
}

// The queue is held at a depth by offering what leaves; between Kmin and Kmax the share rises in a straight
// line.
TEST(TrafficManager, MarksTheShareOfFramesThatTheQueuesDepthAsksFor) {
  SwitchSettings s;
  s.pfc_enable = {};
  s.green_min_threshold = Bytes{5'000};
  s.green_max_threshold = Bytes{200'000};
  s.green_drop_probability = 20;
  constexpr uint32_t kFrames = 100'000;
  for (const uint32_t deep : {4u, 50u, 100u, 180u, 200u}) {
    Bench bench(s);
    bench.offer(1, deep, kLossless, {}, 1e6);
    bench.offer(2, kFrames, kLossless);
    bench.manager.advance(SimTime::seconds(100));
    const double depth = (deep - 1) * double{kFrameBytes};
    const double share = depth <= 5'000 ? 0 : depth > 200'000 ? 1 : 0.20 * (depth - 5'000) / 195'000;
    const double marked = static_cast<double>(bench.manager.counters(kOut).ecn_marked);
    const double deviations = 4 * std::sqrt(kFrames * share * (1 - share)) + deep;
    EXPECT_NEAR(marked, kFrames * share, deviations + 0.02 * kFrames * share) << deep << " frames deep";
  }
}

// A burst into an empty queue: when they join, the last ones find it deep; when they leave, the first ones
// do.
TEST(TrafficManager, MarksByTheQueueThatIsFoundOrByWhatIsLeftBehind) {
  SwitchSettings s;
  s.pfc_enable = {};
  s.green_min_threshold = s.green_max_threshold = Bytes{10 * kFrameBytes};
  constexpr uint32_t kFrames = 100;
  for (const MarkingPoint point : {MarkingPoint::Enqueue, MarkingPoint::Dequeue}) {
    s.ecn_marking_point = point;
    Bench bench(s);
    bench.offer(1, kFrames, kLossless, {}, 1e6);
    bench.manager.advance(SimTime::seconds(1));
    std::vector<bool> marked;
    for (auto& out = bench.manager.departures(kOut); !out.empty(); out.pop())
      marked.push_back((out.front().frame.tos & ecn::kMask) == ecn::kCe);
    ASSERT_EQ(marked.size(), kFrames);
    // The first leaves as it comes; frame i joins behind i - 1, and leaves 99 - i behind.
    for (uint32_t i = 1; i < kFrames; ++i)
      EXPECT_EQ(marked[i], (point == MarkingPoint::Enqueue ? i - 1 : kFrames - 1 - i) > 10) << i;
  }
}

TEST(TrafficManager, MarksNoFrameThatIsNotEcnCapable) {
  SwitchSettings s;
  s.pfc_enable = {};
  Bench bench(s);
  for (uint32_t port = 1; port < 5; ++port) bench.offer(port, 500, 26 << 2);
  bench.manager.advance(SimTime::seconds(10));
  EXPECT_GT(bench.manager.counters(kOut).max_queue_bytes, 200'000u);
  EXPECT_EQ(bench.manager.counters(kOut).ecn_marked, 0u);
}

// Senders that obey a pause as soon as it has reached them, and go on when they may.
TEST(TrafficManager, PausesLosslessSendersBeforeAnythingIsLostAndLetsThemGoOn) {
  SwitchSettings s = unmarked();
  s.pool_size = Bytes{100'000};
  Bench bench(s);
  constexpr uint32_t kSenders = 4, kFrames = 2'000;
  std::array<uint32_t, kSenders + 1> left_to_send{};
  std::array<bool, kSenders + 1> stopped{};
  left_to_send.fill(kFrames);
  uint64_t received = 0, pauses = 0, resumes = 0;
  for (SimTime now; received < kSenders * kFrames && now < SimTime::seconds(10); now += kFrameTime) {
    for (uint32_t port = 1; port <= kSenders; ++port) {
      if (stopped[port] || left_to_send[port] == 0) continue;
      --left_to_send[port];
      bench.offer(port, 1, kLossless, now);
    }
    bench.manager.advance(now + kFrameTime);
    for (uint32_t port = 0; port <= kSenders; ++port) {
      for (auto& out = bench.manager.departures(port); !out.empty(); out.pop()) {
        const Frame& frame = out.front().frame;
        received += frame.is_pfc ? 0 : 1;
        if (!frame.is_pfc) continue;
        EXPECT_EQ(frame.pause.enable_vector, 1 << 3);
        stopped[port] = frame.pause.quanta[3] != 0;
        (stopped[port] ? pauses : resumes) += 1;
      }
    }
  }
  EXPECT_EQ(received, kSenders * kFrames);
  EXPECT_EQ(bench.drops(), 0u);
  EXPECT_GT(pauses, 10u);
  EXPECT_GT(resumes, 10u);
  EXPECT_EQ(bench.manager.pool().used, 0);
  EXPECT_EQ(bench.manager.pool().headroom_used, 0);
}

TEST(TrafficManager, RepeatsAPauseAtHalfItsTimeForAsLongAsItIsNeeded) {
  SwitchSettings s = unmarked();
  s.pool_size = Bytes{20'000};
  s.pause_quanta = 1'000;
  Bench bench(s);
  // The way out is blocked, so nothing can be released.
  Frame block;
  block.is_pfc = true;
  block.pause.enable_vector = 0xff;
  block.pause.quanta.fill(65'535);
  bench.manager.arrive(kOut, block, {});
  bench.offer(1, 30, kLossless, SimTime::milliseconds(1));
  const SimTime duration = pause_duration(1'000, kPsPerByte);
  bench.manager.advance(SimTime::milliseconds(1) + kFrameTime * 30 + duration * 10);
  std::vector<SimTime> at;
  for (auto& out = bench.manager.departures(1); !out.empty(); out.pop()) at.push_back(out.front().at);
  ASSERT_GT(at.size(), 18u);
  for (size_t i = 1; i < at.size(); ++i) EXPECT_EQ(at[i] - at[i - 1], duration / 2);
  EXPECT_EQ(bench.manager.counters(1).pauses_sent, 1u);
  EXPECT_EQ(bench.manager.counters(1).pfc_frames_sent, at.size());
}

TEST(TrafficManager, APauseThatIsNotRepeatedRunsOut) {
  Bench bench(unmarked());
  Frame pause;
  pause.is_pfc = true;
  pause.pause.enable_vector = 1 << 3;
  pause.pause.quanta[3] = 500;
  bench.manager.arrive(kOut, pause, {});
  bench.offer(1, 10, kLossless, {}, 100);
  bench.manager.advance(SimTime::seconds(1));
  const SimTime starts = SwitchSettings().pipeline_latency + pause_duration(500, kPsPerByte);
  EXPECT_EQ(bench.manager.departures(kOut).front().at, starts + kFrameTime);
  EXPECT_EQ(bench.manager.pauses(kOut).count(), 1u);
  EXPECT_EQ(bench.manager.pauses(kOut).total(SimTime::seconds(1)), pause_duration(500, kPsPerByte));
}

TEST(TrafficManager, DropsLossyFramesWhereTheirQueueIsFull) {
  SwitchSettings s = unmarked();
  s.pool_size = Bytes{100'000};
  Bench bench(s);
  for (uint32_t port = 1; port < 5; ++port) bench.offer(port, 200, kLossy);
  bench.manager.advance(SimTime::seconds(1));
  const TrafficCounters c = bench.manager.counters(kOut);
  EXPECT_GT(c.drops[static_cast<size_t>(DropReason::EgressFull)], 100u);
  EXPECT_EQ(c.tx_packets + bench.drops(), 800u);
  EXPECT_EQ(bench.manager.dropped().size(), bench.drops());
  // alpha = 1: one queue may hold half of the pool.
  EXPECT_LE(c.max_queue_bytes, 50'000u + kFrameBytes);
  EXPECT_GT(c.max_queue_bytes, 45'000u);
  EXPECT_EQ(bench.manager.counters(1).pauses_sent, 0u);
}

// Dynamic thresholds: groups that all want everything get equal shares, alpha / (1 + n alpha) of the pool
// each.
TEST(TrafficManager, GroupsShareThePoolEvenly) {
  SwitchSettings s = unmarked();
  s.pool_size = Bytes{400'000};
  s.size = Bytes{0};
  Bench bench(s, 5, Bytes{0});
  for (uint32_t port = 1; port < 5; ++port) bench.offer(port, 500, kLossless, {}, 50);
  bench.manager.advance(kFrameTime * 500 / 50 + SimTime::microseconds(10));
  const double fair = 400'000.0 / 5;
  for (uint32_t port = 1; port < 5; ++port) {
    EXPECT_NEAR(bench.manager.group(port, 3).used, fair, 0.05 * fair) << "port " << port;
  }
}

}  // namespace
}  // namespace railyard::lab
