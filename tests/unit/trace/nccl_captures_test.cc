// SPDX-License-Identifier: BSD-3-Clause
// What NCCL's own instruments write, with the fields of their writers at NCCL 2.30.7 and nccl-tests' util.cu.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "tests/unit/trace/import_text.h"
#include "traffic/pattern/trace/unattributed.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Two ranks in the communicator of all, and each alone with none; times in microseconds where there are any.
std::string inspected(int rank, const char* what, const std::string& more) {
  return fmt::format(
      R"({{"header":{{"id":"0xabc","rank":{},"n_ranks":2,"nnodes":1}},)"
      R"("metadata":{{"inspector_output_format_version":"v4.0","hostname":"h{}","pid":7}},"{}":{{{}}}}})"
      "\n",
      rank, rank, what, more);
}

TEST(NcclInspector, SizesAreOneRanksForAllGatherAndReduceScatter) {
  std::vector<WrittenFile> files;
  for (const int rank : {0, 1}) {
    files.push_back(
        {fmt::format("{}.json", rank),
         inspected(rank, "coll_perf", R"("coll":"AllReduce","coll_sn":1,"coll_msg_size_bytes":8192)") +
             inspected(rank, "coll_perf",
                       R"("coll":"ReduceScatter","coll_sn":3,"coll_msg_size_bytes":4096)") +
             inspected(rank, "coll_perf", R"("coll":"AllGather","coll_sn":2,"coll_msg_size_bytes":1000)")});
  }
  const ImportResult result = import_files(files);
  for (const int rank : {0, 1}) {
    EXPECT_THAT(operations_of(result.trace, rank),
                ElementsAre("all-reduce 8192@0,1", "all-gather 2000@0,1", "reduce-scatter 8192@0,1"))
        << "in the order of their sequence numbers";
  }
}

TEST(NcclInspector, VerboseTimesGiveTheComputeBetween) {
  const auto timed = [](int sequence, int start, int stop) {
    return fmt::format(
        R"("coll":"AllReduce","coll_sn":{},"coll_msg_size_bytes":8192,"event_trace_ts":)"
        R"({{"coll_start_ts":{},"coll_stop_ts":{},"kernel_events":[{{"kernel_stop_ts":{}}}]}})",
        sequence, start, start + 1, stop);
  };
  std::vector<WrittenFile> files;
  for (const int rank : {0, 1})
    files.push_back({fmt::format("{}.json", rank), inspected(rank, "coll_perf", timed(1, 1000, 1100)) +
                                                       inspected(rank, "coll_perf", timed(2, 1400, 1500))});
  EXPECT_THAT(operations_of(import_files(files).trace, 1),
              ElementsAre("all-reduce 8192@0,1", "300000 ns", "all-reduce 8192@0,1"));
}

TEST(NcclInspector, MessagesNameTheirPeerInTheCommunicator) {
  const ImportResult result = import_files(
      {{"0.json",
        inspected(0, "p2p_perf", R"("p2p":"Send","p2p_sn":1,"p2p_peer":1,"p2p_msg_size_bytes":64)")},
       {"1.json",
        inspected(1, "p2p_perf", R"("p2p":"Recv","p2p_sn":1,"p2p_peer":0,"p2p_msg_size_bytes":64)")}});
  EXPECT_THAT(operations_of(result.trace, 0), ElementsAre("send 64>1"));
  EXPECT_THAT(operations_of(result.trace, 1), ElementsAre("receive 64<0"));
}

std::string profiled(const char* name, const char* category, int rank, int id, int from, int until,
                     const std::string& more) {
  return fmt::format(
      R"({{"name": "{0}", "cat": "{1}", "ph": "b", "id": {2}, "pid": 7, "tid": 1, "ts": {3}.000000, "args": )"
      R"({{"SeqNum": {2}, "CommHash": 12715772615376301750, "Rank": {5}, {6}}}}},)"
      "\n"
      R"({{"name": "{0}", "cat": "{1}", "ph": "e", "id": {2}, "pid": 7, "tid": 1, "ts": {4}.000000}},)"
      "\n",
      name, category, id, from, until, rank, more);
}

// The writer leaves a comma before the end, and until 2.28 types without quotes.
TEST(NcclProfiler, AlsoWithBareWords) {
  std::vector<WrittenFile> files;
  for (const int rank : {0, 1}) {
    const std::string quoted = R"("Count": 100, "Datatype": "ncclFloat32", "Algorithm": "RING")";
    const std::string bare = R"("Count": 10, "Datatype": ncclFloat16, "Stream": 0x262ca50)";
    files.push_back(
        {fmt::format("{}.json", rank), "[\n" + profiled("AllReduce", "COLL", rank, 1, 100, 150, quoted) +
                                           profiled("AllGather", "COLL", rank, 2, 250, 300, bare) + "{}]"});
  }
  EXPECT_THAT(operations_of(import_files(files).trace, 0),
              ElementsAre("all-reduce 400@0,1", "100000 ns", "all-gather 40@0,1"));
}

const char* const kInit =
    "ncclCommInitRank comm {} rank {} nranks {} cudaDev 0 nvmlDev 0 busId 1000 commId {} - Init COMPLETE\n";

std::string logged(int rank, const std::string& text) {
  return fmt::format("node{}:{}:{} [0] NCCL INFO {}", rank, 100 + rank, 200 + rank, text);
}

std::string operation(const char* name, int count, int type, int root, const char* comm) {
  return fmt::format(
      "{}: opCount 1a sendbuff 0x7f recvbuff 0x7e count {} datatype {} op 0 root {} comm {} [nranks=2] "
      "stream 0x5\n",
      name, count, type, root, comm);
}

TEST(NcclLog, RanksComeFromTheInitLines) {
  std::string log = "some other line\n";
  for (const int rank : {0, 1, 2, 3}) {
    log += logged(rank, fmt::format(fmt::runtime(kInit), "0xa", rank, 4, "0x1"));
    log += logged(rank, fmt::format(fmt::runtime(kInit), "0xb", rank / 2, 2, rank % 2 == 0 ? "0x2" : "0x3"));
  }
  for (const int rank : {0, 1, 2, 3}) {
    log += logged(rank, operation("AllReduce", 100, 7, 0, "0xa"));
    log += logged(rank, operation("AllGather", 100, 9, 0, "0xb"));
    log += logged(rank, operation(rank < 2 ? "Send" : "Recv", 25, 1, rank < 2 ? 1 : 0, "0xb"));
  }
  const ImportResult result = import_files({{"all.log", log}});
  ASSERT_EQ(result.trace.ranks_size(), 4);
  EXPECT_THAT(operations_of(result.trace, 1),
              ElementsAre("all-reduce 400@0,1,2,3", "all-gather 400@1,3", "send 25>3"));
  EXPECT_THAT(operations_of(result.trace, 2),
              ElementsAre("all-reduce 400@0,1,2,3", "all-gather 400@0,2", "receive 25<0"));
}

TEST(NcclLog, WithoutInitLinesTheRankIsUnknown) {
  const auto result = try_import({{"a.log", logged(0, operation("AllReduce", 1, 7, 0, "0xa"))}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error(),
              HasSubstr("does not say which rank process node0:100 [0] is: capture from the start"));
}

TEST(NcclLog, WhatIsNotKnownIsCountedAsLeftOut) {
  std::string log;
  for (const int rank : {0, 1}) {
    log += logged(rank, fmt::format(fmt::runtime(kInit), "0xa", rank, 2, "0x1"));
    log += logged(
        rank, operation("AllReduce", 1, 7, 0, "0xa") + logged(rank, operation("Hypercube", 1, 7, 0, "0xa")));
  }
  const ImportResult result = import_files({{"all.log", log}});
  ASSERT_THAT(result.trace.header().unattributed(), SizeIs(1));
  EXPECT_EQ(result.trace.header().unattributed(0).count(), 2u);
  EXPECT_DOUBLE_EQ(unattributed_share(result.trace.header()), 0.5);
}

TEST(NcclLog, RootsAreKeptAndGatherAndScatterCountAllMembers) {
  std::string log;
  for (const int rank : {0, 1}) {
    log += logged(rank, fmt::format(fmt::runtime(kInit), "0xa", rank, 2, "0x1"));
    for (const char* name : {"Reduce", "Gather", "Scatter"})
      log += logged(rank, operation(name, 100, 7, 1, "0xa"));
  }
  const ImportResult result = import_files({{"all.log", log}});
  EXPECT_THAT(operations_of(result.trace, 1),
              ElementsAre("reduce 400@0,1", "gather 800@0,1", "scatter 800@0,1"));
  for (const Operation& operation : result.trace.ranks(0).operations())
    EXPECT_EQ(operation.collective().root(), 1u) << operation.name();
}

std::string report(const char* program, const std::string& results) {
  return fmt::format(
      R"({{"version":2,"args":["./build/{}","-J","x"],"nccl_version":23007,"config":{{"minimum_bytes":8,"devices":)"
      R"([{{"rank":0}},{{"rank":1}},{{"rank":2}}]}},"results":[{}]}})",
      program, results);
}

TEST(NcclTests, EachResultIsOneCollectiveOfItsSize) {
  const std::string results =
      R"({"size":8,"count":2,"type":"float","out_of_place":{"time":9.1}},{"size":4096})";
  EXPECT_THAT(operations_of(import_files({{"r.json", report("reduce_scatter_perf", results)}}).trace, 2),
              ElementsAre("reduce-scatter 8@0,1,2", "reduce-scatter 4096@0,1,2"));
  EXPECT_THAT(operations_of(import_files({{"r.json", report("sendrecv_perf", R"({"size":64})")}}).trace, 2),
              ElementsAre("send 64>0", "receive 64<1"));
  EXPECT_THAT(operations_of(import_files({{"r.json", report("gather_perf", results)}}).trace, 2),
              ElementsAre("gather 8@0,1,2", "gather 4096@0,1,2"));
  EXPECT_THAT(try_import({{"r.json", report("hypercube_perf", results)}}).error(),
              HasSubstr("'hypercube_perf' has no counterpart here"));
}

}  // namespace
}  // namespace railyard::trace
