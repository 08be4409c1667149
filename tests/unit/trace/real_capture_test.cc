// SPDX-License-Identifier: BSD-3-Clause
// The importers on captures of real jobs, which are not part of the project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const std::string kFolder = RAILYARD_SOURCE_DIR "/../shared/data/traces/";

class RealCapture : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no real captures at " << kFolder;
  }

  static ImportResult import(const std::string& path, const ImportOptions& options = {}) {
    auto result = import_trace({kFolder + path}, options);
    if (!result) ADD_FAILURE() << result.error();
    return result ? std::move(*result) : ImportResult();
  }
};

using Sizes = std::vector<std::pair<CollectiveKind, uint64_t>>;

Sizes collectives_of(const Rank& rank) {
  Sizes found;
  for (const Operation& operation : rank.operations()) {
    if (operation.has_collective())
      found.emplace_back(operation.collective().kind(), operation.collective().bytes());
  }
  return found;
}

uint64_t compute_ns(const Rank& rank) {
  uint64_t sum = 0;
  for (const Operation& operation : rank.operations()) sum += operation.compute().duration_ns();
  return sum;
}

TEST_F(RealCapture, DlrmOnEightRanks) {
  const ImportResult result = import("kineto-dlrm-8ranks");
  ASSERT_EQ(result.trace.ranks_size(), 8);
  for (const Rank& rank : result.trace.ranks()) {
    EXPECT_THAT(collectives_of(rank),
                ElementsAre(Pair(ALL_TO_ALL, 24'576), Pair(ALL_TO_ALL, 192), Pair(ALL_TO_ALL, 1'536),
                            Pair(ALL_TO_ALL, 13'568), Pair(ALL_REDUCE, 1'576'964), Pair(ALL_TO_ALL, 24'576),
                            Pair(ALL_REDUCE, 448), Pair(ALL_REDUCE, 907'840)));
    EXPECT_GT(compute_ns(rank), 5'000'000U);
    EXPECT_LT(rank.operations_size(), 100);
  }
  EXPECT_THAT(result.warnings,
              ElementsAre(HasSubstr("40 x all-to-all whose split sizes are not in the file")));
}

// The slowest rank decides when a collective can start; the others were waiting in their kernels.
TEST_F(RealCapture, DlrmArrivalsAreNotKernelDurations) {
  const ImportResult result = import("kineto-dlrm-8ranks");
  uint64_t earliest = UINT64_MAX;
  uint64_t latest = 0;
  for (const Rank& rank : result.trace.ranks()) {
    for (const Operation& operation : rank.operations()) {
      if (!operation.has_collective()) continue;
      earliest = std::min(earliest, operation.captured_start_ns());
      latest = std::max(latest, operation.captured_start_ns());
      break;
    }
  }
  EXPECT_NEAR(static_cast<double>(latest - earliest), 7.624e6, 0.1e6);
}

TEST_F(RealCapture, ResnetRankZeroOfTwoWantsTheOther) {
  const auto alone = import_trace({kFolder + "kineto-resnet-2ranks-rank0"});
  ASSERT_FALSE(alone);
  EXPECT_THAT(alone.error(),
              HasSubstr("the job has 2 ranks, but there are files of 1 only; missing are ranks 1"));
}

TEST_F(RealCapture, ResnetRankZeroOfTwoFilledIn) {
  ImportOptions options;
  options.fill_missing_ranks = true;
  const ImportResult result = import("kineto-resnet-2ranks-rank0/nccl_data.json.gz", options);
  ASSERT_EQ(result.trace.ranks_size(), 2);
  Sizes expected;
  for (int step = 0; step < 3; ++step) {
    for (const uint64_t bytes : {212'480, 424}) expected.emplace_back(BROADCAST, bytes);
    for (const uint64_t bytes : {8'196'000, 31'502'336, 26'255'360, 26'550'272, 9'724'160}) {
      expected.emplace_back(ALL_REDUCE, bytes);
    }
  }
  EXPECT_EQ(collectives_of(result.trace.ranks(0)), expected);
  EXPECT_EQ(collectives_of(result.trace.ranks(1)), expected);
  EXPECT_EQ(result.trace.header().groups(0).name(), "0 (default_pg)");
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("6 x broadcast: its root is not in the file")));
}

TEST_F(RealCapture, ChakraResnetHasTheSameAllReduces) {
  ImportOptions options;
  options.fill_missing_ranks = true;
  options.world_size = 4;
  const ImportResult result = import("chakra-resnet", options);
  ASSERT_EQ(result.trace.ranks_size(), 4);
  for (const Rank& rank : result.trace.ranks()) {
    EXPECT_THAT(collectives_of(rank),
                ElementsAre(Pair(BROADCAST, 212'480), Pair(BROADCAST, 424), Pair(ALL_REDUCE, 8'196'000),
                            Pair(ALL_REDUCE, 31'502'336), Pair(ALL_REDUCE, 26'255'360),
                            Pair(ALL_REDUCE, 26'550'272), Pair(ALL_REDUCE, 9'724'160)));
    EXPECT_LT(rank.operations_size(), 100) << "local nodes are folded";
    EXPECT_GT(compute_ns(rank), 1'000'000U);
  }
}

TEST_F(RealCapture, ChakraResnetAloneIsARankOfItsOwn) {
  const ImportResult result = import("chakra-resnet/chakra.0.et.gz");
  EXPECT_EQ(result.trace.ranks_size(), 1);
  EXPECT_THAT(result.warnings, Contains(HasSubstr("only one rank was found")));
}

TEST_F(RealCapture, ChakraMicrobenchmarks) {
  for (const auto& [folder, kind] :
       {std::pair("all_reduce_8npus_1MB", ALL_REDUCE), {"all_to_all_8npus_1MB", ALL_TO_ALL}}) {
    const ImportResult result = import(std::string("chakra-microbenchmarks/") + folder);
    ASSERT_EQ(result.trace.ranks_size(), 8);
    for (const Rank& rank : result.trace.ranks())
      EXPECT_THAT(collectives_of(rank), ElementsAre(Pair(kind, 1'048'576)));
    EXPECT_THAT(result.warnings, IsEmpty());
  }
}

TEST_F(RealCapture, ChakraRingOfSendsAndReceives) {
  ImportOptions options;
  options.format = "chakra";  // the algorithm that it was made from lies beside it
  const ImportResult result = import("chakra-microbenchmarks/custom_ring_allreduce_8npus_1MB", options);
  ASSERT_EQ(result.trace.ranks_size(), 8);
  for (const Rank& rank : result.trace.ranks()) {
    int sends = 0;
    int receives = 0;
    for (const Operation& operation : rank.operations()) {
      if (operation.has_send()) {
        ++sends;
        EXPECT_EQ(operation.send().peer(), (rank.rank() + 1) % 8);
        EXPECT_EQ(operation.send().bytes(), 131'072U);
      } else if (operation.has_receive()) {
        ++receives;
        EXPECT_EQ(operation.receive().peer(), (rank.rank() + 7) % 8);
        EXPECT_EQ(operation.receive().bytes(), 131'072U);
      }
    }
    EXPECT_EQ(sends, 14);
    EXPECT_EQ(receives, 14);
    EXPECT_EQ(compute_ns(rank), 7 * 7'000U);
  }
}

}  // namespace
}  // namespace railyard::trace
