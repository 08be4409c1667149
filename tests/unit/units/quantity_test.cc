// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/units/quantity.h"

#include <gtest/gtest.h>

namespace railyard {
namespace {

TEST(FormatRounded, KeepsFourDigitsOfTheLargestWholeUnit) {
  EXPECT_EQ(format_rounded(SimTime::microseconds(549'755'900)), "549.8 s");
  EXPECT_EQ(format_rounded(SimTime::nanoseconds(9'004)), "9.004 us");
  EXPECT_EQ(format_rounded(SimTime::picoseconds(7)), "7 ps");
  EXPECT_EQ(format_rounded(SimTime{}), "0 ps");
}

}  // namespace
}  // namespace railyard
