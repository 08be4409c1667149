// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/step_writer.h"

#include "traffic/pattern/workload/llm/block_writer.h"
#include "traffic/pattern/workload/llm/shard_writer.h"

namespace railyard::llm {
namespace {

class StepWriter {
 public:
  StepWriter(const TrainingPlan& plan, uint32_t rank, trace::RankBuilder& to)
      : plan_(plan),
        settings_(plan.settings()),
        at_(plan.layout().of(rank)),
        chain_(plan.layout(), rank, to),
        blocks_(plan, rank, chain_),
        shards_(plan, chain_) {}

  void write() {
    for (const PipelineStep& step :
         pipeline_order(at_.stage, settings_.pp, settings_.virtual_stages, settings_.micro_batches)) {
      if (step.forward)
        forward(step);
      else
        backward(step);
    }
    shards_.finish_reduction();
    if (plan_.shape().tied_embeddings && (at_.stage == 0 || at_.stage + 1 == settings_.pp)) {
      const uint64_t parameters = Parameters{head_parameters(plan_.shape()).split, 0}.on_rank(settings_.tp);
      chain_.collective("tied embeddings", trace::ALL_REDUCE, With::Embeddings,
                        parameters * settings_.gradient_bytes);
    }
    if (settings_.grad_norm) chain_.collective("grad norm", trace::ALL_REDUCE, With::World, kFp32Bytes);
    if (settings_.zero == Zero::Optimizer && !settings_.overlap) gather_all();
  }

 private:
  static constexpr uint32_t kForwardTag = 0, kBackwardTag = 1;

  const Chunk& chunk(uint32_t index) const { return plan_.chunk(at_.stage, index); }
  bool is_first(uint32_t index) const { return at_.stage == 0 && index == 0; }
  bool is_last(uint32_t index) const {
    return at_.stage + 1 == settings_.pp && index + 1 == settings_.virtual_stages;
  }
  uint32_t stage_rank(uint32_t stage) const {
    return plan_.layout().rank_at({at_.tp, at_.replica, stage % settings_.pp});
  }
  uint32_t previous() const { return stage_rank(at_.stage + settings_.pp - 1); }
  uint32_t next() const { return stage_rank(at_.stage + 1); }

  void forward(const PipelineStep& step) {
    const Chunk& part = chunk(step.chunk);
    const bool gathers = settings_.zero == Zero::Everything ||
                         (settings_.zero == Zero::Optimizer && settings_.overlap && step.micro_batch == 0);
    if (!is_first(step.chunk)) chain_.receive("pp forward", previous(), plan_.pipeline_bytes(), kForwardTag);
    for (size_t i = 0; i < part.blocks.size(); ++i) {
      const uint32_t unit = part.blocks[i].unit;
      if (gathers && part.begins_unit(i))
        shards_.need(part.units[unit], unit + 1 < part.units.size() ? &part.units[unit + 1] : nullptr);
      blocks_.forward(part.blocks[i]);
    }
    if (!is_last(step.chunk)) chain_.send("pp forward", next(), plan_.pipeline_bytes(), kForwardTag);
  }

  void backward(const PipelineStep& step) {
    const Chunk& part = chunk(step.chunk);
    const bool shards = settings_.zero == Zero::Everything;
    const bool reduces = shards || step.micro_batch + 1 == settings_.micro_batches;
    if (!is_last(step.chunk)) chain_.receive("pp backward", next(), plan_.pipeline_bytes(), kBackwardTag);
    for (size_t i = part.blocks.size(); i-- > 0;) {
      const Unit& unit = part.units[part.blocks[i].unit];
      const Unit* below = part.blocks[i].unit > 0 ? &part.units[part.blocks[i].unit - 1] : nullptr;
      if (settings_.recompute) {
        if (shards && part.ends_unit(i)) shards_.need(unit, &unit);
        if (part.blocks[i].kind == Block::Kind::Layer) blocks_.forward(part.blocks[i]);
      }
      if (shards && part.ends_unit(i)) shards_.need(unit, below);
      blocks_.backward(part.blocks[i]);
      if (reduces && part.begins_unit(i)) shards_.reduce(unit);
    }
    if (!is_first(step.chunk)) chain_.send("pp backward", previous(), plan_.pipeline_bytes(), kBackwardTag);
  }

  void gather_all() {
    std::vector<const Unit*> units;
    for (uint32_t i = 0; i < settings_.virtual_stages; ++i) {
      for (const Unit& unit : chunk(i).units) units.push_back(&unit);
    }
    shards_.gather(units);
  }

  const TrainingPlan& plan_;
  const LlmSettings& settings_;
  Coordinates at_;
  Chain chain_;
  BlockWriter blocks_;
  ShardWriter shards_;
};

}  // namespace

void write_step(const TrainingPlan& plan, uint32_t rank, trace::RankBuilder& to) {
  StepWriter(plan, rank, to).write();
}

}  // namespace railyard::llm
