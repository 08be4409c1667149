// SPDX-License-Identifier: GPL-2.0-only
// The least headroom with which an incast loses nothing, found by simulation, against the formula.
#include <gtest/gtest.h>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"
#include "traffic/protocol/switching/headroom.h"

namespace railyard {
namespace {

struct Link {
  uint64_t gigabits;
  int64_t metres;
  uint32_t mtu;
  int64_t response_ns;  // of the sender to a pause
};

constexpr SimTime kNicLatency = SimTime::nanoseconds(500), kPipeline = SimTime::nanoseconds(400);

SimTime propagation(const Link& link) {
  return SimTime::nanoseconds(5 * link.metres);
}

// So many hosts send to one as fast as they can, and as many send to them, so that the pauses find the
// transmitters busy. Whether anything is lost.
bool loses(const Link& link, uint64_t xoff, uint64_t threshold, uint32_t senders) {
  ns3::RoceSettings roce;
  roce.nics.mtu = link.mtu;
  roce.nics.congestion_control = index_of_congestion_algorithm("none");
  roce.nics.nic_latency = kNicLatency;
  roce.nics.pfc_response_time = SimTime::nanoseconds(link.response_ns);
  roce.nics.ack_every = 16;
  roce.switches.pipeline_latency = kPipeline;
  roce.switches.pool_size = Bytes{64'000'000};
  roce.switches.mmu_size = Bytes{128'000'000};
  roce.switches.pool_xoff = Bytes{0};  // each group has its own headroom
  roce.switches.size = Bytes{0};
  roce.switches.static_th = Bytes{threshold};
  roce.switches.xon = Bytes{0};
  roce.switches.xon_offset = Bytes{2 * link.mtu};
  roce.switches.xoff = Bytes{xoff};
  FabricRun run(one_switch(2 * senders + 1, BitRate::gigabits(link.gigabits), propagation(link)), roce);
  const Bytes message = {3'200'000 / senders};  // a few rounds of pausing
  for (uint32_t sender = 0; sender < senders; ++sender) {
    run.add_flow(sender, 2 * senders, message);
    run.add_flow(senders + sender, sender, message);
  }
  run.run_until(SimTime::milliseconds(5));
  return run.drops() != 0;
}

// Over thresholds that let the pause begin at different times within a frame; few senders are often told to
// pause, of many next to nothing leaves while the headroom fills.
bool ever_loses(const Link& link, uint64_t xoff) {
  constexpr uint64_t kThreshold = 40'000;
  for (uint64_t threshold = kThreshold; threshold < kThreshold + link.mtu; threshold += link.mtu / 8) {
    if (loses(link, xoff, threshold, 2) || loses(link, xoff, threshold, 16)) return true;
  }
  return false;
}

class HeadroomBisection : public testing::TestWithParam<Link> {};

TEST_P(HeadroomBisection, TheLeastThatLosesNothingIsWithinTheFormula) {
  const Link& link = GetParam();
  const uint32_t frame = wire::data_frame_bytes(link.mtu, true);
  const uint64_t formula = simulated_headroom({BitRate::gigabits(link.gigabits), propagation(link), kPipeline,
                                               SimTime::nanoseconds(link.response_ns), frame})
                               .n;
  EXPECT_FALSE(ever_loses(link, formula));
  uint64_t loses = 1, enough = formula;
  while (enough - loses > 1) {
    const uint64_t middle = (loses + enough) / 2;
    (ever_loses(link, middle) ? loses : enough) = middle;
  }
  EXPECT_TRUE(ever_loses(link, enough - 1));
  EXPECT_TRUE(ever_loses(link, enough - frame));
  print_row(fmt::format("P1: {}G, {} m, MTU {}, response {} ns: least headroom", link.gigabits, link.metres,
                        link.mtu, link.response_ns),
            fmt::format("<= {} B", formula), fmt::format("{} B", enough),
            relative(static_cast<double>(enough), static_cast<double>(formula)), "<= 0; 1 B less loses");
  // The formula allows for the frame that does not fit, a whole one before the pause and one that has just
  // begun; more than these above what was found would be waste.
  EXPECT_GE(enough + 3 * frame, formula);
}

INSTANTIATE_TEST_SUITE_P(Links, HeadroomBisection,
                         testing::Values(Link{100, 5, 4'096, 500}, Link{100, 300, 4'096, 500},
                                         Link{400, 40, 4'096, 500}, Link{40, 40, 1'024, 500},
                                         Link{100, 40, 4'096, 2'000}));

}  // namespace
}  // namespace railyard
