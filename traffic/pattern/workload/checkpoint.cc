// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/checkpoint.h"

#include <fmt/format.h>

#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/llm/model_settings.h"
#include "traffic/pattern/workload/llm/volumes.h"
#include "traffic/pattern/workload/storage.h"
#include "traffic/pattern/workload/workload_limits.h"

namespace railyard {
namespace {

using Indices = trace::RankBuilder::Indices;

struct CheckpointPlan {
  CheckpointSettings settings;

  uint32_t ranks() const { return settings.ranks + settings.endpoints; }
  workload::Stripes stripes() const { return {settings.ranks, settings.endpoints, settings.block}; }

  trace::Header header() const {
    trace::Header header;
    header.set_name("checkpoint");
    header.set_source(fmt::format("checkpoint size={} ranks={} endpoints={} block={}",
                                  format(Bytes{settings.bytes()}), settings.ranks, settings.endpoints,
                                  format(settings.block)));
    header.set_rank_count(ranks());
    header.set_plain_messages(true);
    return header;
  }

  void write_rank(uint32_t rank, trace::RankBuilder& to) const {
    if (rank < settings.ranks)
      write(rank, to);
    else
      receive(rank, to);
  }

  // A block waits for the one that is `outstanding` before it; a checkpoint for its time and the one before.
  void write(uint32_t rank, trace::RankBuilder& to) const {
    const uint64_t bytes = settings.bytes_of(rank);
    Indices begin, under_way;
    for (uint32_t i = 0; i < settings.checkpoints; ++i) {
      if (i > 0) begin = {to.wait("checkpoint interval", workload::to_ns(settings.interval), begin)};
      Indices after = begin;
      after.insert(after.end(), under_way.begin(), under_way.end());
      under_way.clear();
      for (uint64_t block = 0; block < stripes().blocks(bytes); ++block) {
        const Indices turn =
            block < settings.outstanding ? after : Indices{under_way[block - settings.outstanding]};
        under_way.push_back(workload::named_send(to, "checkpoint", stripes().endpoint(rank, block),
                                                 stripes().bytes_of(block, bytes), turn));
      }
    }
  }

  void receive(uint32_t endpoint, trace::RankBuilder& to) const {
    for (uint32_t i = 0; i < settings.checkpoints; ++i) {
      for (uint32_t rank = 0; rank < settings.ranks; ++rank) {
        const uint64_t bytes = settings.bytes_of(rank);
        for (uint64_t block = 0; block < stripes().blocks(bytes); ++block)
          if (stripes().endpoint(rank, block) == endpoint)
            to.receive(rank, stripes().bytes_of(block, bytes), 0);
      }
    }
  }
};

uint32_t ranks_of(const CheckpointSettings& settings) {
  return CheckpointPlan{settings}.ranks();
}

MadeJob made(const CheckpointSettings& settings, const WorkloadContext&) {
  return make_checkpoint(settings);
}

}  // namespace

uint64_t CheckpointSettings::bytes() const {
  if (size.n > 0) return size.n;
  return llm::total_parameters(llm::models()[model].shape) * llm::kCheckpointBytes;
}

uint64_t CheckpointSettings::bytes_of(uint32_t rank) const {
  const uint32_t writers = sharding == Sharding::AllRanks ? ranks : ranks / replicas;
  if (rank >= writers) return 0;
  return bytes() / writers + (rank < bytes() % writers ? 1 : 0);
}

MadeJob make_checkpoint(const CheckpointSettings& settings) {
  if (settings.ranks % settings.replicas != 0)
    return tl::make_unexpected(fmt::format("checkpoint: {} ranks are no whole number of replicas = {}",
                                           settings.ranks, settings.replicas));
  return workload::source_of(CheckpointPlan{settings});
}

const std::vector<Parameter<CheckpointSettings>>& parameters_of(const CheckpointSettings*) {
  using S = CheckpointSettings;
  using namespace workload;
  constexpr double kMaxCheckpoint = 1e15, kLeastBlock = 4096;
  static const std::vector<Parameter<S>> rows = {
      {"model", &S::model, 0, static_cast<double>(llm::models().size()) - 1,
       "Whose state is written, where size is 0", "docs/workloads.md has each shape's",
       llm::names_of(llm::models())},
      {"size", &S::size, 0, kMaxCheckpoint, "Size of a checkpoint; 0 means 14 bytes a parameter of the model",
       "BF16 parameters, FP32 copy and Adam's two moments: Rajbhandari et al., SC 2020"},
      {"ranks", &S::ranks, 1, kMaxRanks, "Ranks of the training job", kOurs},
      {"endpoints", &S::endpoints, 1, kMaxRanks, "NICs of storage hosts: the last ranks of this job", kOurs},
      {"sharding",
       &S::sharding,
       "all-ranks: each writes an equal part; one-replica: those of the first data-parallel replica do",
       "PyTorch Distributed Checkpoint",
       {"all-ranks", "one-replica"}},
      {"replicas", &S::replicas, 1, kMaxRanks, "Data-parallel replicas, for one-replica", kOurs},
      {"block", &S::block, kLeastBlock, kMaxMessage,
       "Size of a write; successive ones go to successive endpoints", kOurs},
      {"outstanding", &S::outstanding, 1, kMaxRanks, "Writes of a rank at once", kOurs},
      {"checkpoints", &S::checkpoints, 1, kMaxRanks, "How many", kOurs},
      {"interval", &S::interval, 0, kMaxTime,
       "From the start of one to that of the next, or its end if that is later", kOurs},
  };
  return rows;
}

Workload checkpoint_workload() {
  return workload_row<CheckpointSettings, ranks_of, made>(
      "checkpoint", "Ranks write the state of training to storage hosts");
}

}  // namespace railyard
