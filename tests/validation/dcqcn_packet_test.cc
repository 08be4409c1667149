// SPDX-License-Identifier: GPL-2.0-only
// DCQCN in packet simulation: N long flows through one switch port.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"
#include "traffic/protocol/congestion/dcqcn_fluid.h"

namespace railyard {
namespace {

// 998 B from MAC to FCS, 1018 B of link time: the nearest to the models' 1000 B.
constexpr uint32_t kMtu = 936;

struct Measured {
  double queue_kb = 0;
  double utilisation = 0;
  double jain = 0;  // of the senders' packets
};

ns3::RoceSettings paper_settings(uint64_t seed) {
  ns3::RoceSettings roce;
  roce.seed = seed;
  roce.nics.mtu = kMtu;
  roce.nics.ack_every = 64;  // acknowledgements play no part here
  roce.nics.nic_latency = SimTime::nanoseconds(500);
  roce.switches.pipeline_latency = SimTime::nanoseconds(500);
  return roce;
}

// From a mark to the rate it has changed: switch to receiver to switch to sender to switch, so two round
// trips over a link, two NICs and two pipelines: 4 us.
Measured measure(BitRate rate, uint32_t senders, uint64_t seed, SimTime warm_up, SimTime end) {
  FabricRun run(one_switch(senders + 1, rate, SimTime::nanoseconds(500)), paper_settings(seed));
  const uint32_t receiver = senders, leaf = senders + 1;
  constexpr Bytes kEndless = {1'000'000'000'000};
  for (uint32_t host = 0; host < senders; ++host) run.add_flow(host, receiver, kEndless);
  run.sample_queue(leaf, receiver, warm_up, SimTime::microseconds(1));

  run.run_until(warm_up);
  std::vector<double> sent;
  for (uint32_t host = 0; host < senders; ++host)
    sent.push_back(-static_cast<double>(run.port(host, 0).sent.tx_data_packets));
  const uint64_t packets = run.port(leaf, receiver).sent.tx_data_packets;
  run.run_until(end);

  double sum = 0, squares = 0;
  for (uint32_t host = 0; host < senders; ++host) {
    sent[host] += static_cast<double>(run.port(host, 0).sent.tx_data_packets);
    sum += sent[host];
    squares += sent[host] * sent[host];
  }
  Measured m;
  m.queue_kb = run.mean_queue_bytes() / 1'000;
  m.utilisation = static_cast<double>(run.port(leaf, receiver).sent.tx_data_packets - packets) *
                  static_cast<double>(serialisation_time(kMtu + wire::kRoceOverhead, rate.ps_per_byte()).ps) /
                  static_cast<double>((end - warm_up).ps);
  m.jain = sum * sum / (senders * squares);
  EXPECT_EQ(run.drops(), 0u);
  return m;
}

struct Case {
  uint64_t gigabits;
  uint32_t senders;
  bool at_rest;  // whether the packets come to rest near the fluid's fixed point
};

class DcqcnPackets : public testing::TestWithParam<Case> {
 protected:
  // Over two seeds.
  Measured measure_mean() const {
    constexpr uint64_t kSeeds = 2;
    Measured mean;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const Measured m = measure(BitRate::gigabits(GetParam().gigabits), GetParam().senders, seed,
                                 SimTime::milliseconds(20), SimTime::milliseconds(120));
      mean.queue_kb += m.queue_kb / kSeeds;
      mean.utilisation += m.utilisation / kSeeds;
      mean.jain += m.jain / kSeeds;
    }
    return mean;
  }
};

TEST_P(DcqcnPackets, ShareTheLinkAndHoldTheQueue) {
  const Case& c = GetParam();
  const Measured m = measure_mean();
  DcqcnFluid fluid;
  fluid.capacity = static_cast<double>(c.gigabits) * 1e9 / DcqcnFluid::kPacketBits;
  fluid.flows = c.senders;
  const double fixed_point = fluid.fixed_point_queue_kb().value_or(0);
  print_row(fmt::format("J1: {}G, N = {}: mean queue by the fluid; Jain's index; utilisation", c.gigabits,
                        c.senders),
            fmt::format("{:.1f} kB; 1; 1", fixed_point),
            fmt::format("{:.1f} kB; {:.4f}; {:.3f}", m.queue_kb, m.jain, m.utilisation),
            relative(m.queue_kb, fixed_point),
            fmt::format("{}; >= 0.99; >= 0.92", c.at_rest ? "30 %" : "none"));

  // Marks are answered once in 50 us, however many there were and up to 50 us late: the packets leave the
  // fluid behind as N grows, and where the queue is a few packets.
  constexpr double kFluidBand = 0.30;
  if (c.at_rest) {
    EXPECT_NEAR(m.queue_kb, fixed_point, kFluidBand * fixed_point);
  }
  EXPECT_GE(m.jain, 0.99);
  EXPECT_GE(m.utilisation, 0.92);
}

INSTANTIATE_TEST_SUITE_P(At40G, DcqcnPackets,
                         testing::Values(Case{40, 2, true}, Case{40, 4, true}, Case{40, 8, false},
                                         Case{40, 10, false}, Case{40, 12, false}));
INSTANTIATE_TEST_SUITE_P(At100G, DcqcnPackets,
                         testing::Values(Case{100, 2, false}, Case{100, 4, true}, Case{100, 8, true},
                                         Case{100, 16, true}));

}  // namespace
}  // namespace railyard
