// SPDX-License-Identifier: BSD-3-Clause
// Every file in scenarios/ is valid; that each runs and meets its expectations is a test of the command.
#include <gtest/gtest.h>

#include <filesystem>

#include "tools/scenario/scenario_loader.h"
#include "tools/scenario/scenario_writer.h"

namespace railyard {
namespace {

TEST(ShippedScenarios, AreValidAndExplained) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RAILYARD_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;  // the captures' folder
    const auto scenario = load_scenario(entry.path());
    ++count;
    if (!scenario)
      for (const std::string& error : scenario.error()) ADD_FAILURE() << error;
    else
      EXPECT_FALSE(scenario->description.empty()) << entry.path();
  }
  EXPECT_GE(count, 6u);
}

}  // namespace
}  // namespace railyard
