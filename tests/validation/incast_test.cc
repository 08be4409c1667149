// SPDX-License-Identifier: GPL-2.0-only
// N messages of S bytes to one host take at least as long as their frames on its link; lossless, little
// longer.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/validation/fabric_run.h"
#include "tests/validation/row.h"

namespace railyard {
namespace {

class IncastBound : public testing::TestWithParam<uint32_t> {};

TEST_P(IncastBound, PfcAloneIsNeverEarlierAndLittleLater) {
  const uint32_t senders = GetParam();
  constexpr int64_t kPsPerByte = 80;  // 100 Gb/s
  constexpr Bytes kMessage = {1 << 20};
  FabricSettings fabric;
  fabric.kind = FabricKind::FatTree;
  fabric.k = 10;
  fabric.hosts_per_leaf = 0;
  ns3::RoceSettings roce;
  roce.nics.congestion_control = index_of_congestion_algorithm("none");
  FabricRun run(fabric, roce);
  for (uint32_t sender = 1; sender <= senders; ++sender) run.add_flow(sender, 0, kMessage);
  run.run_until(SimTime::milliseconds(50));
  ASSERT_TRUE(run.complete());
  EXPECT_EQ(run.drops(), 0u);

  SimTime last;
  for (const FlowResult& flow : run.flows()) last = std::max(last, flow.last_received);
  // 256 packets of 4096 B and a RETH a message; what the first one's first packet needs to the last link.
  const int64_t on_wire = int64_t{senders} * (256 * 4'178 + 16) * kPsPerByte;
  const int64_t latency = (4'178 + 16) * kPsPerByte +
                          (fabric.link_delay * 2 + roce.switches.pipeline_latency + roce.nics.nic_latency).ps;
  EXPECT_GE(last.ps, on_wire + latency);
  EXPECT_LE(static_cast<double>(last.ps), 1.02 * static_cast<double>(on_wire + latency));
  print_row(fmt::format("W2i: {} x 1 MiB to one host, fat-tree k = 10, 100G, PFC alone", senders),
            fmt::format(">= {:.5f} ms + {:.2f} us", static_cast<double>(on_wire) * 1e-9,
                        static_cast<double>(latency) * 1e-6),
            fmt::format("{:.5f} ms", static_cast<double>(last.ps) * 1e-9),
            fmt::format("{:+.2f} %",
                        100 * (static_cast<double>(last.ps) / static_cast<double>(on_wire + latency) - 1)),
            "-0, +2 %");
}

INSTANTIATE_TEST_SUITE_P(Senders, IncastBound, testing::Values(16, 64, 128));

}  // namespace
}  // namespace railyard
