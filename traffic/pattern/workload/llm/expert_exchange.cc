// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/expert_exchange.h"

#include <numeric>

#include "traffic/pattern/workload/llm/experts.h"
#include "traffic/pattern/workload/llm/volumes.h"

namespace railyard::llm {
namespace {

std::vector<uint64_t> times(std::vector<uint64_t> counts, uint64_t bytes) {
  for (uint64_t& count : counts) count *= bytes;
  return counts;
}

}  // namespace

ExpertExchange::ExpertExchange(const ModelSettings& settings, const ModelShape& shape, const Layout& layout,
                               uint32_t rank, bool limits_nodes, std::string_view prefix, Chain& chain)
    : settings_(settings),
      shape_(shape),
      layout_(layout),
      limits_nodes_(limits_nodes),
      ep_(layout.size_of(With::Experts)),
      place_(layout.of(rank).replica % ep_),
      dispatch_(std::string(prefix) + "dispatch"),
      combine_(std::string(prefix) + "combine"),
      chain_(chain) {}

std::vector<double> ExpertExchange::shares(uint32_t layer) const {
  return expert_shares(shape_.experts, ep_, settings_.expert_skew, settings_.seed, layer);
}

double ExpertExchange::load(uint32_t layer) const {
  return ep_ * shares(layer)[place_];
}

uint64_t ExpertExchange::token_bytes(bool back) const {
  return shape_.hidden * (back ? kBf16Bytes : shape_.dispatch_bytes);
}

void ExpertExchange::dispatch(uint32_t layer, uint64_t tokens) {
  if (limits_nodes_)
    by_node(layer, tokens, false);
  else
    by_expert(layer, tokens, false);
}

void ExpertExchange::combine(uint32_t layer, uint64_t tokens) {
  if (limits_nodes_)
    by_node(layer, tokens, true);
  else
    by_expert(layer, tokens, true);
}

void ExpertExchange::by_expert(uint32_t layer, uint64_t tokens, bool back) {
  const std::string& name = back ? combine_ : dispatch_;
  const uint64_t copies = tokens * shape_.experts_per_token;
  if (settings_.expert_skew == 0)
    return chain_.collective(name, trace::ALL_TO_ALL, With::Experts, copies * token_bytes(back));
  const std::vector<uint64_t> sent = times(split_tokens(copies, shares(layer)), token_bytes(back));
  // Every rank sends by the same shares, and gets back from each what it sent there.
  chain_.exchange(name, With::Experts, back ? std::vector<uint64_t>(sent.size(), sent[place_]) : sent);
}

// Once to each host, to the rank that has the sender's place there, and on within the host [DeepSeek-V3,
// section 3.2.2]; back the other way round.
void ExpertExchange::by_node(uint32_t layer, uint64_t tokens, bool back) {
  const std::string& name = back ? combine_ : dispatch_;
  const std::vector<double> all = shares(layer);
  const uint32_t per_node = layout_.size_of(With::ExpertNode);
  const uint32_t node = place_ / per_node, place = place_ % per_node;
  const std::vector<double> of_nodes = capped(shares_of_nodes(all, per_node), 1.0 / shape_.nodes_per_token);
  const std::vector<uint64_t> to_nodes =
      times(split_tokens(tokens * shape_.nodes_per_token, of_nodes), token_bytes(back));

  const auto first = all.begin() + static_cast<std::ptrdiff_t>(size_t{node} * per_node);
  std::vector<double> within(first, first + per_node);
  const double sum = std::accumulate(within.begin(), within.end(), 0.0);
  for (double& share : within) share /= sum;
  const uint64_t copies = split_tokens(tokens * shape_.experts_per_token * of_nodes.size(), of_nodes)[node];
  const std::vector<uint64_t> to_experts = times(split_tokens(copies, within), token_bytes(back));

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
