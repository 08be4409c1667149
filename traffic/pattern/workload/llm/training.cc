// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/llm/step_writer.h"

namespace railyard::llm {
namespace {

using Error = tl::expected<void, std::string>;

std::vector<With> kinds_of(const LlmSettings& settings, const ModelShape& shape, bool limits_nodes) {
  std::vector<With> kinds = {With::Tensor, With::Context, With::Data};
  if (limits_nodes) kinds.push_back(With::ExpertRail), kinds.push_back(With::ExpertNode);
  if (shape.experts > 0 && !limits_nodes) kinds.push_back(With::Experts);
  if (shape.experts > 0) kinds.push_back(With::ExpertReplicas);
  if (shape.tied_embeddings) kinds.push_back(With::Embeddings);
  if (settings.grad_norm) kinds.push_back(With::World);
  return kinds;
}

Error check(const LlmSettings& s, const ModelShape& shape) {
  constexpr uint64_t kMost = 1 << 20;  // ranks, as of any job
  if (uint64_t{s.tp} * s.pp > kMost || uint64_t{s.cp} * s.dp > kMost ||
      uint64_t{s.tp} * s.pp * s.cp * s.dp > kMost)
    return tl::make_unexpected(fmt::format("tp x pp x cp x dp may be at most {} ranks", kMost));
  if (uint64_t{s.tp} * s.pp * s.cp * s.dp < 2)
    return tl::make_unexpected(
        std::string("tp x pp x cp x dp is one rank, which sends nothing; raise one of them"));
  if (s.virtual_stages > 1 && s.pp == 1)
    return tl::make_unexpected(std::string("virtual_stages: only a pipeline has them; raise pp"));
  if (s.virtual_stages > 1 && s.micro_batches % s.pp != 0)
    return tl::make_unexpected(fmt::format(
        "micro_batches: {} is no multiple of pp = {}, as interleaving needs", s.micro_batches, s.pp));
  if (uint64_t{s.pp} * s.virtual_stages > shape.layers)
    return tl::make_unexpected(fmt::format("pp x virtual_stages is {}, but there are {} layers",
                                           uint64_t{s.pp} * s.virtual_stages, shape.layers));
  if (shape.heads % s.tp != 0)
    return tl::make_unexpected(fmt::format("tp: {} does not divide the {} heads", s.tp, shape.heads));
  if (s.tokens() % (uint64_t{s.cp} * s.tp) != 0)
    return tl::make_unexpected(
        fmt::format("sequence: the {} tokens of a micro-batch are no multiple of cp x tp = {}", s.tokens(),
                    uint64_t{s.cp} * s.tp));
  if (shape.experts > 0 && s.tp > 1 && !s.sequence_parallel)
    return tl::make_unexpected(
        std::string("sequence_parallel: must be true where a model with experts has tp above 1"));
  return check_experts(s, shape, s.tp, s.ep, s.cp * s.dp);
}

}  // namespace

tl::expected<TrainingPlan, std::string> TrainingPlan::make(const LlmSettings& settings) {
  return make(settings, settings.shape());
}

tl::expected<TrainingPlan, std::string> TrainingPlan::make(const LlmSettings& settings,
                                                           const ModelShape& shape) {
  if (const Error checked = check(settings, shape); !checked) return tl::make_unexpected(checked.error());
  return TrainingPlan(settings, shape, expert_hosts(settings, shape, settings.tp, settings.ep));
}

TrainingPlan::TrainingPlan(const LlmSettings& settings, const ModelShape& shape, const ExpertHosts& hosts)
    : settings_(settings),
      shape_(shape),
      limits_nodes_(hosts.limits_nodes),
      layout_(settings.degrees(), hosts.per_host, kinds_of(settings, shape, hosts.limits_nodes)) {
  const uint32_t stages = settings.pp * settings.virtual_stages;
  const std::vector<LayerRange> ranges = layers_of_stages(shape.layers, stages);
  for (uint32_t i = 0; i < stages; ++i) chunks_.push_back(chunk_of(ranges[i], i == 0, i + 1 == stages));
}

Chunk TrainingPlan::chunk_of(LayerRange layers, bool first, bool last) const {
  std::vector<std::pair<Block, Unit>> parts;
  const uint32_t tp = settings_.tp;
  if (first) parts.push_back({{Block::Kind::Embedding, 0, 0}, {embedding_parameters(shape_).on_rank(tp), 0}});
  for (uint32_t layer = layers.first; layer < layers.first + layers.count; ++layer) {
    const uint64_t expert =
        shape_.has_experts(layer) ? shape_.experts / settings_.ep * expert_parameters(shape_) / tp : 0;
    parts.push_back({{Block::Kind::Layer, layer, 0}, {layer_parameters(shape_, layer).on_rank(tp), expert}});
  }
  if (last) {
    Parameters head = head_parameters(shape_);
    if (first && shape_.tied_embeddings) head.split = 0;
    parts.push_back({{Block::Kind::Head, 0, 0}, {head.on_rank(tp), 0}});
  }
  Chunk chunk;
  for (auto& [block, parameters] : parts) {
    const bool full = settings_.zero == Zero::Everything ||
                      (!chunk.units.empty() &&
                       chunk.units.back().dense + chunk.units.back().expert >= settings_.bucket_parameters);
    if (chunk.units.empty() || full) chunk.units.emplace_back();
    block.unit = static_cast<uint32_t>(chunk.units.size() - 1);
    chunk.units.back().dense += parameters.dense;
    chunk.units.back().expert += parameters.expert;
    chunk.blocks.push_back(block);
  }
  return chunk;
}

trace::Header TrainingPlan::header() const {
  const LlmSettings& s = settings_;
  trace::Header header;
  header.set_name(std::string(models()[s.model].name));
  header.set_source(fmt::format("llm model={} tp={} pp={} dp={} cp={} ep={} micro_batches={} seed={}",
                                models()[s.model].name, s.tp, s.pp, s.dp, s.cp, s.ep, s.micro_batches,
                                s.seed));
  header.set_rank_count(ranks());
  for (const trace::Group& group : layout_.groups()) *header.add_groups() = group;
  return header;
}

uint64_t TrainingPlan::activation_bytes() const {
  return settings_.tokens() / settings_.cp * shape_.hidden * kBf16Bytes;
}

uint64_t TrainingPlan::kv_bytes() const {
  return settings_.tokens() * expanded_kv_bytes(shape_) / settings_.tp;
}

uint64_t TrainingPlan::pipeline_bytes() const {
  return splits_sequence() ? activation_bytes() / settings_.tp : activation_bytes();
}

uint64_t TrainingPlan::time_ns(double flops) const {
  constexpr double kNs = 1e9;
  const double rate = accelerators()[settings_.gpu].flops * settings_.mfu;
  if (settings_.layer_time.ps == 0)
    return static_cast<uint64_t>(std::llround(flops / settings_.tp / rate * kNs));
  const double context = static_cast<double>(settings_.tokens()) / settings_.micro_batch;
  double layer =
      attention_flops(shape_, tokens(), context / 2) + mlp_flops(shape_, shape_.layers - 1, tokens());
  if (shape_.experts > 0) layer += expert_flops(shape_, tokens() * shape_.experts_per_token);
  constexpr double kPsOfNs = 1e3;
  return static_cast<uint64_t>(
      std::llround(flops / layer * static_cast<double>(settings_.layer_time.ps) / kPsOfNs));
}

void TrainingPlan::write_rank(uint32_t rank, trace::RankBuilder& to) const {
  write_step(*this, rank, to);
}

}  // namespace railyard::llm

namespace railyard {
namespace {

uint32_t ranks_of(const LlmSettings& settings) {
  const double ranks = 1.0 * settings.tp * settings.pp * settings.dp * settings.cp;
  return static_cast<uint32_t>(std::min<double>(ranks, std::numeric_limits<uint32_t>::max()));
}

MadeJob made(const LlmSettings& settings, const WorkloadContext& context) {
  LlmSettings of_run = settings;
  of_run.seed = workload::seed_of(settings.seed, context.seed);
  return make_llm(of_run);
}

}  // namespace

MadeJob make_llm(const LlmSettings& settings) {
  auto plan = llm::TrainingPlan::make(settings);
  if (!plan) return tl::make_unexpected("llm: " + plan.error());
  return workload::source_of(*std::move(plan));
}

Workload llm_workload() {
  Workload row = workload_row<LlmSettings, ranks_of, made>(
      "llm", "One training step of a language model, from its shape and how ranks divide it");
  row.depends_on_seed = [](const std::any& settings) {
    return std::any_cast<const LlmSettings&>(settings).expert_skew > 0;
  };
  return row;
}

}  // namespace railyard
