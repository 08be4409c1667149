// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/workload_parameters.h"

namespace railyard {
namespace {

constexpr double kMaxRanks = 1'048'576;
constexpr double kGibibyte = 1 << 30;
constexpr double kMaxMessage = 64 * kGibibyte;  // as schedule::compile() has it
constexpr double kMaxBuffer = 1024 * kGibibyte;
constexpr double kMaxTime = 1e15;  // 1000 s
constexpr std::string_view kOurs = "Railyard's default";
constexpr std::string_view kNcclTests = "nccl-tests: -b, all_reduce_perf's usual size";
constexpr std::string_view kDdp = "PyTorch DistributedDataParallel (Li et al., VLDB 2020, section 4)";

}  // namespace

const std::vector<Parameter<IncastSettings>>& parameters_of(const IncastSettings*) {
  using S = IncastSettings;
  static const std::vector<Parameter<S>> rows = {
      {"senders", &S::senders, 1, kMaxRanks, "Ranks that send to rank 0 at the same time", kOurs},
      {"bytes", &S::bytes, 1, kMaxMessage, "Size of each message", kOurs},
      {"repeat", &S::repeat, 1, kMaxRanks, "Messages of each sender, one after another", kOurs},
      {"gap", &S::gap, 0, kMaxTime, "Pause of a sender between two messages", kOurs},
  };
  return rows;
}

const std::vector<Parameter<SingleCollectiveSettings>>& parameters_of(const SingleCollectiveSettings*) {
  using S = SingleCollectiveSettings;
  static const std::vector<Parameter<S>> rows = {
      {"kind",
       &S::kind,
       0,
       4,
       "Which collective",
       "nccl-tests: one program each",
       {"all-reduce", "all-gather", "reduce-scatter", "broadcast", "all-to-all"}},
      {"ranks", &S::ranks, 2, kMaxRanks, "Ranks that take part", kOurs},
      {"bytes", &S::bytes, 1, kMaxBuffer,
       "Size as nccl-tests counts it: the buffer of all-reduce and broadcast, the output of all-gather, the "
       "input of "
       "reduce-scatter, the send buffer of all-to-all",
       kNcclTests},
      {"iterations", &S::iterations, 1, kMaxRanks, "How often, one after another", kOurs},
  };
  return rows;
}

const std::vector<Parameter<PermutationSettings>>& parameters_of(const PermutationSettings*) {
  using S = PermutationSettings;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 2, kMaxRanks, "Ranks; each sends to one other", kOurs},
      {"bytes", &S::bytes, 1, kMaxMessage, "Size of each message", kOurs},
      {"shift", &S::shift, 0, kMaxRanks,
       "Rank i sends to rank i + shift; 0 draws the destinations by the seed", kOurs},
      {"seed", &S::seed, 0, kUnlimited, "Seed of the destinations", kOurs},
      {"repeat", &S::repeat, 1, kMaxRanks, "Messages of each rank, one after another", kOurs},
  };
  return rows;
}

const std::vector<Parameter<TrainingStepSettings>>& parameters_of(const TrainingStepSettings*) {
  using S = TrainingStepSettings;
  static const std::vector<Parameter<S>> rows = {
      {"ranks", &S::ranks, 2, kMaxRanks, "Ranks of the job", kOurs},
      {"steps", &S::steps, 1, kMaxRanks, "Training steps, one after another", kOurs},
      {"forward", &S::forward, 0, kMaxTime, "Compute of the forward pass", kOurs},
      {"backward", &S::backward, 0, kMaxTime, "Compute of the backward pass", kOurs},
      {"optimizer", &S::optimizer, 0, kMaxTime, "Compute after the last gradient bucket", kOurs},
      {"buckets", &S::buckets, 1, kMaxRanks, "Gradient buckets, each one all-reduce", kDdp},
      {"bucket_bytes", &S::bucket_bytes, 1, kMaxBuffer, "Size of each gradient bucket",
       "PyTorch DistributedDataParallel, bucket_cap_mb = 25"},
      {"all_to_all_bytes", &S::all_to_all_bytes, 0, kMaxBuffer,
       "Send buffer of the all-to-all in the forward pass; 0 leaves it out", kOurs},
      {"skew", &S::skew, 0, kMaxTime,
       "Ranks start each step up to this late, drawn from the run's seed and the one below", kOurs},
      {"seed", &S::seed, 0, kUnlimited, "Chooses other draws of the skew, for the same seeds of the runs",
       kOurs},
  };
  return rows;
}

}  // namespace railyard
