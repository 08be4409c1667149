// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/parameter/nearest_name.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

TEST(NearestName, FindsWhatWasMeant) {
  const std::vector<std::string_view> names = {"link_rate", "link_delay", "k", "kind"};
  EXPECT_EQ(nearest_name("link_rat", names), "link_rate");
  EXPECT_EQ(nearest_name("lnik_rate", names), "link_rate");
  EXPECT_EQ(nearest_name("link-delay", names), "link_delay");
  EXPECT_EQ(nearest_name("kin", names), "kind");
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("colour", {"link_rate", "k"}), "");
  EXPECT_EQ(did_you_mean("colour", {"link_rate"}), "");
  EXPECT_EQ(did_you_mean("mtuu", {"mtu"}), "; did you mean 'mtu'?");
}

TEST(NearestName, KnowsWhatTheFieldCallsThem) {
  EXPECT_EQ(nearest_name("kmin", {"xon", "green_min_threshold"}), "green_min_threshold");
  EXPECT_EQ(nearest_name("switch.Kmax", {"switch.green_max_threshold"}), "switch.green_max_threshold");
  EXPECT_EQ(nearest_name("leafs", {"leaves", "spines"}), "leaves");
  EXPECT_EQ(nearest_name("kmin", {"link_rate"}), "");
}

}  // namespace
}  // namespace railyard
