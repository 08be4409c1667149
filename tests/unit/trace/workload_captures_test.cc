// SPDX-License-Identifier: BSD-3-Clause
// Workloads as other simulators write them: GOAL, ASTRA-sim's and SimAI's text, AICB, CommCanary.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/trace/import_text.h"
#include "traffic/pattern/trace/import/parallel_groups.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kSchedule = R"(num_ranks 2
/* rank 1
   is below */
rank 0 {
  l1: calc 100 cpu 0
  l2: send 128b to 1 tag 7 cpu 0 nic 0
  l2 requires l1
  l3: calc 40 // beside the send
  l3 irequires l2
}
rank 1 { l1: recv 128b from 0 tag 7 }
)";

TEST(Goal, RequiresWaitsForTheEndIrequiresForTheStart) {
  const ImportResult result = import_files({{"x.goal", kSchedule}});
  EXPECT_THAT(operations_of(result.trace, 0), ElementsAre("100 ns", "send 128>1", "40 ns"));
  EXPECT_THAT(result.trace.ranks(0).operations(1).after(), ElementsAre(1));
  EXPECT_THAT(result.trace.ranks(0).operations(2).after(), ElementsAre(2))
      << "when the send starts: at l1's end";
  EXPECT_EQ(result.trace.ranks(0).operations(1).send().tag(), 7u);
  EXPECT_THAT(operations_of(result.trace, 1), ElementsAre("receive 128<0"));
}

TEST(Goal, MistakesNameTheirLine) {
  const auto error = [](const std::string& body) {
    const auto result = try_import({{"x.goal", "num_ranks 2\nrank 0 {\n" + body}});
    return result ? std::string("none") : result.error();
  };
  EXPECT_THAT(error("l1: recv 8b from -1 tag 0\n}\n"),
              HasSubstr("x.goal:3: a receive from any source or of any tag"));
  EXPECT_THAT(error("l1: send 8b to 2 tag 0\n}\n"), HasSubstr("x.goal:3: peer 2 of 2 ranks"));
  EXPECT_THAT(error("l1: calc 1\nl1 requires l9\n}\n"), HasSubstr("x.goal:4: label l9 is not defined"));
  EXPECT_THAT(error("l1: calc 1\nl2: calc 1\nl1 requires l2\nl2 requires l1\n}\n"),
              HasSubstr("x.goal:3: waits, over others, for itself"));
  EXPECT_THAT(error("l1: calc 1\n"), HasSubstr("is not closed: the file is cut short"));
}

TEST(ParallelGroups, AreMegatrons) {
  const Parallelism p = {16, 2, 2, 2};
  EXPECT_TRUE(p.fits());
  EXPECT_THAT(group_of(p, ParallelGroup::Tensor, 5).ranks(), ElementsAre(4, 5));
  EXPECT_THAT(group_of(p, ParallelGroup::Data, 13).ranks(), ElementsAre(9, 11, 13, 15));
  EXPECT_THAT(group_of(p, ParallelGroup::Expert, 13).ranks(), ElementsAre(13, 15));
  EXPECT_THAT(group_of(p, ParallelGroup::ExpertData, 13).ranks(), ElementsAre(9, 13));
  EXPECT_THAT(group_of(p, ParallelGroup::Pipeline, 13).ranks(), ElementsAre(5, 13));
}

TEST(LayerText, ForwardThenBackwardWithWeightGradientsBeside) {
  const ImportResult result =
      import_files({{"x.txt",
                     "HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 2 ep: 1 pp: 1 "
                     "vpp: 1 ga: 1 all_gpus: 4 checkpoints: 0\n2\n"
                     "a\t-1\t10\tALLGATHER\t800\t20\tREDUCESCATTER\t400\t30\tALLREDUCE\t600\t0\n"
                     "b -1 1 NONE 0 2 NONE 0 3 ALLTOALL_EP 100 7"}});
  EXPECT_THAT(operations_of(result.trace, 3),
              ElementsAre("10 ns", "all-gather 800@2,3", "1 ns", "2 ns", "3 ns", "20 ns",
                          "reduce-scatter 400@2,3", "30 ns", "all-reduce 600@1,3", "7 ns"))
      << "experts of one rank send nothing";
  EXPECT_THAT(result.trace.ranks(3).operations(9).after(), ElementsAre(2, 1)) << "the update waits for both";
}

TEST(LayerText, WithoutAWorldItAsksForOne) {
  const WrittenFile file = {"x.txt", "MICRO\n1\nt\t-1\t1\tNONE\t0\t1\tNONE\t0\t1\tALLREDUCE\t4096\t1\n"};
  EXPECT_THAT(try_import({file}).error(), HasSubstr("does not say how many ranks the job has"));
  ImportOptions options;
  options.world_size = 4;
  options.fill_missing_ranks = true;
  EXPECT_THAT(operations_of(import_files({file}, options).trace, 2),
              ElementsAre("1 ns", "1 ns", "1 ns", "all-reduce 4096@0,1,2,3", "1 ns"));
}

TEST(LayerText, MistakesNameTheirLine) {
  EXPECT_THAT(try_import({{"x.txt", "MICRO\n2\nt -1 1 NONE 0 1 NONE 0 1 NONE 0 1\n"}}).error(),
              HasSubstr("the file has 1 layers, and says 2: it is cut short"));
  EXPECT_THAT(try_import({{"x.txt", "MICRO\n1\nt -1 1 SUMALL 8 1 NONE 0 1 NONE 0 1\n"}}).error(),
              HasSubstr("x.txt:3: 'SUMALL' is no collective"));
}

constexpr const char* kAicb =
    "[rank0 ~ rank3]\n"
    "comm_type,comm_group,comm_group_size,msg_size,stage,dst,src,additional,_elapsed_time,algbw,busbw,count\n"
    "CommType.all_gather,CommGroup.dp_group,2,8,step,None,None,,None,None,None,2\n"
    "CommType.computation,None,None,0,forward,None,None,,0.000001,None,None,1\n"
    "CommType.all_reduce,CommGroup.tp_group,2,16,forward,None,None,,None,None,None,1\n"
    "CommType.isend,CommGroup.pp_group,1,16,forward,None,None,,None,None,None,1\n"
    "CommType.epoch_end,None,None,0,,None,None,,None,None,None,1\n";

TEST(Aicb, GroupsBySizeAndRowsByCount) {
  const ImportResult result = import_files({{"x.csv", kAicb}});
  EXPECT_THAT(operations_of(result.trace, 3),
              ElementsAre("all-gather 8@1,3", "all-gather 8@1,3", "1000 ns", "all-reduce 16@2,3"));
  ASSERT_EQ(result.trace.header().unattributed_size(), 1);
  EXPECT_EQ(result.trace.header().unattributed(0).count(), 4u) << "an isend without a peer, on each rank";
}

TEST(Aicb, AGroupThatContradictsTheOthersIsAMistake) {
  std::string text = kAicb;
  text.replace(text.find("dp_group,2"), 10, "dp_group,4");
  EXPECT_THAT(try_import({{"x.csv", text}}).error(),
              HasSubstr("x.csv:3: dp_group of 4 ranks, where the other rows make it 2"));
}

TEST(CommCanary, TraceAndUnfoldedCanary) {
  const nlohmann::json event = {{"op", "all_reduce"},     {"bytes", 4096},
                                {"ranks", {0, 1}},        {"group", "tp0"},
                                {"compute_before_us", 5}, {"rank_arrival_us", {{"0", 0.0}, {"1", 2.5}}}};
  const nlohmann::json trace = {{"format", "commcanary.trace.v1"}, {"events", {event}}};
  EXPECT_THAT(operations_of(import_files({{"t.json", trace.dump()}}).trace, 1),
              ElementsAre("7500 ns", "all-reduce 4096@0,1"));
  const nlohmann::json motif = {
      {"program", "sequence_motif"}, {"program_repeats", 2}, {"events", {event, event}}};
  const nlohmann::json canary = {{"format", "commcanary.canary.v2"}, {"events", {motif}}};
  const ImportResult unfolded = import_files({{"c.json", canary.dump()}});
  EXPECT_EQ(operations_of(unfolded.trace, 0).size(), 8u);
  EXPECT_THAT(unfolded.warnings, IsEmpty());
}

}  // namespace
}  // namespace railyard::trace
