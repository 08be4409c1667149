// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/model_settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace railyard::llm {

const std::vector<Accelerator>& accelerators() {
  static const std::vector<Accelerator> rows = {
      {"h100", 989.4e12, 3.35e12},  // SXM
      {"a100", 312e12, 2.039e12},   // SXM, 80 GB
      {"b200", 2'250e12, 8e12},
  };
  return rows;
}

ModelShape ModelSettings::shape() const {
  ModelShape shape = models()[model].shape;
  const auto replace = [](auto& of_model, auto with) {
    if (with > 0) of_model = with;
  };
  replace(shape.layers, layers);
  replace(shape.hidden, hidden);
  replace(shape.ffn, ffn);
  replace(shape.heads, heads);
  replace(shape.kv_heads, kv_heads);
  replace(shape.vocabulary, vocabulary);
  replace(shape.experts, experts);
  replace(shape.experts_per_token, experts_per_token);
  return shape;
}

ExpertHosts expert_hosts(const ModelSettings& settings, const ModelShape& shape, uint32_t tp, uint32_t ep) {
  const uint32_t per_host = std::max(1U, settings.gpus_per_node / tp);
  const bool limits =
      settings.node_limited && shape.nodes_per_token > 0 && ep > per_host * shape.nodes_per_token;
  return {limits ? per_host : 1, limits};
}

tl::expected<void, std::string> check_experts(const ModelSettings& settings, const ModelShape& shape,
                                              uint32_t tp, uint32_t ep, uint32_t replicas) {
  if (shape.experts == 0) {
    if (ep == 1) return {};
    return tl::make_unexpected(std::string("ep: this model has no experts; leave it 1"));
  }
  if (replicas % ep != 0)
    return tl::make_unexpected(
        fmt::format("ep: {} does not divide the {} ranks that experts are spread over", ep, replicas));
  if (shape.experts % ep != 0)
    return tl::make_unexpected(fmt::format("ep: {} does not divide the {} experts", ep, shape.experts));
  if (shape.experts_per_token > shape.experts)
    return tl::make_unexpected(fmt::format("experts_per_token: there are {} experts", shape.experts));
  const ExpertHosts hosts = expert_hosts(settings, shape, tp, ep);
  if (ep % hosts.per_host != 0)
    return tl::make_unexpected(
        fmt::format("ep: {} ranks are no whole number of hosts with {} of them (gpus_per_node / tp); set "
                    "node_limited: false or another gpus_per_node",
                    ep, hosts.per_host));
  return {};
}

}  // namespace railyard::llm
