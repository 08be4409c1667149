// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/parameter_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "traffic/pattern/workload/workload.h"

namespace railyard {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(ParameterReference, ThePageInTheDocumentationIsCurrent) {
  EXPECT_EQ(content_of(RAILYARD_SOURCE_DIR "/docs/parameters.md"), parameters_as_markdown())
      << "run: railyard list parameters --markdown > docs/parameters.md";
}

TEST(ParameterReference, TheTextHasALineForEveryKey) {
  const std::string text = parameters_as_text();
  EXPECT_THAT(text, testing::HasSubstr("\nnic.mtu\n    RoCE payload"));
  EXPECT_THAT(text, testing::HasSubstr("integer, 64 to 8192; default 4096"));
  EXPECT_THAT(text, testing::HasSubstr("jobs[].incast.senders\n"));
}

TEST(ParameterReference, TheSchemaDescribesSettingsAsItDoesTheScenario) {
  const auto schema = nlohmann::json::parse(parameters_as_json_schema());
  const auto& properties = schema["properties"];
  EXPECT_EQ(properties["nic"]["properties"]["mtu"]["maximum"], 8192);
  EXPECT_EQ(properties["settings"]["additionalProperties"]["properties"]["nic"], properties["nic"]);
  EXPECT_EQ(properties["dcqcn"]["properties"]["preset"]["enum"].size(), 3u);
  EXPECT_EQ(properties["jobs"]["items"]["oneOf"].size(), 1 + workloads().size()) << "and a trace";
  EXPECT_FALSE(properties["fabric"]["additionalProperties"]);
}

}  // namespace
}  // namespace railyard
