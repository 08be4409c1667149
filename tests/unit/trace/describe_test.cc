// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard::trace {
namespace {

using testing::HasSubstr;

TEST(Describe, TableOfATrainingStep) {
  TrainingStepSettings settings;
  settings.ranks = 4;
  settings.bucket_bytes = {1'576'964};
  const std::string text = describe(make_training_step(settings).value());
  EXPECT_THAT(text, HasSubstr("ranks     4\n"));
  EXPECT_THAT(text, HasSubstr("data parallel            4 ranks: 0-3\n"));
  EXPECT_THAT(text, HasSubstr("rank 0-3\n"));
  EXPECT_THAT(text,
              HasSubstr("  all-to-all               expert parallel           1            1,048,576\n"));
  EXPECT_THAT(text,
              HasSubstr("  all-reduce               data parallel             4            1,576,964\n"));
  EXPECT_THAT(text, HasSubstr("compute   6.500 ms at least, on the busiest rank\n"));
}

TEST(Describe, RanksThatDifferHaveTablesOfTheirOwn) {
  const std::string text = describe(make_incast({3, {100}, 2, {}}).value());
  EXPECT_THAT(text, HasSubstr("rank 0\n"));
  EXPECT_THAT(text, HasSubstr("rank 1-3\n"));
  EXPECT_THAT(text,
              HasSubstr("  receive                  -                         6                  100\n"));
}

TEST(Describe, FitsEightyColumns) {
  Trace trace = make_training_step({}).value();
  trace.mutable_header()->set_name(std::string(200, 'n'));
  trace.mutable_header()->set_source(std::string(200, 's'));
  trace.mutable_header()->mutable_groups(0)->set_name(std::string(200, 'g'));
  std::istringstream lines(describe(trace));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace railyard::trace
