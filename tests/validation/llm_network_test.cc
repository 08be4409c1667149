// SPDX-License-Identifier: GPL-2.0-only
// The network's part of serving a language model, on an idle fabric.
#include <gtest/gtest.h>

#include <memory>

#include "ns3-modules/replay/model/replay.h"
#include "tests/validation/row.h"
#include "traffic/pattern/workload/llm/inference.h"
#include "traffic/pattern/workload/llm/volumes.h"
#include "traffic/record/metrics.h"

namespace railyard {
namespace {

// One GPU a host, all on one switch.
record::Summary served(const InferenceSettings& settings, BitRate link) {
  std::any any = settings;
  const auto source = inference_workload().make(any, WorkloadContext{});
  RunInput input;
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.leaves = 1;
  input.fabric.hosts_per_leaf =
      settings.prefill_instances * settings.prefill_tp + settings.decode_instances * settings.decode_tp;
  input.fabric.link_rate = input.fabric.uplink_rate = link;
  input.sample_interval = {0};
  JobInput job;
  job.name = "inference";
  job.source = source.value();
  for (uint32_t host = 0; host < input.fabric.hosts_per_leaf; ++host) job.placement.push_back({host, 0});
  input.jobs = {job};
  return record::summarise(ns3::Simulate(input, {}).value());
}

InferenceSettings one_request() {
  InferenceSettings s;
  s.requests = 1;
  s.prefill_tp = s.decode_tp = 1;
  s.prompt = 8'192;
  s.decode_steps = 0;
  s.layerwise = false;
  return s;
}

double cache_seconds(const InferenceSettings& s, BitRate link) {
  return 8.0 * s.prompt * static_cast<double>(llm::kv_bytes_per_token(s.shape())) /
         static_cast<double>(link.bps);
}

TEST(LlmNetwork, PrefillToDecodeTakesItsBytesOverTheBandwidth) {
  const BitRate link = BitRate::gigabits(400);
  for (const uint32_t tp : {1U, 4U}) {
    InferenceSettings s = one_request();
    s.prefill_tp = s.decode_tp = tp;
    const double ours = served(s, link).metrics.at("ttft.network.p99").value;
    const double wanted = cache_seconds(s, link) / tp;
    EXPECT_NEAR(ours / wanted, 1, 0.03);
    print_row(
        fmt::format("L8: Llama-3 8B, prompt of 8,192 tokens, TP {}, 400G, idle: network's part of TTFT", tp),
        fmt::format("{:.2f} ms", 1e3 * wanted), fmt::format("{:.2f} ms", 1e3 * ours), relative(ours, wanted),
        "3 %");
  }
}

// While layers are still computed the network has time for those before: only what is left is waited for.
TEST(LlmNetwork, LayerwiseTransferHidesAllButTheLastLayer) {
  const BitRate link = BitRate::gigabits(400);
  InferenceSettings s = one_request();
  s.layerwise = true;
  const double ours = served(s, link).metrics.at("ttft.network.p99").value;
  const double wanted = cache_seconds(s, link) / s.shape().layers;
  EXPECT_NEAR(ours / wanted, 1, 0.03);
  print_row("L8: the same, TP 1, layer by layer", fmt::format("{:.3f} ms", 1e3 * wanted),
            fmt::format("{:.3f} ms", 1e3 * ours), relative(ours, wanted), "3 %");
}

// A ring all-reduce of n ranks sends 2 (n - 1) / n of its bytes.
TEST(LlmNetwork, InterTokenIsTheSumOfAStepsCollectives) {
  const BitRate link = BitRate::gigabits(400);
  InferenceSettings s;
  s.requests = 1;
  s.prompt = 1;
  s.prefill_tp = s.decode_tp = 4;
  s.decode_steps = 3;
  s.decode_batch = 4'096;
  s.layers = 4;
  s.vocabulary = 16'000;
  const double ours = served(s, link).metrics.at("inter_token.network").value;
  const double one = 2.0 * 3 / 4 * 8 * s.decode_batch * 4'096 * 2 / static_cast<double>(link.bps);
  // Two sums a layer and the embedding's; the logits go round once, not twice.
  const double logits =
      3.0 / 4 * 8 * s.decode_batch * static_cast<double>(s.vocabulary) * 2 / static_cast<double>(link.bps);
  const double wanted = one * (2 * s.layers + 1) + logits;
  EXPECT_NEAR(ours / wanted, 1, 0.06);
  print_row(
      "L8: Llama-3 8B, 4 of its layers, batch of 4,096, TP 4 over 400G: network's part of inter-token "
      "latency",
      fmt::format("{:.2f} ms", 1e3 * wanted), fmt::format("{:.2f} ms", 1e3 * ours), relative(ours, wanted),
      "6 %");
}

}  // namespace
}  // namespace railyard
