// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/block_writer.h"

#include <numeric>

#include "traffic/pattern/workload/llm/experts.h"

namespace railyard::llm {
namespace {

constexpr double kCausal = 0.5;  // a token attends to half of its sequence on average

std::vector<uint64_t> times(std::vector<uint64_t> counts, uint64_t bytes) {
  for (uint64_t& count : counts) count *= bytes;
  return counts;
}

}  // namespace

void BlockWriter::enter() {
  if (plan_.splits_sequence())
    chain_.collective("tp all-gather", trace::ALL_GATHER, With::Tensor, plan_.activation_bytes());
}

void BlockWriter::leave() {
  if (plan_.splits_sequence())
    chain_.collective("tp reduce-scatter", trace::REDUCE_SCATTER, With::Tensor, plan_.activation_bytes());
  else
    chain_.collective("tp all-reduce", trace::ALL_REDUCE, With::Tensor, plan_.activation_bytes());
}

double BlockWriter::flops(const Block& block, Half half) const {
  const ModelShape& shape = plan_.shape();
  if (half == Half::Mlp) return mlp_flops(shape, block.layer, plan_.tokens());
  const LlmSettings& s = plan_.settings();
  const double context = static_cast<double>(s.tokens()) / s.micro_batch * kCausal;
  return attention_flops(shape, plan_.tokens(), context);
}

void BlockWriter::forward(const Block& block) {
  if (block.kind == Block::Kind::Embedding) return leave();
  if (block.kind == Block::Kind::Head) return head_forward();
  enter();
  chain_.collective("cp all-gather", trace::ALL_GATHER, With::Context, plan_.kv_bytes());
  chain_.compute("attention", plan_.time_ns(flops(block, Half::Attention)));
  leave();
  if (plan_.shape().has_experts(block.layer)) return experts(block, 1);
  enter();
  chain_.compute("mlp", plan_.time_ns(flops(block, Half::Mlp)));
  leave();
}

// Gradients of a half's input, then of its weights, for which sequence parallelism gathers the input again.
// That gathering runs beside the first, and the sum over tp ranks beside the second [Megatron-LM,
// core/tensor_parallel/layers.py, LinearWithGradAccumulationAndAsyncCommunication].
void BlockWriter::backward_half(std::string_view name, uint64_t forward_ns) {
  const bool overlap = plan_.settings().overlap, split = plan_.splits_sequence();
  enter();
  Chain::Indices input;
  if (split)
    input = chain_.beside("tp all-gather", trace::ALL_GATHER, With::Tensor, plan_.activation_bytes(),
                          chain_.now());
  if (!overlap) chain_.wait(input);
  chain_.compute(name, forward_ns);
  const Chain::Indices sum = chain_.beside(split ? "tp reduce-scatter" : "tp all-reduce",
                                           split ? trace::REDUCE_SCATTER : trace::ALL_REDUCE, With::Tensor,
                                           plan_.activation_bytes(), chain_.now());
  if (overlap)
    chain_.wait(input);
  else
    chain_.wait(sum);
  chain_.compute(name, forward_ns);
  if (overlap) chain_.wait(sum);
}

void BlockWriter::backward(const Block& block) {
  if (block.kind == Block::Kind::Embedding) return enter();
  if (block.kind == Block::Kind::Head)
    return backward_half("output", plan_.time_ns(head_flops(plan_.shape(), plan_.tokens())));
  if (plan_.shape().has_experts(block.layer))
    experts(block, 2);
  else
    backward_half("mlp backward", plan_.time_ns(flops(block, Half::Mlp)));
  backward_half("attention backward", plan_.time_ns(flops(block, Half::Attention)));
  chain_.collective("cp reduce-scatter", trace::REDUCE_SCATTER, With::Context, plan_.kv_bytes());
}

void BlockWriter::head_forward() {
  enter();
  chain_.compute("output", plan_.time_ns(head_flops(plan_.shape(), plan_.tokens())));
  cross_entropy();
}

// Of a vocabulary that tp ranks divide: the largest logit, the wanted one, the sum of exponentials
// [Megatron-LM, core/tensor_parallel/cross_entropy.py].
void BlockWriter::cross_entropy() {
  const auto tokens = plan_.settings().tokens() / plan_.settings().cp;
  for (int i = 0; i < 3; ++i)
    chain_.collective("tp cross-entropy", trace::ALL_REDUCE, With::Tensor, tokens * kFp32Bytes);
}

uint32_t BlockWriter::expert_rank() const {
  return plan_.layout().of(rank_).replica % plan_.settings().ep;
}

// Tokens go to their experts and come back; in the backward pass their gradients do [DeepSeek-V3, section
// 3.2: dispatch in the model's narrow format, combine in BF16, in both directions].
void BlockWriter::experts(const Block& block, uint32_t passes) {
  const LlmSettings& s = plan_.settings();
  const ModelShape& shape = plan_.shape();
  const std::vector<double> shares = expert_shares(shape.experts, s.ep, s.expert_skew, s.seed, block.layer);
  const auto exchange = [&](std::string_view name, bool back) {
    if (plan_.limits_nodes())
      exchange_by_node(name, shares, back);
    else
      exchange_by_expert(name, shares, back);
  };
  exchange("ep dispatch", false);
  // What tp ranks have of the tokens, each now has of its expert's.
  const uint64_t gathered = plan_.routed_tokens() * s.tp * shape.hidden * kBf16Bytes;
  chain_.collective("tp all-gather", trace::ALL_GATHER, With::Tensor, gathered);
  const double load = s.ep * shares[expert_rank()];  // 1 on average
  const double flops = expert_flops(shape, plan_.tokens() * shape.experts_per_token * load) +
                       mlp_flops(shape, block.layer, plan_.tokens());
  chain_.compute(passes == 1 ? "experts" : "experts backward", passes * plan_.time_ns(flops));
  chain_.collective("tp reduce-scatter", trace::REDUCE_SCATTER, With::Tensor, gathered);
  exchange("ep combine", true);
}

void BlockWriter::exchange_by_expert(std::string_view name, const std::vector<double>& shares, bool back) {
  const ModelShape& shape = plan_.shape();
  const uint64_t token_bytes = shape.hidden * (back ? kBf16Bytes : shape.dispatch_bytes);
  if (plan_.settings().expert_skew == 0)
    return chain_.collective(name, trace::ALL_TO_ALL, With::Experts, plan_.routed_tokens() * token_bytes);
  const std::vector<uint64_t> sent = times(split_tokens(plan_.routed_tokens(), shares), token_bytes);
  // Every rank sends by the same shares, and gets back from each expert rank what it sent there.
  chain_.exchange(name, With::Experts, back ? std::vector<uint64_t>(sent.size(), sent[expert_rank()]) : sent);
}

// Once to each host, to the rank that has the sender's place there, and on within the host [DeepSeek-V3,
// section 3.2.2]; back the other way round.
void BlockWriter::exchange_by_node(std::string_view name, const std::vector<double>& shares, bool back) {
  const ModelShape& shape = plan_.shape();
  const uint32_t per_node = plan_.layout().size_of(With::ExpertNode);
  const uint32_t node = expert_rank() / per_node, place = expert_rank() % per_node;
  const std::vector<double> of_nodes = capped(shares_of_nodes(shares, per_node), 1.0 / shape.nodes_per_token);
  const uint64_t token_bytes = shape.hidden * (back ? kBf16Bytes : shape.dispatch_bytes);
  const uint64_t tokens = plan_.routed_tokens() / shape.experts_per_token;
  const std::vector<uint64_t> to_nodes =
      times(split_tokens(tokens * shape.nodes_per_token, of_nodes), token_bytes);

  std::vector<double> within(shares.begin() + node * per_node, shares.begin() + (node + 1) * per_node);
  const double sum = std::accumulate(within.begin(), within.end(), 0.0);
  for (double& share : within) share /= sum;
  const uint64_t copies = split_tokens(plan_.routed_tokens() * of_nodes.size(), of_nodes)[node];
  const std::vector<uint64_t> to_experts = times(split_tokens(copies, within), token_bytes);

  const auto between = [&] {
    chain_.exchange(name, With::ExpertRail,
                    back ? std::vector<uint64_t>(to_nodes.size(), to_nodes[node]) : to_nodes);
  };
  const auto inside = [&] {
    chain_.exchange(name, With::ExpertNode,
                    back ? std::vector<uint64_t>(to_experts.size(), to_experts[place]) : to_experts);
  };
  if (back) inside();
  between();
  if (!back) inside();
}

}  // namespace railyard::llm
