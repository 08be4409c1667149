// SPDX-License-Identifier: BSD-3-Clause
// The forward pass of a model that is served: tensor parallelism with two all-reduces a layer [Shoeybi et
// al., "Megatron-LM", 2019], experts spread over instances.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "traffic/pattern/workload/llm/chain.h"
#include "traffic/pattern/workload/llm/expert_exchange.h"
#include "traffic/pattern/workload/llm/model_settings.h"

namespace railyard::llm {

struct Serving {
  const ModelSettings& settings;
  const ModelShape& shape;
  const Layout& layout;
  bool limits_nodes;
  std::string_view prefix;  // of the names of what is sent
  uint64_t tokens;          // of an instance, in one pass
  uint64_t cached;          // tokens before each of these; 0: they are one another's, as in a prompt
};

class ServingWriter {
 public:
  ServingWriter(const Serving& serving, double mbu, uint32_t rank, Chain& chain);

  // What instances with experts agree on first, their batches' sizes; without these, the sum of the embedding
  // that tp ranks divide. Once a pass, which is how passes are counted.
  void begin_step();
  void layer(uint32_t layer);
  // The next token of so many sequences: tp ranks gather the logits that they divide.
  void end_step(uint64_t sequences);

 private:
  void compute(std::string_view name, double flops, double bytes);
  void sum();  // over tp ranks

  Serving serving_;
  double mbu_;
  Chain& chain_;
  ExpertExchange experts_;
  std::string step_, sum_;
};

}  // namespace railyard::llm
