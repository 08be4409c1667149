// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/tuner_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/pattern/collective/way.h"

namespace railyard::collective {
namespace {

using testing::HasSubstr;

constexpr const char* kTable =
    R"(# collective_type,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks
collective_type,min_bytes,max_bytes,algorithm,protocol,channels,nNodes,nRanks,numPipeOps,regBuff

allreduce,0,65536,tree,ll,2,-1,-1,-1,-1
allreduce,65537,4294967295,ring,simple,-1,4,32,1,0
allreduce,0,4294967295,ring,ll128,-1,-1,-1
broadcast, 0, 32768, tree, simple, -1, 1, -1
allreduce,0,4294967295,tree,simple,-1,-1,-1,4
allreduce,0,4294967295,tree,simple,-1,-1,-1,-1,1
reduce,0,4294967295,tree,simple,-1,-1,-1
broadcast,0,4294967295,ring,ll,1,-1,-1
)";

TunedGroup group_of(uint32_t hosts, uint32_t gpus) {
  TunedGroup group;
  group.hosts = hosts, group.ranks = hosts * gpus, group.nics = gpus;
  group.nic_rate = BitRate::gigabits(400);
  group.scale_up_rate = BitRate::gigabits(3'600);
  return group;
}

TEST(TunerTable, LeavesOutWhatCanMatchNothing) {
  const auto rows = parse_tuner_table(kTable);
  ASSERT_TRUE(rows) << rows.error();
  ASSERT_EQ(rows->size(), 4U)
      << "without NCCL's own absentees, several operations at once, registered buffers";
  EXPECT_EQ((*rows)[0].channels, 2U);
  EXPECT_EQ((*rows)[1].hosts, 4U);
  EXPECT_EQ((*rows)[1].ranks, 32U);
  EXPECT_EQ(one_line(*rows),
            "allreduce,0,65536,tree,ll,2,-1,-1;allreduce,65537,4294967295,ring,simple,-1,4,32;"
            "allreduce,0,4294967295,ring,ll128,-1,-1,-1;broadcast,0,4294967295,ring,ll,1,-1,-1");
  EXPECT_EQ(one_line(parse_tuner_table(one_line(*rows)).value()), one_line(*rows));
}

TEST(TunerTable, TheFirstRowThatMatchesDecides) {
  CollectiveSettings settings;
  settings.tuner = one_line(parse_tuner_table(kTable).value());
  const auto way = [&](Kind kind, uint64_t bytes, const TunedGroup& group) {
    const Way chosen = way_of(settings, kind, bytes, group);
    return std::tuple{chosen.algorithm->name, chosen.protocol, chosen.channels};
  };
  using Chosen = std::tuple<std::string_view, Protocol, uint32_t>;
  EXPECT_EQ(way(Kind::AllReduce, 65'536, group_of(4, 8)), Chosen("tree", Protocol::LL, 2));
  EXPECT_EQ(way(Kind::AllReduce, 65'537, group_of(4, 8)), Chosen("ring", Protocol::Simple, kAllChannels));
  EXPECT_EQ(way(Kind::AllReduce, 65'537, group_of(2, 8)), Chosen("ring", Protocol::LL128, kAllChannels));
  EXPECT_EQ(way(Kind::Broadcast, 1'000, group_of(4, 8)), Chosen("chain", Protocol::LL, 1));
  EXPECT_EQ(way(Kind::AllGather, 1'000, group_of(4, 8)), Chosen("ring", Protocol::Simple, kAllChannels))
      << "no row: as the settings say";
  TunedGroup over_pcie = group_of(2, 8);
  over_pcie.scale_up_rate = {};
  EXPECT_EQ(way(Kind::AllReduce, 65'537, over_pcie), Chosen("ring", Protocol::Simple, kAllChannels))
      << "NCCL has no LL128 there, and goes on";
}

TEST(TunerTable, NamesTheLineAndWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"allreduce,0,1,ring,simple,-1,-1", "line 1: it has 7 fields, and a row has 8 to 10: collective_type,"},
      {"allreduce,0,1,ring,simple,-1,-1,-1,-1,-1,-1", "line 1: it has 11 fields"},
      {"# one\n\nallreduce,0,1,ring,simple,-1,-1,-1\nallgathr,0,1,ring,simple,-1,-1,-1",
       "line 4: there is no collective_type 'allgathr': allreduce, allgather,"},
      {"allreduce,0,1,rings,simple,-1,-1,-1", "line 1: there is no algorithm 'rings': ring, tree, pat,"},
      {"allreduce,0,1,ring,ll64,-1,-1,-1", "line 1: there is no protocol 'll64': ll, ll128, simple"},
      {"allreduce,0,1k,ring,simple,-1,-1,-1", "line 1: max_bytes: '1k' is not a number of bytes"},
      {"allreduce,2,1,ring,simple,-1,-1,-1", "line 1: min_bytes (2) is above max_bytes (1)"},
      {"allreduce,0,1,ring,simple,0,-1,-1", "line 1: channels: '0' is neither -1 nor a number of at least 1"},
      {"allreduce,0,1,ring,simple,-1,two,-1", "line 1: nNodes: 'two' is neither"},
      {"allreduce,0,1,ring,simple,-1,-1,-1,-1,2", "line 1: regBuff: '2' is none of -1, 0 and 1"},
      {"allreduce,0,1,nvls_tree,simple,-1,-1,-1",
       "line 1: Railyard does not carry allreduce by 'nvls_tree'; remove the row"},
      {"allgather,0,1,collnet_direct,simple,-1,-1,-1", "does not carry allgather by 'collnet_direct'"},
  };
  for (const auto& [text, message] : cases) {
    const auto rows = parse_tuner_table(text);
    ASSERT_FALSE(rows) << text;
    EXPECT_THAT(rows.error(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace railyard::collective
