// SPDX-License-Identifier: GPL-2.0-only
// railyard trace: what it prints, and how it ends.
#include "tests/unit/scenario/command_fixture.h"
#include "tests/unit/trace/kineto_capture.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/single_collective.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using trace::Capture;

class TraceCommand : public Command {
 protected:
  // Rank 0 of two: 1 ms in an all-reduce of 400 B, and for `left_out_us` in kernels without arguments.
  std::string capture(double left_out_us) const {
    Capture capture(0, 2);
    capture.annotation("user_annotation", "ProfilerStep#4", 0, 5000)
        .compute(0, 100, 0)
        .kernel("void multimem_all_reduce_kernel<c10::BFloat16, 16>(int)", trace::kComputeStream, 100,
                left_out_us, 10)
        .collective("allreduce", 100, 100, 2000, 1000, 20);
    const std::string file = path("rank0.json");
    EXPECT_TRUE(trace::write_file(file, capture.text()));
    return file;
  }
};

TEST_F(TraceCommand, CheckFailsBeyondTheStatedShareOfUnattributedCommunication) {
  EXPECT_EQ(run({"trace", "check", capture(1000), "--fill-missing-ranks", "2"}), 3);
  EXPECT_THAT(err_.str(), HasSubstr("50.00 % of the captured communication cannot be attributed"));
  EXPECT_THAT(err_.str(),
              HasSubstr("1 x multimem_all_reduce_kernel (PyTorch symmetric memory), 1.000 ms: neither"));
  EXPECT_EQ(run({"trace", "check", capture(1000), "--fill-missing-ranks", "2", "--max-unattributed", "50"}),
            0)
      << err_.str();
  EXPECT_EQ(run({"trace", "check", capture(9), "--fill-missing-ranks", "2"}), 0) << "below 1 %";
  EXPECT_EQ(run({"trace", "check", capture(11), "--fill-missing-ranks", "2"}), 3);
}

TEST_F(TraceCommand, TheShareIsKeptInTheImportedTrace) {
  EXPECT_EQ(run({"trace", "import", capture(1000), "--fill-missing-ranks", "2", "-o", path("a.rytrace")}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("warning: communication left out: 1 x multimem_all_reduce_kernel"));
  EXPECT_EQ(run({"trace", "check", path("a.rytrace")}), 3);
}

TEST_F(TraceCommand, ShowTakesOneRanksFileWithoutOptions) {
  EXPECT_EQ(run({"trace", "show", capture(1000)}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("ranks     2, without operations: 1\n"));
  EXPECT_THAT(out_.str(), HasSubstr("steps     ProfilerStep#4\n"));
  EXPECT_THAT(out_.str(), HasSubstr("     1 x multimem_all_reduce_kernel (PyTorch symmetric memory)"));
  EXPECT_THAT(out_.str(), HasSubstr("all-reduce"));
  EXPECT_EQ(run({"trace", "check", path("rank0.json")}), 2) << "a replay wants rank 1";
}

TEST_F(TraceCommand, ShowListsOperationsInOrder) {
  EXPECT_EQ(run({"trace", "show", capture(1000), "--ops"}), 0) << err_.str();
  const size_t compute = out_.str().find("     0                compute 1000.000 us");
  const size_t collective = out_.str().find("     1      2000.000  all-reduce 400 B in 0");
  EXPECT_NE(compute, std::string::npos) << out_.str();
  EXPECT_NE(collective, std::string::npos) << out_.str();
  EXPECT_LT(compute, collective);
}

TEST_F(TraceCommand, StepsAreChosen) {
  EXPECT_EQ(run({"trace", "show", capture(10), "--steps", "4"}), 0) << err_.str();
  EXPECT_EQ(run({"trace", "show", path("rank0.json"), "--steps", "5"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("rank0.json: has no step '5': marked are ProfilerStep#4"));
}

TEST_F(TraceCommand, AScenarioChoosesSteps) {
  capture(10);
  for (const auto& [steps, code] : {std::pair("4", 0), {"5", 2}}) {
    write("steps.yaml", std::string("jobs: [{trace: {path: rank0.json, fill_missing_ranks: true, steps: ") +
                            steps + "}}]\n");
    EXPECT_EQ(run({"run", path("steps.yaml"), "--output", path("out")}), code) << err_.str();
  }
  EXPECT_THAT(err_.str(), HasSubstr("has no step '5'"));
}

// From .rytrace to each format and back, by what stats says of it.
TEST_F(TraceCommand, ConvertAndStats) {
  ASSERT_TRUE(trace::write_trace(*make_single_collective({}), path("a.rytrace")));
  EXPECT_EQ(run({"trace", "stats", path("a.rytrace")}), 0) << err_.str();
  const std::string stats = out_.str();
  EXPECT_THAT(stats, HasSubstr("all-reduce"));
  EXPECT_EQ(run({"trace", "convert", path("a.rytrace"), "--to", "chakra", "-o", path("et")}), 0)
      << err_.str();
  EXPECT_EQ(run({"trace", "stats", path("et")}), 0) << err_.str();
  EXPECT_EQ(out_.str(), stats);
  EXPECT_EQ(run({"trace", "convert", path("et"), "--to", "goal", "-o", path("a.goal")}), 0) << err_.str();
  EXPECT_EQ(run({"trace", "check", path("a.goal")}), 0) << err_.str();
  EXPECT_EQ(run({"trace", "convert", path("a.goal"), "--to", "goal", "-o", path("a.rytrace")}), 2)
      << "which is something else";
  EXPECT_EQ(run({"trace", "convert", path("a.goal"), "--to", "dumpi", "-o", path("x")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--to dumpi: there is no such format; there are rytrace, chakra, goal"));
}

TEST_F(TraceCommand, ScaleMultipliesVolumesAndRanks) {
  SingleCollectiveSettings settings;
  settings.ranks = 4;
  settings.bytes = {1000};
  ASSERT_TRUE(trace::write_trace(*make_single_collective(settings), path("a.rytrace")));
  EXPECT_EQ(
      run({"trace", "scale", path("a.rytrace"), "--bytes", "3", "--copies", "2", "-o", path("b.rytrace")}), 0)
      << err_.str();
  const auto scaled = trace::read_trace(path("b.rytrace"));
  ASSERT_TRUE(scaled) << scaled.error();
  EXPECT_EQ(scaled->ranks_size(), 8);
  EXPECT_EQ(scaled->ranks(7).operations(0).collective().bytes(), 3000u);
}

}  // namespace
}  // namespace railyard
