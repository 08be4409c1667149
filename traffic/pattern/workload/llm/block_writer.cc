// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/block_writer.h"

namespace railyard::llm {
namespace {

constexpr uint32_t kRingTag = 2;  // 0 and 1 are the pipeline's
constexpr double kCausal = 0.5;   // a token attends to half of its sequence on average

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
  const uint64_t attention_ns = plan_.time_ns(flops(block, Half::Attention));
  if (rings()) {
    attention_ring("attention", attention_ns, plan_.kv_bytes() / plan_.settings().cp);
  } else {
    chain_.collective("cp all-gather", trace::ALL_GATHER, With::Context, plan_.kv_bytes());
    chain_.compute("attention", attention_ns);
  }
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
  const uint64_t attention_ns = plan_.time_ns(flops(block, Half::Attention));
  if (rings()) {
    // Keys and values go round again, and their gradients with them, beside half of the computation.
    attention_ring("attention backward", attention_ns, 2 * plan_.kv_bytes() / plan_.settings().cp);
    return backward_half("attention backward", attention_ns / 2);
  }
  backward_half("attention backward", attention_ns);
  chain_.collective("cp reduce-scatter", trace::REDUCE_SCATTER, With::Context, plan_.kv_bytes());
}

// While a rank computes with one part of the sequence, it hands that part on and gets the next one.
void BlockWriter::attention_ring(std::string_view name, uint64_t compute_ns, uint64_t hop_bytes) {
  const uint32_t cp = plan_.settings().cp;
  const Coordinates at = plan_.layout().of(rank_);
  const uint32_t place = at.replica % cp, first = at.replica - place;
  const auto neighbour = [&](uint32_t step) {
    return plan_.layout().rank_at({at.tp, first + (place + step) % cp, at.stage});
  };
  for (uint32_t part = 0; part < cp; ++part) {
    Chain::Indices next;
    if (part + 1 < cp) {
      chain_.send("cp ring", neighbour(1), hop_bytes, kRingTag);
      next = chain_.receive_beside("cp ring", neighbour(cp - 1), hop_bytes, kRingTag);
    }
    chain_.compute(name, compute_ns / cp);
    chain_.wait(next);
  }
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

void BlockWriter::experts(const Block& block, uint32_t passes) {
  const ModelShape& shape = plan_.shape();
  const uint64_t routed = plan_.settings().tokens() / plan_.settings().cp;  // of all tp ranks
  experts_.dispatch(block.layer, routed / plan_.settings().tp);
  // What tp ranks have of the tokens, each now has of its expert's.
  const uint64_t gathered = routed * shape.experts_per_token * shape.hidden * kBf16Bytes;
  chain_.collective("tp all-gather", trace::ALL_GATHER, With::Tensor, gathered);
  const double flops =
      expert_flops(shape, plan_.tokens() * shape.experts_per_token * experts_.load(block.layer)) +
      mlp_flops(shape, block.layer, plan_.tokens());
  chain_.compute(passes == 1 ? "experts" : "experts backward", passes * plan_.time_ns(flops));
  chain_.collective("tp reduce-scatter", trace::REDUCE_SCATTER, With::Tensor, gathered);
  experts_.combine(block.layer, routed / plan_.settings().tp);
}

}  // namespace railyard::llm
