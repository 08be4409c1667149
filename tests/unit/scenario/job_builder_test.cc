// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/job_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include <fmt/format.h>

#include "tests/unit/trace/temporary_folder.h"
#include "tools/scenario/sections.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

TEST(BuildTrace, EveryKeyOfStragglersChangesTheTrace) {
  const auto digest = [](const std::vector<std::pair<std::string, std::string>>& changes) {
    Job job;
    job.name = "job";
    job.workload = WorkloadSettings::kind_of<TrainingStepSettings>();
    for (const auto& [name, text] : changes)
      for (const BoundParameter& row : bind(job.stragglers))
        EXPECT_TRUE(row.name != name || row.set(text)) << name;
    return build_trace(job, {1, "job", "", {}}, 1)->sha256;
  };
  EXPECT_NE(digest({{"slow_ranks", "5:1.5x"}}), digest({}));
  EXPECT_NE(digest({{"jitter", "normal"}}), digest({}));
  EXPECT_NE(digest({{"jitter", "normal"}}), digest({{"jitter", "lognormal"}}));
  EXPECT_NE(digest({{"jitter", "normal"}, {"jitter_spread", "0.3"}}), digest({{"jitter", "normal"}}));
  EXPECT_NE(digest({{"start_skew", "10us"}}), digest({}));
  Job job;
  EXPECT_EQ(bind(job.stragglers).size(), 4U) << "a key that is not tested here";
}

// Two steps of rank 0, with an all-reduce of so many elements in each.
std::string capture(int elements) {
  std::string events;
  for (int step = 0; step < 2; ++step)
    events += fmt::format(
        R"({}{{"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#{}", "pid": 1, "tid": 1, "ts": {}, "dur": 99}},
        {{"ph": "X", "cat": "kernel", "name": "ncclDevKernel_AllReduce", "pid": 0, "tid": 7, "ts": {}, "dur": 9,
          "args": {{"stream": 7, "Collective name": "allreduce", "In msg nelems": {}, "Out msg nelems": {},
                    "Group size": 2, "dtype": "Float", "Process Group Name": "0", "Process Group Ranks": "[0, 1]"}}}})",
        step == 0 ? "" : ",", step, 100 * step, 100 * step + 10, elements, elements);
  return fmt::format(R"({{"schemaVersion": 1, "distributedInfo": {{"rank": 0}}, "traceEvents": [{}]}})",
                     events);
}

TEST(BuildTrace, EveryKeyOfACaptureChangesWhatIsRead) {
  TemporaryFolder folder;
  std::ofstream(folder.file("a.json")) << capture(100);
  std::ofstream(folder.file("b.json")) << capture(200);
  using Changes = std::vector<std::pair<std::string, std::string>>;
  const auto outcome = [&](const Changes& changes) {
    Job job;
    job.trace.path = "a.json";
    job.trace.fill_missing_ranks = true;
    job.trace.world = 2;
    for (const auto& [name, text] : changes)
      for (const BoundParameter& row : source_section(job).parameters)
        EXPECT_TRUE(row.name != name || row.set(text)) << name;
    const auto built = build_trace(job, {1, "job", folder.path(), {}}, 1);
    return built ? built->sha256 : "error: " + built.error();
  };
  const std::map<std::string, std::string> changes = {{"path", "b.json"}, {"format", "goal"},
                                                      {"world", "4"},     {"replicate", "2"},
                                                      {"steps", "1"},     {"fill_missing_ranks", "false"}};
  EXPECT_THAT(outcome({}), Not(HasSubstr("error")));
  Job job;
  const Section section = source_section(job);
  for (const BoundParameter& row : section.parameters) {
    const auto change = changes.find(std::string(row.name));
    ASSERT_NE(change, changes.end()) << row.name << " has no other value here";
    EXPECT_NE(outcome({*change}), outcome({})) << row.name;
  }
}

TEST(PlaceJob, EveryKeyOfPlacementChangesThePlaces) {
  TemporaryFolder folder;
  std::ofstream(folder.file("topology.conf")) << "SwitchName=a Nodes=n[1-2]\nSwitchName=b Nodes=n[3-4]\n";
  schedule::Cluster cluster{8, 4, 2, {0, 0, 0, 0, 1, 1, 1, 1}, {0, 0, 0, 0, 0, 0, 0, 0}};
  std::vector<schedule::RankLocation> taken = {{2, 1}, {2, 2}, {2, 3}};  // the first leaf has five GPUs left
  for (uint32_t gpu = 0; gpu < 8; ++gpu) taken.push_back({gpu / 4, gpu % 4});
  const auto placed = [&](const std::vector<std::pair<std::string, std::string>>& changes) {
    Job job;
    for (const auto& [name, text] : changes)
      for (const BoundParameter& row : placement_section(job).parameters)
        EXPECT_TRUE(row.name != name || row.set(text)) << name;
    const auto locations = place_job(job, folder.path(), cluster, 6, 1, {{0, 1}, {4, 0}, {4, 1}});
    EXPECT_TRUE(locations) << locations.error();
    return *locations;
  };
  std::vector<std::vector<schedule::RankLocation>> all = {
      placed({}), placed({{"hosts", "2-5"}}), placed({{"gpus", "3"}}), placed({{"locations", "7:0-3,6:0-3"}}),
      placed({{"topology", "topology.conf"}, {"hosts", "n[2-3]"}})};
  for (const char* strategy : {"strided", "random", "packed", "spread", "rail-aligned", "topology-aware"})
    all.push_back(placed({{"strategy", strategy}}));
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(all[i] == all[j]) << i << " and " << j;
}

TEST(BuildTrace, DrawsTheSkewFromTheRunsSeed) {
  Job job;
  job.workload = WorkloadSettings::kind_of<TrainingStepSettings>();
  EXPECT_FALSE(depends_on_seed(job));
  job.workload_settings.get<TrainingStepSettings>().skew = SimTime::microseconds(50);
  EXPECT_TRUE(depends_on_seed(job));
  const auto digest = [&](uint64_t seed) { return build_trace(job, {seed, "", "", {}}, 1)->sha256; };
  EXPECT_EQ(digest(1), digest(1));
  EXPECT_NE(digest(1), digest(2));
}

}  // namespace
}  // namespace railyard
