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
  EXPECT_EQ(nearest_name("bandwidth", {"link_rate", "k"}), "");
  EXPECT_EQ(did_you_mean("bandwidth", {"link_rate"}), "");
  EXPECT_EQ(did_you_mean("mtuu", {"mtu"}), "; did you mean 'mtu'?");
}

}  // namespace
}  // namespace railyard
