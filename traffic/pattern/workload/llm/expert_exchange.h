// SPDX-License-Identifier: BSD-3-Clause
// Tokens go to their experts and come back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/pattern/workload/llm/chain.h"
#include "traffic/pattern/workload/llm/model_settings.h"

namespace railyard::llm {

class ExpertExchange {
 public:
  // `prefix` begins the names of its collectives.
  ExpertExchange(const ModelSettings& settings, const ModelShape& shape, const Layout& layout, uint32_t rank,
                 bool limits_nodes, std::string_view prefix, Chain& chain);

  // `tokens` are those of this rank, each of which goes to experts_per_token experts. Dispatch is in the
  // model's narrow format, combine in BF16 [DeepSeek-V3, section 3.3.2].
  void dispatch(uint32_t layer, uint64_t tokens);
  void combine(uint32_t layer, uint64_t tokens);
  // What this rank's experts get of the layer's tokens, as a multiple of the average.
  double load(uint32_t layer) const;

 private:
  std::vector<double> shares(uint32_t layer) const;
  uint64_t token_bytes(bool back) const;
  void by_expert(uint32_t layer, uint64_t tokens, bool back);
  void by_node(uint32_t layer, uint64_t tokens, bool back);

  const ModelSettings& settings_;
  const ModelShape& shape_;
  const Layout& layout_;
  bool limits_nodes_;
  uint32_t ep_, place_;  // of the rank among those with experts
  std::string dispatch_, combine_;
  Chain& chain_;
};

}  // namespace railyard::llm
