// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/job_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/training_step.h"

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

TEST(BuildTrace, RefusesMoreCopiesThanRanksCanBe) {
  TemporaryFolder folder;
  const std::string file = folder.file("incast.rytrace");
  ASSERT_TRUE(trace::write_trace(*make_incast(IncastSettings{}), file));
  Job job;
  job.trace.path = file;
  job.trace.replicate = 2;
  EXPECT_EQ(build_trace(job, {}, 1)->source->header().rank_count(), 34u);
  job.trace.replicate = 61'681;  // 17 times as many are 1,048,577
  EXPECT_EQ(build_trace(job, {}, 1).error(),
            "trace: 61681 copies of 17 ranks are more than 1048576 ranks: lower replicate");
}

TEST(BuildTrace, DrawsTheSkewFromTheRunsSeed) {
  Job job;
  job.workload = WorkloadSettings::kind_of<TrainingStepSettings>();
  EXPECT_FALSE(depends_on_seed(job));
  job.workload_settings.get<TrainingStepSettings>().skew = SimTime::microseconds(50);
  EXPECT_TRUE(depends_on_seed(job));
  const auto digest = [&](uint64_t seed) { return build_trace(job, {seed, "", {}}, 1)->sha256; };
  EXPECT_EQ(digest(1), digest(1));
  EXPECT_NE(digest(1), digest(2));
}

}  // namespace
}  // namespace railyard
