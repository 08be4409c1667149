// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/trace/kineto_capture.h"
#include "tests/unit/trace/temporary_folder.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/kineto_names.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Collective> collectives_of(const Rank& rank) {
  std::vector<Collective> found;
  for (const Operation& operation : rank.operations()) {
    if (operation.has_collective()) found.push_back(operation.collective());
  }
  return found;
}

// When each operation would start if communications took `communication_ns`.
std::vector<uint64_t> starts_of(const Rank& rank, uint64_t communication_ns) {
  std::vector<uint64_t> starts;
  std::vector<uint64_t> ends;
  std::vector<uint64_t> found;
  for (const Operation& operation : rank.operations()) {
    uint64_t start = 0;
    for (const uint32_t distance : operation.after()) start = std::max(start, ends[ends.size() - distance]);
    ends.push_back(start + (operation.has_compute() ? operation.compute().duration_ns() : communication_ns));
    if (!operation.has_compute()) found.push_back(start);
  }
  return found;
}

TEST(Kineto, SizesAsNcclTestsCountsThem) {
  Capture capture(0, 2);
  capture.collective("allreduce", 100, 100, 0, 5)
      .collective("_allgather_base", 100, 200, 10, 5)
      .collective("_reduce_scatter_base", 200, 100, 20, 5)
      .collective("broadcast", 50, 50, 30, 5)
      .collective("all_to_all", 64, 64, 40, 5)
      .collective("allreduce_coalesced", 10, 10, 50, 5, -1, {{"dtype", "BFloat16"}})
      .collective("reduce", 30, 30, 60, 5)
      .collective("gather", 10, 20, 70, 5)
      .collective("scatter", 20, 10, 80, 5)
      .collective("barrier", 0, 0, 90, 5);
  const auto found = collectives_of(import_alone(capture).trace.ranks(1));
  std::vector<std::pair<int, uint64_t>> sizes;
  for (const Collective& c : found) sizes.emplace_back(c.kind(), c.bytes());
  EXPECT_THAT(sizes,
              ElementsAre(std::pair(ALL_REDUCE, 400), std::pair(ALL_GATHER, 800),
                          std::pair(REDUCE_SCATTER, 800), std::pair(BROADCAST, 200),
                          std::pair(ALL_TO_ALL, 256), std::pair(ALL_REDUCE, 20), std::pair(REDUCE, 120),
                          std::pair(GATHER, 80), std::pair(SCATTER, 80), std::pair(BARRIER, 0)));
}

TEST(Kineto, WaitsAndEmptyCollectivesMoveNothing) {
  Capture capture(0, 2);
  capture.collective("allreduce", 8, 8, 0, 5)
      .collective("allreduce", 0, 0, 10, 5)
      .collective("wait", 0, 0, 20, 5);
  const ImportResult result = import_alone(capture);
  EXPECT_EQ(collectives_of(result.trace.ranks(0)).size(), 1U);
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(Kineto, WhatHasNoCounterpartIsCounted) {
  Capture capture(0, 2);
  capture.collective("allreduce", 8, 8, 0, 5)
      .collective("coalesced", 8, 8, 10, 5)
      .collective("coalesced", 8, 8, 20, 5);
  EXPECT_THAT(
      import_alone(capture).warnings,
      ElementsAre("communication left out: 2 x ncclDevKernel_Generic (NCCL), 0.010 ms: 'coalesced' has no "
                  "counterpart here"));
}

TEST(Kineto, UnevenSplits) {
  Capture capture(0, 2);
  capture.collective("all_to_allv", 12, 16, 0, 5, -1, {{"In split size", "[1, 2]"}})
      .collective("all_to_allv", 12, 16, 10, 5, -1, {{"In split size", "[3, 3]"}});
  const auto found = collectives_of(import_alone(capture).trace.ranks(0));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].split_bytes(), ElementsAre(16, 32));
  EXPECT_THAT(found[1].split_bytes(), IsEmpty());
}

TEST(Kineto, ARankWithNothingToSendTakesPartInAnAllToAll) {
  Capture sender(0, 2), receiver(1, 2);
  sender.collective("all_to_allv", 12, 4, 0, 5, -1, {{"In split size", "[4, 8]"}});
  receiver.collective("all_to_allv", 0, 8, 0, 5, -1, {{"In split size", "[0, 0]"}});
  const auto result = import({sender, receiver});
  const auto found = collectives_of(result.trace.ranks(1));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].bytes(), 0u);
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(Kineto, IsRecognisedWhereverTheEventsBegin) {
  Capture capture(0, 2);
  capture.collective("allreduce", 8, 8, 0, 5);
  capture.document().erase("schemaVersion");
  capture.document()["deviceProperties"] = std::string(10'000, 'x');  // written first: keys are sorted
  EXPECT_EQ(collectives_of(import_alone(capture).trace.ranks(0)).size(), 1u);
}

TEST(Kineto, ArgumentsOfTheEnclosingOperatorByCorrelation) {
  Capture capture(0, 2);
  capture.event(
      "cpu_op", "record_param_comms", 1, 100, 50,
      {{"Collective name", "allreduce"}, {"In msg nelems", 77}, {"dtype", "Half"}, {"Group size", 2}});
  capture.event("cpu_op", "record_param_comms", 2, 100, 50,
                {{"Collective name", "broadcast"}, {"In msg nelems", 5}});
  capture.kernel("ncclKernel_AllReduce_RING_LL_Sum_half(ncclDevComm*)", kNcclStream, 200, 10, 120);
  const auto found = collectives_of(import_alone(capture).trace.ranks(0));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind(), ALL_REDUCE);
  EXPECT_EQ(found[0].bytes(), 154U);
}

TEST(Kineto, TensorSizesOfOldVersions) {
  Capture capture(0, 2);
  capture.event("cpu_op", "c10d::alltoall_base_", 1, 100, 60,
                {{"Input Dims", {{8}, {24}}}, {"Input type", {"int", "int"}}});
  capture.event("user_annotation", "nccl:all_to_all", 1, 110, 30,
                {{"Input Dims", {{24}}}, {"Input type", {"int"}}});
  capture.kernel("ncclKernel_SendRecv_RING_SIMPLE_Sum_int8_t", kNcclStream, 200, 10, 120);
  const ImportResult result = import_alone(capture);
  const auto found = collectives_of(result.trace.ranks(0));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind(), ALL_TO_ALL);
  EXPECT_EQ(found[0].bytes(), 96U);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("split sizes are not in the file")));
}

TEST(Kineto, KernelWithoutAnyArgumentsIsCounted) {
  Capture capture(0, 2);
  capture.collective("allreduce", 8, 8, 0, 5).kernel("ncclDevKernel_Generic", kNcclStream, 10, 5);
  EXPECT_THAT(
      import_alone(capture).warnings,
      ElementsAre(HasSubstr("1 x ncclDevKernel_Generic (NCCL), 0.005 ms: neither its arguments nor")));
}

TEST(Kineto, CutGroupListIsRebuiltFromStartAndStride) {
  const json cut = {
      {"Process Group Ranks", "[0, 2, ..., ...]"}, {"Group size", 2},        {"Process Group Name", "3"},
      {"Process Group Description", "tensor"},     {"Global rank start", 0}, {"Global rank stride", 2}};
  std::vector<Capture> captures;
  for (int rank = 0; rank < 4; ++rank) {
    captures.emplace_back(rank, 4);
    if (rank % 2 == 0) captures.back().collective("allreduce", 8, 8, 0, 5, -1, cut);
  }
  const ImportResult result = import(captures);
  ASSERT_EQ(result.trace.header().groups_size(), 1);
  EXPECT_EQ(result.trace.header().groups(0).name(), "3 (tensor)");
  EXPECT_THAT(result.trace.header().groups(0).ranks(), ElementsAre(0, 2));
}

TEST(Kineto, SendAndReceive) {
  std::vector<Capture> captures = {{0, 2}, {1, 2}};
  captures[0].collective("send", 256, 256, 0, 5, -1, {{"Dst Rank", "1"}});
  captures[1].collective("recv", 256, 256, 0, 5, -1, {{"Src Rank", 0}});
  const ImportResult result = import(captures);
  ASSERT_EQ(result.trace.ranks_size(), 2);
  EXPECT_EQ(result.trace.ranks(0).operations(0).send().peer(), 1U);
  EXPECT_EQ(result.trace.ranks(1).operations(0).receive().bytes(), 1024U);
}

TEST(Kineto, KernelDurationIsNotTransferTime) {
  std::vector<Capture> captures = {{0, 2}, {1, 2}};
  captures[0].collective("allreduce", 8, 8, 0, 1000).collective("allreduce", 8, 8, 1100, 10);
  captures[1].collective("allreduce", 8, 8, 990, 10).collective("allreduce", 8, 8, 1050, 60);
  const ImportResult result = import(captures);
  // Rank 1 arrives 990 us later; after the first collective rank 0 computes for 100 us, rank 1 for 50 us.
  EXPECT_THAT(starts_of(result.trace.ranks(0), 7'000), ElementsAre(0, 107'000));
  EXPECT_THAT(starts_of(result.trace.ranks(1), 7'000), ElementsAre(990'000, 990'000 + 57'000));
}

TEST(Kineto, ClocksAreAlignedOnTheEndsOfCollectives) {
  constexpr double kAhead = 5e6;
  std::vector<Capture> captures = {{0, 2}, {1, 2}};
  for (const double at : {0.0, 1000.0, 2000.0}) {
    captures[0].collective("allreduce", 8, 8, at, 100);
    captures[1].collective("allreduce", 8, 8, at + 60 + kAhead, 40);
  }
  const ImportResult result = import(captures);
  EXPECT_EQ(result.trace.ranks(0).operations(0).captured_start_ns(), 0U);
  EXPECT_THAT(starts_of(result.trace.ranks(1), 0), ElementsAre(60'000, 1'020'000, 1'980'000));
}

TEST(Kineto, CollectivesOverlapWithComputeAsInTheCapture) {
  Capture capture(0, 2);
  capture
      .compute(0, 100, 0)                          // first gradients
      .collective("allreduce", 8, 8, 100, 50, 10)  // their bucket
      .compute(100, 300, 20)                       // goes on meanwhile
      .collective("allreduce", 8, 8, 400, 50, 30)  // second bucket
      .annotation("cuda_runtime", "cudaStreamWaitEvent", 40, 1)
      .compute(450, 10, 50)  // optimizer: waits for the second bucket
      .collective("allreduce", 8, 8, 460, 50, 60);
  const Rank rank = import_alone(capture).trace.ranks(0);
  EXPECT_THAT(starts_of(rank, 50'000), ElementsAre(100'000, 400'000, 460'000)) << "as captured";
  EXPECT_THAT(starts_of(rank, 200'000), ElementsAre(100'000, 400'000, 610'000))
      << "the first bucket stays hidden";
  EXPECT_THAT(starts_of(rank, 500'000), ElementsAre(100'000, 600'000, 1'110'000))
      << "buckets queue in their stream";
}

TEST(Kineto, RankOfASingleFileCanBeGiven) {
  Capture capture(0, 2);
  capture.collective("allreduce", 8, 8, 0, 5);
  capture.document()["distributedInfo"].erase("rank");
  ImportOptions options;
  options.rank = 1;
  options.fill_missing_ranks = true;
  EXPECT_EQ(import({capture}, options).trace.ranks_size(), 2);
}

TEST(Kineto, HostileNestingDoesNotCrash) {
  TemporaryFolder folder;
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += '[';
  const std::string path = folder.file("deep.json");
  ASSERT_TRUE(
      write_file(path, R"({"schemaVersion": 1, "traceEvents": [{"ph": "X", "cat": "kernel", "name": )" +
                           deep + std::string(200'000, ']') + "}]}"));
  EXPECT_FALSE(import_trace({path}));
}

TEST(KinetoNames, Collectives) {
  for (const char* name :
       {"allreduce", "all_reduce", "nccl:all_reduce", "c10d::allreduce_", "ALLREDUCE_coalesced"}) {
    EXPECT_EQ(parse_communication_name(name).collective, ALL_REDUCE) << name;
  }
  EXPECT_EQ(parse_communication_name("nccl:_reduce_scatter_base").collective, REDUCE_SCATTER);
  EXPECT_EQ(parse_communication_name("c10d::alltoall_base_").collective, ALL_TO_ALL);
  EXPECT_EQ(parse_communication_name("wait").kind, CommunicationKind::Nothing);
  EXPECT_EQ(parse_communication_name("c10d::reduce_").collective, REDUCE);
  EXPECT_EQ(parse_communication_name("nccl:gather").collective, GATHER);
  EXPECT_EQ(parse_communication_name("nccl:scatter").collective, SCATTER);
  EXPECT_EQ(parse_communication_name("c10d::barrier").collective, BARRIER);
  EXPECT_EQ(parse_communication_name("init").kind, CommunicationKind::Nothing);
  for (const char* name : {"aten::gather", "aten::scatter_add_", "aten::broadcast_to", "aten::reduce"})
    EXPECT_FALSE(is_communication_operator(name)) << name;
  EXPECT_EQ(parse_communication_name("").kind, CommunicationKind::Unknown);
}

TEST(KinetoNames, ElementSizes) {
  EXPECT_EQ(element_size("BFloat16"), 2U);
  EXPECT_EQ(element_size("c10::BFloat16"), 2U);
  EXPECT_EQ(element_size("long int"), 8U);
  EXPECT_EQ(element_size("Float8_e4m3fn"), 1U);
  EXPECT_EQ(element_size("Quaternion"), 0U);
}

TEST(KinetoNames, Lists) {
  EXPECT_THAT(parse_list("[0, 1, 17]").value(), ElementsAre(0, 1, 17));
  EXPECT_THAT(parse_list("").value(), IsEmpty());
  EXPECT_FALSE(parse_list("[0, 1, ..., ...]"));
  EXPECT_FALSE(parse_list("[0, -1]"));
  EXPECT_FALSE(parse_list("["));
  EXPECT_FALSE(parse_list("[99999999999]"));
}

}  // namespace
}  // namespace railyard::trace
