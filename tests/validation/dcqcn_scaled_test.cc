// SPDX-License-Identifier: GPL-2.0-only
// DCQCN's preset that scales with the link: an incast of 64 at 100, 200, 400 and 800 Gb/s.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"
#include "traffic/protocol/switching/switch_parameters.h"

namespace railyard {
namespace {

constexpr uint32_t kSenders = 64;

struct Measured {
  double utilisation = 0;  // of the receiver's link, from 1 ms on
  double paused = 0;       // largest share of that time that a sender's link was paused
  double jain = 0;         // of what senders sent in the last half
  uint64_t drops = 0;
};

std::vector<double> sent_by(const FabricRun& run) {
  std::vector<double> packets;
  for (uint32_t i = 0; i < kSenders; ++i)
    packets.push_back(static_cast<double>(run.port(run.flows()[i].source, 0).sent.tx_data_packets));
  return packets;
}

Measured measure(BitRate rate, const ns3::RoceSettings& roce) {
  constexpr Bytes kMessage = {10'000'000};
  constexpr SimTime kFrom = SimTime::milliseconds(1);
  Measured m;
  FabricRun run(one_switch(kSenders + 1, rate, SimTime::nanoseconds(500)), roce);
  for (uint32_t i = 0; i < kSenders; ++i) run.add_flow(i, kSenders, kMessage);
  const double line = static_cast<double>(rate.bps);
  const uint32_t full = roce.nics.mtu + wire::kRoceOverhead;
  const double packet_s = (full + wire::kPreambleAndGap) * 8 / line;
  const double ideal_s = kSenders * kMessage.n / static_cast<double>(roce.nics.mtu) * packet_s;
  const SimTime half{static_cast<int64_t>(ideal_s / 2 * 1e12)},
      end{static_cast<int64_t>(ideal_s * 0.9 * 1e12)};
  run.run_until(kFrom);
  const uint32_t leaf = kSenders + 1, port = kSenders;
  const auto received = [&] { return static_cast<double>(run.port(leaf, port).sent.tx_data_packets); };
  const auto paused = [&] {
    std::vector<double> s;
    for (const FlowResult& f : run.flows()) s.push_back(static_cast<double>(run.port(f.source, 0).paused.ps));
    return s;
  };
  const double before = received();
  const auto paused_before = paused();
  run.run_until(half);
  const auto sent_half = sent_by(run);
  run.run_until(end);
  m.utilisation = (received() - before) * packet_s / (static_cast<double>((end - kFrom).ps) / 1e12);
  const auto paused_after = paused();
  for (uint32_t i = 0; i < kSenders; ++i)
    m.paused =
        std::max(m.paused, (paused_after[i] - paused_before[i]) / static_cast<double>((end - kFrom).ps));
  double sum = 0, squares = 0;
  const auto sent_end = sent_by(run);
  for (uint32_t i = 0; i < kSenders; ++i) {
    const double sent = sent_end[i] - sent_half[i];
    sum += sent, squares += sent * sent;
  }
  m.jain = sum * sum / (kSenders * squares);
  m.drops = run.drops();
  return m;
}

ns3::RoceSettings settings() {
  ns3::RoceSettings roce;
  roce.nics.mtu = 4096;
  return roce;
}

ns3::RoceSettings scaled() {
  ns3::RoceSettings roce = settings();
  roce.nics.congestion_control = index_of_congestion_algorithm("dcqcn");
  const auto preset = roce.congestion.apply_preset(roce.nics.congestion_control, "scaled");
  EXPECT_TRUE(preset.has_value());
  for (const auto& [name, text] : (*preset)->switches)
    for (const BoundParameter& row : bind(roce.switches)) {
      if (row.name != name) continue;
      EXPECT_TRUE(row.set(text).has_value()) << name;
    }
  return roce;
}

class ScaledDcqcn : public testing::TestWithParam<uint64_t> {};

TEST_P(ScaledDcqcn, CarriesAnIncastOf64) {
  const BitRate rate = BitRate::gigabits(GetParam());
  const auto row = [&](const char* what, const Measured& m, const char* tolerance) {
    print_row(fmt::format("J2: {}G, 64 x 10 MB to one, {}: utilisation, paused time, Jain's index",
                          GetParam(), what),
              ">= 0.90; < 1 %; >= 0.9",
              fmt::format("{:.3f}; {:.2f} %; {:.3f}", m.utilisation, 100 * m.paused, m.jain), "-", tolerance);
  };
  const Measured m = measure(rate, scaled());
  row("`dcqcn.preset: scaled`", m, "all");
  EXPECT_EQ(m.drops, 0u);
  EXPECT_GE(m.utilisation, 0.9);
  EXPECT_LT(m.paused, 0.01);
  EXPECT_GE(m.jain, 0.9);

  ns3::RoceSettings alone = settings();
  alone.nics.congestion_control = index_of_congestion_algorithm("none");
  const Measured pfc = measure(rate, alone);
  row("PFC alone", pfc, "must fail");
  EXPECT_EQ(pfc.drops, 0u);
  EXPECT_GE(pfc.paused, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Gigabits, ScaledDcqcn, testing::Values(100, 200, 400, 800));

// What the paper's constants, for 40 Gb/s, make of 400: shown, no mark to pass.
TEST(PaperDcqcn, IsForSlowerLinks) {
  const Measured m = measure(BitRate::gigabits(400), settings());
  print_row("J2: 400G, the same, `dcqcn-paper` and its thresholds: utilisation, paused time, Jain's index",
            ">= 0.90; < 1 %; >= 0.9",
            fmt::format("{:.3f}; {:.2f} %; {:.3f}", m.utilisation, 100 * m.paused, m.jain), "-", "none");
  EXPECT_LT(m.utilisation, 0.9);
}

}  // namespace
}  // namespace railyard
