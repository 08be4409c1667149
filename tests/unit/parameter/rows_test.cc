// SPDX-License-Identifier: BSD-3-Clause
// What must hold of every settings struct's rows.
#include <gtest/gtest.h>

#include <set>

#include "traffic/fabric/fabric_parameters.h"
#include "traffic/protocol/congestion/dcqcn_parameters.h"
#include "traffic/protocol/congestion/dcqcn_presets.h"
#include "traffic/protocol/switching/switch_parameters.h"
#include "traffic/protocol/transport/nic_parameters.h"

namespace railyard {
namespace {

template <class Settings>
class Rows : public testing::Test {};

using AllSettings = testing::Types<FabricSettings, SwitchSettings, QosMaps, NicSettings, DcqcnSettings>;
TYPED_TEST_SUITE(Rows, AllSettings);

TYPED_TEST(Rows, AreNamedOnceAndExplained) {
  TypeParam settings;
  std::set<std::string_view> names;
  for (const auto& row : bind(settings)) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.help.empty()) << row.name;
    EXPECT_NE(row.help.back(), '.') << row.name;
    EXPECT_FALSE(row.source.empty()) << row.name;
  }
}

TYPED_TEST(Rows, AcceptTheirDefaults) {
  TypeParam settings;
  for (const auto& row : bind(settings)) {
    const std::string text = row.text();
    const auto done = row.set(text);
    EXPECT_TRUE(done) << row.name << ": " << done.error();
    EXPECT_EQ(row.text(), text) << row.name;
  }
}

TEST(DcqcnPresets, AreFoundByNameAndWithinTheRanges) {
  for (const auto& preset : dcqcn_presets()) {
    ASSERT_TRUE(dcqcn_preset(preset.name));
    DcqcnSettings settings = preset.settings;
    for (const auto& row : bind(settings)) EXPECT_TRUE(row.set(row.text())) << preset.name << ' ' << row.name;
  }
  EXPECT_FALSE(dcqcn_preset("dcqcn"));
}

TEST(DcqcnPresets, HoldThePublishedValues) {
  const DcqcnSettings paper = *dcqcn_preset("dcqcn-paper");
  EXPECT_EQ(1024 - paper.dce_tcp_g, 1024 / 256u);  // g = 1/256
  EXPECT_EQ(paper.rpg_time_reset, SimTime::microseconds(55));
  const DcqcnSettings nic = *dcqcn_preset("dcqcn-connectx");
  EXPECT_EQ(nic.dce_tcp_g, 1019u);
  EXPECT_EQ(nic.rpg_byte_reset, Bytes{2'097'088});
  EXPECT_EQ(nic.rpg_ai_rate, BitRate::megabits(5));
  EXPECT_FALSE(nic.clamp_tgt_rate);
}

}  // namespace
}  // namespace railyard
