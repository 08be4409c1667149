// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn_presets.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

TEST(DcqcnPresets, PaperHasTheConstantsOfThePaper) {
  const DcqcnSettings p = *dcqcn_preset("dcqcn-paper");
  EXPECT_EQ(1024 - p.dce_tcp_g, 1024 / 256u);  // g = 1/256
  EXPECT_EQ(p.dce_tcp_rtt, SimTime::microseconds(55));
  EXPECT_EQ(p.rpg_time_reset, SimTime::microseconds(55));
  EXPECT_EQ(p.rpg_byte_reset, Bytes{10'000'000});
  EXPECT_EQ(p.rpg_threshold, 5u);
  EXPECT_EQ(p.rpg_ai_rate, BitRate::megabits(40));
  EXPECT_EQ(p.min_time_between_cnps, SimTime::microseconds(50));
  EXPECT_EQ(p.rate_reduce_monitor_period, SimTime{0});
  EXPECT_TRUE(p.clamp_tgt_rate);
  EXPECT_EQ(p.alpha_update, AlphaUpdate::Cnp);
  EXPECT_FALSE(p.roce_slow_restart);
  EXPECT_EQ(p.cnp_pacing, CnpPacing::QueuePair);
  EXPECT_TRUE(p.cnp_remember_marks);
}

TEST(DcqcnPresets, ConnectxHasTheAdaptersDefaults) {
  const DcqcnSettings p = *dcqcn_preset("dcqcn-connectx");
  EXPECT_EQ(p.dce_tcp_g, 1'019u);
  EXPECT_EQ(p.dce_tcp_rtt, SimTime::microseconds(1));
  EXPECT_EQ(p.alpha_update, AlphaUpdate::Period);
  EXPECT_EQ(p.initial_alpha_value, 1'023u);
  EXPECT_EQ(p.rpg_gd, 11u);
  EXPECT_EQ(p.rpg_min_dec_fac, 50u);
  EXPECT_EQ(p.rpg_min_rate, BitRate::megabits(1));
  EXPECT_EQ(p.rate_to_set_on_first_cnp, BitRate{0});
  EXPECT_FALSE(p.clamp_tgt_rate);
  EXPECT_TRUE(p.clamp_tgt_rate_after_time_inc);
  EXPECT_EQ(p.rpg_time_reset, SimTime::microseconds(300));
  EXPECT_EQ(p.rpg_byte_reset, Bytes{2'097'088});  // 32767 blocks of 64 bytes
  EXPECT_EQ(p.rpg_threshold, 1u);
  EXPECT_EQ(p.rpg_ai_rate, BitRate::megabits(5));
  EXPECT_EQ(p.rpg_hai_rate, BitRate::megabits(50));
  EXPECT_EQ(p.rate_reduce_monitor_period, SimTime::microseconds(4));
  EXPECT_EQ(p.min_time_between_cnps, SimTime::microseconds(4));
  EXPECT_EQ(p.cnp_pacing, CnpPacing::Port);
  EXPECT_FALSE(p.cnp_remember_marks);
}

TEST(DcqcnPresets, UnknownNamesHaveNone) {
  EXPECT_FALSE(dcqcn_preset("dcqcn").has_value());
}

TEST(DcqcnPresets, ScaledIsThePapersInTime) {
  const DcqcnSettings scaled = *dcqcn_preset("scaled"), paper = *dcqcn_preset("dcqcn-paper");
  EXPECT_EQ(scaled.rpg_time_reset, paper.rpg_time_reset);
  EXPECT_EQ(scaled.min_time_between_cnps, paper.min_time_between_cnps);
  EXPECT_EQ(scaled.reference_rate, BitRate::gigabits(100));
}

}  // namespace
}  // namespace railyard
