// SPDX-License-Identifier: BSD-3-Clause
// Every file in tests/bad-input/scenarios lists the errors it must give, all of them and no others, in
// comments
// "# error: line:column: message" at its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tools/scenario/scenario_loader.h"

namespace railyard {
namespace {

const std::filesystem::path kFolder = RAILYARD_SOURCE_DIR "/tests/bad-input/scenarios";

Errors expected_errors(const std::filesystem::path& file) {
  const std::string mark = "# error: ";
  Errors errors;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);)
    if (line.compare(0, mark.size(), mark) == 0)
      errors.push_back(file.string() + ":" + line.substr(mark.size()));
  return errors;
}

std::vector<std::string> file_stems() {
  std::vector<std::string> stems;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    stems.push_back(entry.path().stem().string());
  std::sort(stems.begin(), stems.end());
  return stems;
}

class BadScenario : public testing::TestWithParam<std::string> {};

TEST_P(BadScenario, IsRefusedWithItsErrors) {
  const auto file = kFolder / (GetParam() + ".yaml");
  const Errors expected = expected_errors(file);
  ASSERT_FALSE(expected.empty()) << "no '# error: ' line in " << file;
  const auto scenario = load_scenario(file);
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error(), testing::ElementsAreArray(expected));
}

INSTANTIATE_TEST_SUITE_P(Files, BadScenario, testing::ValuesIn(file_stems()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(LoadScenario, NamesAFileThatIsNotThere) {
  EXPECT_THAT(load_scenario("/nowhere/x.yaml").error(),
              testing::ElementsAre("/nowhere/x.yaml: this file cannot be opened"));
  EXPECT_THAT(load_scenario("/tmp").error(),
              testing::ElementsAre("/tmp: this is a folder; name a scenario file"));
}

}  // namespace
}  // namespace railyard
