// SPDX-License-Identifier: GPL-2.0-only
// Where the queue before one receiver settles under algorithms that steer a window or a rate by marks or by
// round-trip times, against what their papers derive.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"
#include "traffic/protocol/congestion/dctcp_settings.h"
#include "traffic/protocol/congestion/swift_settings.h"
#include "traffic/protocol/congestion/timely_settings.h"

namespace railyard {
namespace {

constexpr Bytes kEndless = {1'000'000'000'000};

struct Star {
  BitRate rate;
  uint32_t senders = 0;
  uint32_t mtu = 0;
  SimTime round_trip;  // of a full packet and its ACK, with nobody else on the way
};

SimTime on_link(const Star& star, uint32_t frame) {
  return serialisation_time(frame, star.rate.ps_per_byte());
}

// N senders, one receiver, one switch; link delays make up the round trip. An ACK a packet.
FabricSettings fabric_of(const Star& star) {
  const SimTime frames = on_link(star, star.mtu + wire::kRoceOverhead) + on_link(star, wire::kAckFrame);
  return one_switch(star.senders + 1, star.rate, SimTime{(star.round_trip.ps - 2 * frames.ps) / 4});
}

ns3::RoceSettings settings_of(const Star& star, std::string_view algorithm) {
  ns3::RoceSettings roce;
  roce.nics.mtu = star.mtu;
  roce.nics.nic_latency = SimTime{0};
  roce.nics.congestion_control = index_of_congestion_algorithm(algorithm);
  roce.switches.pipeline_latency = SimTime{0};
  roce.switches.pfc_enable = {};
  roce.switches.ecn = false;
  return roce;
}

// Depths of the queue before the receiver, in bytes, every microsecond from `warm_up` to `end`.
std::vector<uint32_t> depths_of(const Star& star, const ns3::RoceSettings& roce, SimTime warm_up, SimTime end,
                                double* utilisation) {
  FabricRun run(fabric_of(star), roce);
  const uint32_t receiver = star.senders, leaf = star.senders + 1;
  for (uint32_t host = 0; host < star.senders; ++host) run.add_flow(host, receiver, kEndless);
  run.sample_queue(leaf, receiver, warm_up, SimTime::microseconds(1));
  run.run_until(warm_up);
  const uint64_t before = run.port(leaf, receiver).sent.tx_data_packets;
  run.run_until(end);
  EXPECT_EQ(run.drops(), 0u);
  const auto packets = static_cast<double>(run.port(leaf, receiver).sent.tx_data_packets - before);
  *utilisation = packets * static_cast<double>(on_link(star, star.mtu + wire::kRoceOverhead).ps) /
                 static_cast<double>((end - warm_up).ps);
  return run.queue_bytes();
}

double mean(const std::vector<uint32_t>& depths) {
  double sum = 0;
  for (const uint32_t depth : depths) sum += depth;
  return sum / static_cast<double>(depths.size());
}

// 10 Gb/s, 100 us, marks beyond K = 40 packets; a packet takes the link for 1500 bytes.
class DctcpQueue : public testing::TestWithParam<uint32_t> {};

TEST_P(DctcpQueue, PeaksAtKPlusN) {
  constexpr uint32_t kLinkBytes = 1500, kK = 40;
  constexpr uint32_t kFrame = kLinkBytes - wire::kPreambleAndGap;
  const uint32_t n = GetParam();
  const Star star{BitRate::gigabits(10), n, kFrame - wire::kRoceOverhead, SimTime::microseconds(100)};
  ns3::RoceSettings roce = settings_of(star, "dctcp");
  roce.switches.ecn = true;
  roce.switches.green_min_threshold = roce.switches.green_max_threshold = {uint64_t{kK} * kFrame};
  double utilisation = 0;
  const auto depths =
      depths_of(star, roce, SimTime::milliseconds(50), SimTime::milliseconds(150), &utilisation);

  const auto [least, most] = std::minmax_element(depths.begin(), depths.end());
  const double peak = static_cast<double>(*most) / kFrame, trough = static_cast<double>(*least) / kFrame;
  // [Alizadeh et al., SIGCOMM 2010, equations 8 and 10], flows in step
  const double pipe = 1e10 * 100e-6 / 8 / kLinkBytes;
  const double amplitude = 0.5 * std::sqrt(2 * n * (pipe + kK));
  print_row(fmt::format("D1: DCTCP, 10G, 100 us, K = 40, N = {}: highest queue; amplitude; utilisation", n),
            fmt::format("{}; {:.1f}; -", kK + n, amplitude),
            fmt::format("{:.1f}; {:.1f}; {:.3f}", peak, peak - trough, utilisation), relative(peak, kK + n),
            n == 2 ? "2 packets; 25 %" : "<= K + N + 2; none");
  EXPECT_LE(peak, kK + n + 2);
  if (n != 2) return;
  EXPECT_GE(peak, kK + n - 2);
  EXPECT_NEAR(peak - trough, amplitude, 0.25 * amplitude);
}

INSTANTIATE_TEST_SUITE_P(Senders, DctcpQueue, testing::Values(2, 10, 40));

// 10 Gb/s, t_low 50 us, delta 10 Mb/s, beta 0.008, segments of 16 KB.
class PatchedTimelyQueue : public testing::TestWithParam<uint32_t> {};

TEST_P(PatchedTimelyQueue, SettlesAtItsFixedPoint) {
  const uint32_t n = GetParam();
  const Star star{BitRate::gigabits(10), n, 936, SimTime::microseconds(4)};
  ns3::RoceSettings roce = settings_of(star, "timely");
  ASSERT_TRUE(roce.congestion.apply_preset(roce.nics.congestion_control, "timely-patched"));
  auto& timely = roce.congestion.get<TimelySettings>("timely");
  timely.base_rtt = star.round_trip;
  timely.initial_rate = {star.rate.bps / (n + 1)};
  double utilisation = 0;
  const auto depths =
      depths_of(star, roce, SimTime::milliseconds(200), SimTime::milliseconds(300), &utilisation);

  // q* = N delta q' / (beta C) + q', q' = C t_low  [Zhu et al., CoNEXT 2016, theorem 5]
  const double capacity = static_cast<double>(star.rate.bps);
  const double target = capacity * 50e-6 / 8;
  const double fixed = n * 10e6 * target / (0.008 * capacity) + target;
  print_row(fmt::format("T4: patched TIMELY, 10G, N = {}: mean queue; utilisation", n),
            fmt::format("{:.1f} kB; 1", fixed / 1e3),
            fmt::format("{:.1f} kB; {:.3f}", mean(depths) / 1e3, utilisation), relative(mean(depths), fixed),
            "15 %; >= 0.98");
  EXPECT_NEAR(mean(depths), fixed, 0.15 * fixed);
  EXPECT_GE(utilisation, 0.98);
}

INSTANTIATE_TEST_SUITE_P(Senders, PatchedTimelyQueue, testing::Values(2, 4, 8));

// 100 Gb/s, 8 us, 4 KiB.
class SwiftQueue : public testing::TestWithParam<uint32_t> {};

// Where N equal windows fill the link for the round-trip time that is their target.
double target_of(const SwiftSettings& p, double capacity_packets, uint32_t n) {
  const double base = static_cast<double>(p.base_target.ps) / 1e12;
  const double range = static_cast<double>(p.fs_range.ps) / 1e12;
  const double alpha = range / (1 / std::sqrt(p.fs_min_cwnd) - 1 / std::sqrt(p.fs_max_cwnd));
  const double beta = -alpha / std::sqrt(p.fs_max_cwnd);
  double low = base, high = base + range;
  for (int i = 0; i < 60; ++i) {
    const double delay = (low + high) / 2, window = delay * capacity_packets / n;
    const double target = base + std::clamp(alpha / std::sqrt(window) + beta, 0.0, range);
    (target > delay ? low : high) = delay;
  }
  return low;
}

TEST_P(SwiftQueue, IsThatOfItsTarget) {
  const uint32_t n = GetParam();
  const Star star{BitRate::gigabits(100), n, 4096, SimTime::microseconds(8)};
  const ns3::RoceSettings roce = settings_of(star, "swift");
  double utilisation = 0;
  const auto depths =
      depths_of(star, roce, SimTime::milliseconds(5), SimTime::milliseconds(25), &utilisation);

  const double frame = star.mtu + wire::kRoceOverhead + wire::kPreambleAndGap;
  const double packets = static_cast<double>(star.rate.bps) / 8 / frame;
  const double target = target_of(roce.congestion.get<SwiftSettings>("swift"), packets, n) * 1e6;
  const double delay = 8 + mean(depths) / (star.mtu + wire::kRoceOverhead) / packets * 1e6;
  print_row(fmt::format("S1: Swift, 100G, 8 us, N = {}: round-trip time; utilisation", n),
            fmt::format("{:.1f} us; 1", target), fmt::format("{:.1f} us; {:.3f}", delay, utilisation),
            relative(delay, target), "15 %; >= 0.98");
  EXPECT_NEAR(delay, target, 0.15 * target);
  EXPECT_GE(utilisation, 0.98);
}

INSTANTIATE_TEST_SUITE_P(Senders, SwiftQueue, testing::Values(4, 16));

}  // namespace
}  // namespace railyard
