// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "tests/unit/trace/temporary_folder.h"
#include "tests/unit/workload/whole_trace.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/all_to_all.h"
#include "traffic/pattern/workload/flow_list.h"
#include "traffic/pattern/workload/hotspot.h"
#include "traffic/pattern/workload/workload.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(AllToAll, EveryRankSendsToEveryOtherAtOnce) {
  const trace::Trace trace = make_all_to_all({5, {4096}, 2}).value();
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  for (const trace::Rank& rank : trace.ranks()) {
    std::map<uint32_t, int> sent;
    int at_once = 0;
    for (const trace::Operation& operation : rank.operations()) {
      if (!operation.has_send()) continue;
      ++sent[operation.send().peer()];
      at_once += operation.after().empty() ? 1 : 0;
    }
    EXPECT_EQ(sent.size(), 4U);
    EXPECT_EQ(sent.count(rank.rank()), 0U);
    for (const auto& [peer, messages] : sent) EXPECT_EQ(messages, 2) << peer;
    EXPECT_EQ(at_once, 4);
  }
  EXPECT_THAT(make_all_to_all({1, {1}, 1}).error(), HasSubstr("ranks must be at least 2"));
  EXPECT_THAT(make_all_to_all({100'000, {1}, 1}).error(), HasSubstr("lower ranks or repeat"));
}

TEST(Hotspot, SendsItsShareToTheHotRanks) {
  HotspotSettings settings;
  settings.ranks = 64;
  settings.messages = 400;
  settings.hot_ranks = 2;
  settings.hot_share = 0.6;
  const trace::Trace trace = make_hotspot(settings, {3, "hot", "", {}}).value();
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  double hot = 0, all = 0;
  for (const trace::Rank& rank : trace.ranks())
    for (const trace::Operation& operation : rank.operations()) {
      if (!operation.has_send()) continue;
      EXPECT_NE(operation.send().peer(), rank.rank());
      all += 1;
      hot += operation.send().peer() < 2 ? 1 : 0;
    }
  EXPECT_EQ(all, 64 * 400);
  EXPECT_NEAR(hot / all, 0.6 + 0.4 * 2 / 64, 0.01);
  settings.hot_ranks = 65;
  EXPECT_THAT(make_hotspot(settings, {}).error(), HasSubstr("from 1 to ranks, 64"));
}

class FlowList : public testing::Test {
 protected:
  tl::expected<trace::Trace, std::string> read(const std::string& text) {
    std::ofstream(folder_.file("flows.csv")) << text;
    return make_flow_list(settings_, {1, "flows", folder_.file(""), {}});
  }
  std::string error_of(const std::string& text) {
    const auto made = read(text);
    return made ? "made" : made.error();
  }

  TemporaryFolder folder_;
  FlowListSettings settings_{"flows.csv", 0, workload::QueuePairsOfFlows::Each};
};

TEST_F(FlowList, StartsEachFlowAtItsTime) {
  const trace::Trace trace = read(
                                 "# of a capture\nsource,destination,bytes,start\n"
                                 "0, 2, 1MiB, 12.5us\r\n1,2,64,0\n")
                                 .value();
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  ASSERT_EQ(trace.ranks_size(), 3);
  EXPECT_EQ(trace.ranks(0).operations(0).compute().duration_ns(), 12'500U);
  EXPECT_EQ(trace.ranks(0).operations(1).send().bytes(), 1'048'576U);
  EXPECT_EQ(trace.ranks(1).operations(0).send().peer(), 2U);
  EXPECT_EQ(trace.ranks(2).operations_size(), 2);
}

TEST_F(FlowList, TakesColumnsInAnyOrderAndStartsWithTheirUnitInTheName) {
  const trace::Trace trace = read("start_ms,bytes,destination,source\n0.25,10,0,1\n").value();
  EXPECT_EQ(trace.ranks(1).operations(0).compute().duration_ns(), 250'000U);
}

TEST_F(FlowList, RefusesALineByItsNumber) {
  const std::string head = "source,destination,bytes,start\n";
  EXPECT_THAT(error_of(""), HasSubstr("there are no flows in it; write a line of column names"));
  EXPECT_THAT(error_of("0,1,10,0\n1,0,10,0\n"), HasSubstr("flows.csv:1: the first line names the columns"));
  EXPECT_THAT(error_of(head + "0,1,10\n"), HasSubstr("flows.csv:2: 3 fields, where the first line names 4"));
  EXPECT_THAT(error_of(head + "\n0,x,10,0\n"),
              HasSubstr("flows.csv:3: destination 'x' is not a rank; write"));
  EXPECT_THAT(error_of(head + "1,1,10,0\n"), HasSubstr("flows.csv:2: rank 1 sends to itself"));
  EXPECT_THAT(error_of(head + "0,1,0,0\n"), HasSubstr("flows.csv:2: bytes '0': a flow has from 1 byte"));
  EXPECT_THAT(error_of(head + "0,1,10 quarts,0\n"),
              HasSubstr("flows.csv:2: bytes: '10 quarts' is not a size"));
  EXPECT_THAT(error_of(head + "0,1,10,5\n"), HasSubstr("flows.csv:2: start: '5' is not a time: the unit is"));
  settings_.ranks = 4;
  EXPECT_THAT(error_of(head + "0,4,10,0\n"), HasSubstr("'4' is not a rank; write a number from 0 to 3"));
  EXPECT_EQ(read(head + "0,1,10,0\n")->ranks_size(), 4);
  settings_.path = "";
  EXPECT_THAT(error_of(head), HasSubstr("path is missing"));
}

// Another value of each parameter of each kind of job, and what else must be set for it to matter.
const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kChanges = {
    {"incast.senders", {{"senders", "3"}}},
    {"incast.bytes", {{"bytes", "2MiB"}}},
    {"incast.repeat", {{"repeat", "2"}}},
    {"incast.gap", {{"gap", "5us"}, {"repeat", "2"}}},
    {"collective.kind", {{"kind", "all-to-all"}}},
    {"collective.ranks", {{"ranks", "8"}}},
    {"collective.bytes", {{"bytes", "1MiB"}}},
    {"collective.iterations", {{"iterations", "2"}}},
    {"permutation.ranks", {{"ranks", "8"}}},
    {"permutation.bytes", {{"bytes", "2MiB"}}},
    {"permutation.shift", {{"shift", "3"}}},
    {"permutation.seed", {{"seed", "2"}}},
    {"permutation.repeat", {{"repeat", "2"}}},
    {"all_to_all.ranks", {{"ranks", "8"}}},
    {"all_to_all.bytes", {{"bytes", "2MiB"}}},
    {"all_to_all.repeat", {{"repeat", "2"}}},
    {"hotspot.ranks", {{"ranks", "8"}}},
    {"hotspot.bytes", {{"bytes", "2MiB"}}},
    {"hotspot.messages", {{"messages", "3"}}},
    {"hotspot.hot_ranks", {{"hot_ranks", "4"}}},
    {"hotspot.hot_share", {{"hot_share", "0.1"}}},
    {"flows.path", {{"path", "other.csv"}}},
    {"flows.ranks", {{"ranks", "8"}}},
    {"flows.queue_pairs", {{"queue_pairs", "pair"}}},
    {"mix.sizes", {{"sizes", "fbhdp"}}},
    {"mix.load", {{"load", "0.5"}}},
    {"mix.duration", {{"duration", "20ms"}}},
    {"mix.ranks", {{"ranks", "8"}}},
    {"mix.link_rate", {{"link_rate", "25Gbps"}}},
    {"mix.queue_pairs", {{"queue_pairs", "pair"}}},
    {"training_step.ranks", {{"ranks", "8"}}},
    {"training_step.steps", {{"steps", "2"}}},
    {"training_step.forward", {{"forward", "1ms"}}},
    {"training_step.backward", {{"backward", "1ms"}}},
    {"training_step.optimizer", {{"optimizer", "1ms"}}},
    {"training_step.buckets", {{"buckets", "3"}}},
    {"training_step.bucket_bytes", {{"bucket_bytes", "1MiB"}}},
    {"training_step.all_to_all_bytes", {{"all_to_all_bytes", "2MiB"}}},
    {"training_step.skew", {{"skew", "10us"}}},
    {"training_step.seed", {{"seed", "2"}, {"skew", "10us"}}},
};

// Whose own tests change each key.
const std::set<std::string_view> kTestedElsewhere = {"llm", "inference", "parameter_server", "checkpoint",
                                                     "data_loading"};

// The ranks' operations; the header repeats the parameters.
std::string operations_of(const Workload& workload, const std::any& settings,
                          const WorkloadContext& context) {
  const auto source = workload.make(settings, context);
  if (!source) return source.error();
  trace::Trace trace = whole_trace(**source);
  trace.mutable_header()->clear_source();
  return *trace::encode_trace(trace);
}

TEST(Workloads, EveryKeyChangesWhatIsSent) {
  TemporaryFolder folder;
  const std::string head = "source,destination,bytes,start\n";
  std::ofstream(folder.file("flows.csv")) << head << "0,1,10,0\n0,1,20,1us\n";
  std::ofstream(folder.file("other.csv")) << head << "1,0,10,0\n";
  const WorkloadContext context{1, "job", folder.file(""), BitRate::gigabits(100)};
  for (const Workload& workload : workloads()) {
    if (kTestedElsewhere.count(workload.key) != 0) continue;
    std::any plain = workload.defaults;
    for (BoundParameter& row : workload.bind(plain)) ASSERT_TRUE(row.name != "path" || row.set("flows.csv"));
    for (const BoundParameter& row : workload.bind(plain)) {
      const auto change = kChanges.find(fmt::format("{}.{}", workload.key, row.name));
      ASSERT_NE(change, kChanges.end()) << workload.key << '.' << row.name << " has no other value here";
      std::any with = plain, without = plain;
      for (const auto& [name, text] : change->second)
        for (std::any* settings : {&with, &without})
          for (BoundParameter& other : workload.bind(*settings)) {
            const bool changes = other.name == name && (settings == &with || name != row.name);
            ASSERT_TRUE(!changes || other.set(text));
          }
      EXPECT_NE(operations_of(workload, with, context), operations_of(workload, without, context))
          << change->first;
    }
  }
}

TEST(Workloads, DependOnTheSeedWhereTheySaySo) {
  for (const Workload& workload : workloads()) {
    if (workload.key == "flows" || kTestedElsewhere.count(workload.key) != 0) continue;  // needs a file
    const auto made = [&](uint64_t seed) {
      return operations_of(workload, workload.defaults, {seed, "job", "", BitRate::gigabits(100)});
    };
    EXPECT_EQ(made(1) != made(2), workload.depends_on_seed(workload.defaults)) << workload.key;
    EXPECT_EQ(made(1), made(1)) << workload.key;
  }
}

}  // namespace
}  // namespace railyard
