// SPDX-License-Identifier: BSD-3-Clause
// Serving a language model with prefill and decode on ranks of their own [Zhong et al., "DistServe", OSDI
// 2024; Qin et al., "Mooncake", FAST 2025]: requests arrive, prefill instances go through their prompts and
// send keys and values to decode instances, which meanwhile make tokens for a batch of earlier requests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/llm/layout.h"
#include "traffic/pattern/workload/llm/model_settings.h"
#include "traffic/pattern/workload/workload.h"

namespace railyard {

enum class Arrivals : uint8_t { Poisson, Bursty, Even };

struct InferenceSettings : llm::ModelSettings {
  uint32_t prefill_instances = 1, prefill_tp = 8, prefill_ep = 1;
  uint32_t decode_instances = 1, decode_tp = 8, decode_ep = 1;
  uint32_t requests = 16;
  double request_rate = 10;  // a second, of all instances together
  Arrivals arrivals = Arrivals::Poisson;
  uint32_t burst = 4;  // requests that arrive together, where they are bursty
  uint32_t prompt = 2'048;
  bool layerwise = true;
  uint32_t decode_steps = 16;
  uint32_t decode_batch = 32;  // sequences of an instance
  double mbu = 0.6;
};

const std::vector<Parameter<InferenceSettings>>& parameters_of(const InferenceSettings*);
Workload inference_workload();

namespace llm {

class InferencePlan {
 public:
  // The error is one sentence that names the keys that do not go together.
  static tl::expected<InferencePlan, std::string> make(const InferenceSettings& settings);

  uint32_t ranks() const { return prefill_.ranks() + decode_.ranks(); }
  trace::Header header() const;
  // The rank's operations, by the plan and the rank alone. Prefill ranks come first, instance after instance.
  void write_rank(uint32_t rank, trace::RankBuilder& to) const;

 private:
  explicit InferencePlan(const InferenceSettings& settings);

  // A message of keys and values, as sender and receiver list it.
  struct CacheMessage {
    std::string_view name;
    uint32_t layer = 0;                    // after which it is sent
    uint32_t source = 0, destination = 0;  // ranks
    uint64_t bytes = 0;
  };
  std::vector<CacheMessage> cache_messages(uint32_t request) const;
  void write_prefill(uint32_t rank, trace::RankBuilder& to) const;
  void write_decode(uint32_t rank, trace::RankBuilder& to) const;

  InferenceSettings settings_;
  ModelShape shape_;
  ExpertHosts prefill_hosts_, decode_hosts_;
  Layout prefill_, decode_;
  std::vector<uint64_t> arrivals_ns_;  // of each request, from the job's start
};

// When requests arrive, in nanoseconds from the start.
std::vector<uint64_t> request_arrivals(const InferenceSettings& settings);

}  // namespace llm
}  // namespace railyard
