// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "tests/unit/workload/key_changes.h"
#include "tests/unit/workload/whole_trace.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/llm/inference.h"
#include "traffic/pattern/workload/llm/volumes.h"

namespace railyard {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

trace::Trace made(const InferenceSettings& settings) {
  return whole_trace(*inference_workload().make(std::any(settings), WorkloadContext{}).value());
}

InferenceSettings small() {
  InferenceSettings s;
  s.layers = 4;
  s.prefill_tp = 4;
  s.decode_tp = 2;
  s.requests = 6;
  s.prompt = 1'000;
  s.decode_steps = 3;
  return s;
}

InferenceSettings with_experts() {
  InferenceSettings s = small();
  s.model = 6;  // deepseek-v3
  s.experts = 64;
  s.prefill_tp = s.decode_tp = 1;
  s.prefill_instances = s.prefill_ep = 2;
  s.decode_instances = s.decode_ep = 64;
  return s;
}

TEST(Inference, CacheIsPromptTimesItsBytesATokenHoweverItIsDivided) {
  for (const bool layerwise : {false, true}) {
    for (const auto& [prefill, decode] : {std::pair<uint32_t, uint32_t>{4, 2}, {2, 8}, {1, 1}}) {
      InferenceSettings s = small();
      s.layerwise = layerwise;
      s.prefill_tp = prefill;
      s.decode_tp = decode;
      s.decode_instances = 2;
      const trace::Trace trace = made(s);
      EXPECT_THAT(trace::validate(trace), IsEmpty());
      EXPECT_TRUE(schedule::compile(trace).has_value());
      uint64_t sent = 0;
      std::map<uint32_t, uint64_t> received;
      for (const trace::Rank& rank : trace.ranks()) {
        for (const trace::Operation& operation : rank.operations()) {
          sent += operation.send().bytes();
          received[rank.rank()] += operation.receive().bytes();
        }
      }
      const uint64_t cache = s.prompt * llm::kv_bytes_per_token(s.shape());
      EXPECT_EQ(sent, s.requests * cache);
      EXPECT_NEAR(static_cast<double>(received[prefill]), static_cast<double>(3 * cache) / decode, 3.0 * 64);
    }
  }
}

TEST(Inference, ExpertsOfAllInstancesDecodeTogether) {
  const trace::Trace trace = made(with_experts());
  EXPECT_THAT(trace::validate(trace), IsEmpty());
  const auto schedule = schedule::compile(trace);
  EXPECT_TRUE(schedule.has_value()) << schedule.error();
  std::map<std::string, uint32_t> counts;
  for (const trace::Operation& operation : trace.ranks(2).operations()) ++counts[operation.name()];
  EXPECT_EQ(counts["inter-token step"], 3u);
  EXPECT_EQ(counts["inter-token dispatch"], 3u * 2)
      << "between hosts and within, one of four layers has experts";
}

TEST(Inference, ArrivalsAreAsSaid) {
  InferenceSettings s;
  s.requests = 100'000;
  s.request_rate = 50;
  const auto gaps = [&] {
    std::vector<double> all;
    uint64_t last = 0;
    for (const uint64_t arrival : llm::request_arrivals(s)) {
      all.push_back(static_cast<double>(arrival - last) * 1e-9);
      last = arrival;
    }
    return all;
  };
  const auto spread = [](const std::vector<double>& values) {
    double sum = 0, squares = 0;
    for (const double value : values) sum += value, squares += value * value;
    const double mean = sum / static_cast<double>(values.size());
    return std::pair<double, double>{
        mean, std::sqrt(squares / static_cast<double>(values.size()) - mean * mean) / mean};
  };
  const auto poisson = spread(gaps());
  EXPECT_NEAR(poisson.first, 0.02, 0.02 * 0.02);
  EXPECT_NEAR(poisson.second, 1, 0.05);
  s.arrivals = Arrivals::Even;
  EXPECT_NEAR(spread(gaps()).second, 0, 1e-3);
  s.arrivals = Arrivals::Bursty;
  const auto bursty = gaps();
  EXPECT_NEAR(spread(bursty).first, 0.02, 0.05 * 0.02);
  EXPECT_EQ(std::count(bursty.begin(), bursty.end(), 0.0), 75'000)
      << "three of four come with the one before";
}

TEST(Inference, EveryKeyChangesTheMessages) {
  const KeyValues base = {{"layers", "4"},     {"hidden", "1024"}, {"prompt", "1000"},   {"requests", "4"},
                          {"prefill_tp", "2"}, {"decode_tp", "2"}, {"decode_steps", "2"}};
  const KeyValues mixtral = {
      {"model", "mixtral-8x7b"}, {"prefill_instances", "2"}, {"decode_instances", "2"}, {"decode_ep", "2"}};
  const KeyValues deepseek = {{"model", "deepseek-v3"}, {"layers", "4"},   {"decode_tp", "1"},
                              {"prefill_tp", "1"},      {"experts", "64"}, {"decode_instances", "64"},
                              {"decode_ep", "64"}};
  KeyValues skewed = mixtral;
  skewed.push_back({"expert_skew", "1"});
  expect_every_key_to_matter(inference_workload(), base,
                             {{{"model", "gpt3-13b"}, {}},
                              {{"layers", "6"}, {}},
                              {{"hidden", "2048"}, {}},
                              {{"ffn", "100000"}, {}},
                              {{"heads", "64"}, {}},
                              {{"kv_heads", "4"}, {}},
                              {{"vocabulary", "1000"}, {}},
                              {{"experts", "16"}, mixtral},
                              {{"experts_per_token", "4"}, mixtral},
                              {{"prefill_instances", "2"}, {}},
                              {{"prefill_tp", "4"}, {}},
                              {{"prefill_ep", "2"}, mixtral},
                              {{"decode_instances", "2"}, {}},
                              {{"decode_tp", "4"}, {}},
                              {{"decode_ep", "1"}, mixtral},
                              {{"requests", "5"}, {}},
                              {{"request_rate", "20"}, {}},
                              {{"arrivals", "even"}, {}},
                              {{"burst", "2"}, {{"arrivals", "bursty"}}},
                              {{"prompt", "500"}, {}},
                              {{"layerwise", "false"}, {}},
                              {{"decode_steps", "3"}, {}},
                              {{"decode_batch", "64"}, {}},
                              {{"mbu", "0.3"}, {}},
                              {{"expert_skew", "1"}, mixtral},
                              {{"node_limited", "false"}, deepseek},
                              {{"gpus_per_node", "4"}, deepseek},
                              {{"seed", "2"}, skewed},
                              {{"gpu", "a100"}, {}},
                              {{"mfu", "0.2"}, {}}});
}

TEST(Inference, SaysWhatDoesNotGoTogether) {
  const auto error = [](const std::function<void(InferenceSettings&)>& change) {
    InferenceSettings s = small();
    change(s);
    const auto source = inference_workload().make(std::any(s), WorkloadContext{});
    return source ? std::string("none") : source.error();
  };
  EXPECT_THAT(error([](auto& s) { s.prefill_tp = 3; }),
              HasSubstr("prefill_tp: 3 does not divide the 32 heads"));
  EXPECT_THAT(error([](auto& s) { s.decode_ep = 2; }), HasSubstr("decode_ep: this model has no experts"));
  EXPECT_THAT(error([](auto& s) { s.decode_instances = s.decode_tp = 32'768; }), HasSubstr("at most 524288"));
  EXPECT_THAT(error([](auto& s) {
                s = with_experts();
                s.requests = 3;
              }),
              HasSubstr("no multiple of prefill_instances = 2"));
}

}  // namespace
}  // namespace railyard
