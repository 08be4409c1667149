// SPDX-License-Identifier: BSD-3-Clause
// The importers on what real jobs and other simulators wrote, besides Kineto and Chakra
// (real_capture_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/unit/trace/import_text.h"
#include "traffic/pattern/trace/statistics.h"
#include "traffic/pattern/trace/unattributed.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFolder = RAILYARD_SOURCE_DIR "/../shared/data/traces/";

class RealWorkload : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no real captures at " << kFolder;
  }

  static Trace import(const std::string& path, const ImportOptions& options = {}) {
    auto result = import_trace({kFolder + path}, options);
    if (!result) ADD_FAILURE() << result.error();
    return result ? std::move(result->trace) : Trace();
  }

  static ImportOptions ranks(uint32_t count) {
    ImportOptions options;
    options.world_size = count;
    options.fill_missing_ranks = true;
    return options;
  }

  static std::vector<uint64_t> all_reduces_of(const Trace& trace) {
    std::vector<uint64_t> bytes;
    for (const Operation& operation : trace.ranks(0).operations()) {
      if (operation.collective().kind() == ALL_REDUCE) bytes.push_back(operation.collective().bytes());
    }
    return bytes;
  }

  // Bytes of all collectives of a kind.
  static std::map<std::string, uint64_t> sums_of(const Trace& trace) {
    std::map<std::string, uint64_t> sums;
    for (const TrafficRow& row : statistics_of(trace).rows) sums[row.kind] += row.bytes;
    return sums;
  }
};

// One step of ResNet-50 with DDP's buckets, in three formats; the execution trace begins and ends amid steps.
TEST_F(RealWorkload, ResnetHasTheSameAllReducesInThreeFormats) {
  const std::vector<uint64_t> step = {8'196'000, 31'502'336, 26'255'360, 26'550'272, 9'724'160};
  ImportOptions one_step = ranks(2);
  one_step.steps = "4";
  EXPECT_EQ(all_reduces_of(import("chakra-resnet", ranks(2))), step);
  EXPECT_EQ(all_reduces_of(import("kineto-resnet-2ranks-rank0", one_step)), step);
  ImportOptions given = ranks(2);
  given.rank = 0;
  const std::vector<uint64_t> traced =
      all_reduces_of(import("pytorch-et-resnet/resnet_1gpu_et.json.gz", given));
  ASSERT_EQ(traced.size() % step.size(), 0u);
  ASSERT_GT(traced.size(), 0u);
  for (size_t i = 0; i < traced.size(); ++i) EXPECT_EQ(traced[i], step[i % step.size()]) << i;
}

TEST_F(RealWorkload, DlrmHasTheSameCollectivesAsInKineto) {
  const Trace executed = import("pytorch-et-dlrm-8ranks");
  const Trace profiled = import("kineto-dlrm-8ranks");
  ASSERT_EQ(executed.ranks_size(), 8);
  for (int rank = 0; rank < 8; ++rank) {
    std::vector<std::string> both[2];
    int format = 0;
    for (const Trace* trace : {&executed, &profiled}) {
      for (const std::string& operation : operations_of(*trace, rank)) {
        if (operation.find(" ns") == std::string::npos) both[format].push_back(operation);
      }
      ++format;
    }
    EXPECT_EQ(both[0].size(), 8u);
    EXPECT_EQ(both[0], both[1]) << rank;
  }
  EXPECT_THAT(executed.ranks(0).operations(3).collective().split_bytes(),
              ElementsAre(384, 896, 1152, 6656, 2368, 384, 768, 960))
      << "which Kineto's file does not have";
}

// Sums as AICB's files have them: Megatron with TP 2 and a distributed optimizer, ZeRO-3 with recomputation.
TEST_F(RealWorkload, AicbLlama) {
  const auto zero = sums_of(import("aicb/L7B-D1-C02_Llama7B_zero3_mbs1.csv"));
  EXPECT_EQ(zero.at("reduce-scatter"), 13'476'831'232u) << "2 B a parameter";
  EXPECT_EQ(zero.at("all-gather"), 40'431'026'176u) << "three gathers";
  const Trace megatron = import("aicb/L7B-M1-C04_Llama7B_megatron_tp2_pp1_mbs1.csv");
  ASSERT_EQ(megatron.ranks_size(), 128);
  uint64_t reduce_scatter = 0, all_gather = 0;
  for (const Operation& operation : megatron.ranks(5).operations()) {
    const Collective& collective = operation.collective();
    if (collective.kind() == REDUCE_SCATTER) {
      reduce_scatter += collective.bytes();
      EXPECT_EQ(megatron.header().groups(static_cast<int>(collective.group())).ranks_size(), 64);
    }
    if (collective.kind() == ALL_GATHER) all_gather += collective.bytes();
  }
  EXPECT_EQ(reduce_scatter, 10'366'697'472u);
  EXPECT_EQ(all_gather, 5'183'348'832u);
}

TEST_F(RealWorkload, SimaiText) {
  const Trace gpt = import("simai/G13B-M1-C02_GPT13B_megatron_tp8_pp1_mbs1_sp_A100.txt", ranks(16));
  EXPECT_EQ(gpt.ranks_size(), 16);
  const auto sums = sums_of(gpt);
  EXPECT_GT(sums.at("all-gather"), 0u);
  const Trace micro = import("simai/all_reduce.txt", ranks(8));
  const std::vector<uint64_t> sizes = all_reduces_of(micro);
  ASSERT_EQ(sizes.size(), 19u);
  EXPECT_EQ(sizes.front(), uint64_t{1} << 30) << "backward: the last layer first";
  EXPECT_EQ(sizes.back(), 4096u);
}

TEST_F(RealWorkload, GoalBinaryTree) {
  const Trace trace = import("goal/binary_tree_32.goal");
  EXPECT_EQ(trace.ranks_size(), 32);
  EXPECT_EQ(statistics_of(trace).rows.at(0).count, 31u) << "a tree of 32 has 31 edges";
}

// The same algorithm as the .et files beside it.
TEST_F(RealWorkload, MscclRing) {
  const std::string folder = "chakra-microbenchmarks/custom_ring_allreduce_8npus_1MB";
  const Trace algorithm = import(folder + "/custom_allreduce.xml");
  ASSERT_EQ(algorithm.ranks_size(), 8);
  ImportOptions options;
  options.format = "chakra";
  const Trace converted = import(folder, options);
  EXPECT_EQ(statistics_of(algorithm).rows.at(0).bytes, statistics_of(converted).rows.at(0).bytes);
  EXPECT_EQ(statistics_of(algorithm).rows.at(0).count, 8u * 14);
}

// Lines and objects of jobs that have nothing to do with each other, as their documentation shows them: each
// is read, and together they are no job.
TEST_F(RealWorkload, NcclExamples) {
  ImportOptions partial;
  partial.partial = true;
  EXPECT_THAT(operations_of(import("nccl/flight_recorder_2.5_doc_example.json", partial), 0),
              ElementsAre("all-reduce 48@0,1"));
  const Trace logged = import("nccl/nccl_debug_coll_lines.txt", partial);
  EXPECT_EQ(logged.header().communications(), 6u);
  EXPECT_EQ(logged.ranks(0).operations(0).collective().bytes(), 7'382'228u * 4);
  const Trace inspected = import("nccl/nccl_inspector_examples.json", partial);
  EXPECT_THAT(operations_of(inspected, 2), ElementsAre("all-reduce 17179869184@0,1,2,3,4,5,6,7"));
  EXPECT_THAT(operations_of(inspected, 4), ElementsAre("reduce-scatter 17179869184@0,1,2,3,4,5,6,7"));
}

}  // namespace
}  // namespace railyard::trace
