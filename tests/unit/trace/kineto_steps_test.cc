// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/trace/kineto_capture.h"
#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/file_bytes.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Three steps, launched 1,000 us apart; each all-reduce runs when the next step has begun.
Capture three_steps() {
  Capture capture(0, 2);
  for (int step = 0; step < 3; ++step) {
    const double at = 1000.0 * step;
    capture.annotation("user_annotation", "ProfilerStep#" + std::to_string(10 + step), at, 1000)
        .annotation("user_annotation", "## forward ##", at, 500)
        .compute(at + 200, 700, at + 10)
        .collective("allreduce", 100 * (step + 1), 100 * (step + 1), at + 1100, 50, at + 600);
  }
  return capture;
}

std::vector<uint64_t> bytes_of(const std::string& steps) {
  ImportOptions options;
  options.steps = steps;
  options.fill_missing_ranks = true;
  std::vector<uint64_t> bytes;
  const Trace trace = import({three_steps()}, options).trace;
  for (const Operation& operation : trace.ranks(0).operations())
    if (operation.has_collective()) bytes.push_back(operation.collective().bytes());
  return bytes;
}

TEST(KinetoSteps, AreChosenByWhoLaunchedTheWork) {
  EXPECT_THAT(bytes_of(""), ElementsAre(400, 800, 1200));
  EXPECT_THAT(bytes_of("11"), ElementsAre(800));
  EXPECT_THAT(bytes_of("10-11"), ElementsAre(400, 800));
  EXPECT_THAT(bytes_of("ProfilerStep#12"), ElementsAre(1200));
  EXPECT_THAT(bytes_of("ProfilerStep"), ElementsAre(400, 800, 1200));
}

TEST(KinetoSteps, UserAnnotationsByNameAndOccurrence) {
  Capture capture = three_steps();
  for (int step = 0; step < 3; ++step)
    capture.annotation("user_annotation", "train", 1000.0 * step + 500, 400);
  const auto bytes = [&](const std::string& steps) {
    ImportOptions options;
    options.steps = steps;
    options.partial = true;
    return import({capture}, options).trace.ranks(0).operations_size();
  };
  EXPECT_EQ(bytes("train#1"), 1);
  EXPECT_EQ(bytes("train#1-2"), 3) << "with the time between";
}

TEST(KinetoSteps, AreListedInTheHeader) {
  EXPECT_THAT(import_alone(three_steps()).trace.header().steps(),
              ElementsAre("ProfilerStep#10-12", "## forward ## (x 3)"));
}

TEST(KinetoSteps, AStepThatIsNotThereNamesThoseThatAre) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.file("a.json"), three_steps().text()));
  ImportOptions options;
  options.steps = "13";
  const auto result = import_trace({folder.file("a.json")}, options);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(),
              HasSubstr("has no step '13': marked are ProfilerStep#10-12, ## forward ## (x 3)"));
}

}  // namespace
}  // namespace railyard::trace
