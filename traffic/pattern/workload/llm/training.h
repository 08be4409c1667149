// SPDX-License-Identifier: BSD-3-Clause
// One training step of a language model, as Megatron-LM (tensor, pipeline, context and expert parallelism,
// distributed optimizer) and FSDP (zero 3) send it. docs/workloads.md says what follows what.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/trace/rank_source.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/llm/layout.h"
#include "traffic/pattern/workload/llm/pipeline.h"
#include "traffic/pattern/workload/llm/training_settings.h"
#include "traffic/pattern/workload/llm/volumes.h"
#include "traffic/pattern/workload/workload.h"

namespace railyard::llm {

// What a stage goes through without stopping: its embedding, a layer, the output.
struct Block {
  enum class Kind : uint8_t { Embedding, Layer, Head } kind = Kind::Layer;
  uint32_t layer = 0;
  uint32_t unit = 0;  // of its chunk's, whose parameters are gathered and gradients reduced together
};

// Parameters on one rank, by who else has them.
struct Unit {
  uint64_t dense = 0, expert = 0;
};

// A pipeline stage's part of the model, one of its virtual stages.
struct Chunk {
  std::vector<Block> blocks;  // in the order of the forward pass
  std::vector<Unit> units;

  bool begins_unit(size_t block) const { return block == 0 || blocks[block].unit != blocks[block - 1].unit; }
  bool ends_unit(size_t block) const {
    return block + 1 == blocks.size() || blocks[block].unit != blocks[block + 1].unit;
  }
};

// A job, checked; it never changes, so that threads may share it.
class TrainingPlan {
 public:
  // The error is one sentence that names the keys that do not go together.
  static tl::expected<TrainingPlan, std::string> make(const LlmSettings& settings);
  static tl::expected<TrainingPlan, std::string> make(const LlmSettings& settings, const ModelShape& shape);

  uint32_t ranks() const { return layout_.ranks(); }
  trace::Header header() const;
  // The rank's operations of the step, by the plan and the rank alone.
  void write_rank(uint32_t rank, trace::RankBuilder& to) const;

  const LlmSettings& settings() const { return settings_; }
  const ModelShape& shape() const { return shape_; }
  const Layout& layout() const { return layout_; }
  const Chunk& chunk(uint32_t stage, uint32_t index) const { return chunks_[index * settings_.pp + stage]; }
  bool splits_sequence() const { return settings_.tp > 1 && settings_.sequence_parallel; }
  bool limits_nodes() const { return limits_nodes_; }

  // Of a micro-batch, on one context-parallel rank.
  double tokens() const { return static_cast<double>(settings_.tokens()) / settings_.cp; }
  uint64_t activation_bytes() const;     // of all its tokens, in BF16
  uint64_t kv_bytes() const;             // of a layer's keys and values, of the whole sequence
  uint64_t pipeline_bytes() const;       // from stage to stage, from one rank
  uint64_t routed_tokens() const;        // copies that one rank sends to experts
  uint64_t time_ns(double flops) const;  // on one rank, of what tp ranks divide

 private:
  TrainingPlan(const LlmSettings& settings, const ModelShape& shape, const ExpertHosts& hosts);
  Chunk chunk_of(LayerRange layers, bool first, bool last) const;

  LlmSettings settings_;
  ModelShape shape_;
  bool limits_nodes_;
  Layout layout_;
  std::vector<Chunk> chunks_;  // of each virtual stage, in the order of the model
};

}  // namespace railyard::llm

namespace railyard {

// The error is that of TrainingPlan::make.
MadeJob make_llm(const LlmSettings& settings);

Workload llm_workload();

}  // namespace railyard
