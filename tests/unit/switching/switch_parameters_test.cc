// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/switch_parameters.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

// A switch repeats its pauses when half of their time has passed.
TEST(SwitchParameters, TheShortestPauseLeavesTimeToRepeatItForEveryPriority) {
  const auto& rows = parameters_of(static_cast<const SwitchSettings*>(nullptr));
  const auto row =
      std::find_if(rows.begin(), rows.end(), [](const auto& r) { return r.name == "pause_quanta"; });
  ASSERT_NE(row, rows.end());
  const double shortest = row->minimum * kPauseQuantumBytes;  // in bytes of link time
  EXPECT_GE(shortest / 2, kPriorities * (wire::kPfcFrame + wire::kPreambleAndGap));
}

}  // namespace
}  // namespace railyard
