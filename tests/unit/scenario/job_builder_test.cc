// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/job_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/incast.h"

namespace railyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(OpenTrace, RefusesOptionsOfCapturesForATraceFile) {
  TemporaryFolder folder;
  const std::string file = folder.file("incast.rytrace");
  ASSERT_TRUE(trace::write_trace(*make_incast(IncastSettings{}), file));
  EXPECT_TRUE(open_trace({file}, {}));

  const auto refused = [&](const trace::ImportOptions& options) {
    const auto opened = open_trace({file}, options);
    EXPECT_THAT(opened ? "opened" : opened.error(), AllOf(HasSubstr(file), HasSubstr("give it no format")));
  };
  trace::ImportOptions options;
  options.format = "kineto";
  refused(options);
  options = {};
  options.name = "other";
  refused(options);
  options = {};
  options.rank = 3;
  refused(options);
  options = {};
  options.world_size = 64;
  refused(options);
  options = {};
  options.fill_missing_ranks = true;
  refused(options);
}

}  // namespace
}  // namespace railyard
