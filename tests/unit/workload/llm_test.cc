// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "tests/unit/workload/key_changes.h"
#include "tests/unit/workload/whole_trace.h"
#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/trace/validate.h"
#include "traffic/pattern/workload/llm/experts.h"
#include "traffic/pattern/workload/llm/training.h"

namespace railyard {
namespace {

using llm::PipelineStep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A model that is small enough to be compiled in no time: 8 layers, and 8 experts where it is Mixtral's.
LlmSettings small(const char* model = "llama3-8b") {
  LlmSettings s;
  for (uint32_t i = 0; i < llm::models().size(); ++i)
    if (llm::models()[i].name == model) s.model = i;
  s.layers = 8;
  s.hidden = 1'024;
  s.ffn = 4'096;
  s.vocabulary = 16'000;
  s.sequence = 256;
  s.tp = s.pp = s.dp = 2;
  s.micro_batches = 4;
  s.bucket_parameters = 1;
  return s;
}

trace::Trace made(const LlmSettings& settings) {
  return whole_trace(*make_llm(settings).value());
}

TEST(LlmLayout, IsThatOfMegatron) {
  // tp 2, cp 2, dp 4, pp 2; 4 expert ranks within the 8 replicas.
  const llm::Degrees degrees = {2, 2, 4, 2, 4};
  const llm::Layout layout(degrees, 1,
                           {llm::With::Tensor, llm::With::Context, llm::With::Data, llm::With::Experts,
                            llm::With::ExpertReplicas, llm::With::Embeddings});
  const auto group = [&](llm::With kind, uint32_t rank) {
    const auto& ranks = layout.groups()[layout.group_of(kind, rank)].ranks();
    return std::vector<uint32_t>(ranks.begin(), ranks.end());
  };
  EXPECT_THAT(group(llm::With::Tensor, 5), ElementsAre(4, 5));
  EXPECT_THAT(group(llm::With::Context, 5), ElementsAre(5, 7));
  EXPECT_THAT(group(llm::With::Data, 5), ElementsAre(1, 3, 5, 7, 9, 11, 13, 15));
  EXPECT_THAT(group(llm::With::Experts, 5), ElementsAre(1, 3, 5, 7));
  EXPECT_THAT(group(llm::With::ExpertReplicas, 5), ElementsAre(5, 13));
  EXPECT_THAT(group(llm::With::Embeddings, 21), ElementsAre(5, 21));
}

std::string orders(const std::vector<PipelineStep>& steps) {
  std::string text;
  for (const PipelineStep& step : steps)
    text += fmt::format("{}{}{} ", step.forward ? "F" : "B", step.micro_batch, step.chunk == 0 ? "" : "'");
  return text;
}

TEST(LlmPipeline, IsOneForwardOneBackward) {
  EXPECT_EQ(orders(llm::pipeline_order(0, 4, 1, 6)), "F0 F1 F2 F3 B0 F4 B1 F5 B2 B3 B4 B5 ");
  EXPECT_EQ(orders(llm::pipeline_order(3, 4, 1, 6)), "F0 B0 F1 B1 F2 B2 F3 B3 F4 B4 F5 B5 ");
  // Narayanan et al., SC 2021, figure 4: two chunks a stage; the last stage of two.
  EXPECT_EQ(orders(llm::pipeline_order(1, 2, 2, 4)),
            "F0 F1 F0' B0' F1' B1' F2 B0 F3 B1 F2' B2' F3' B3' B2 B3 ");
}

TEST(LlmPipeline, TheOuterStagesHaveFewerLayers) {
  const auto counts = [](uint32_t layers, uint32_t stages) {
    std::vector<uint32_t> all;
    uint32_t next = 0;
    for (const llm::LayerRange& range : llm::layers_of_stages(layers, stages)) {
      EXPECT_EQ(range.first, next);
      next += range.count;
      all.push_back(range.count);
    }
    EXPECT_EQ(next, layers);
    return all;
  };
  EXPECT_THAT(counts(14, 4), ElementsAre(3, 4, 4, 3));
  EXPECT_THAT(counts(61, 16), ElementsAre(3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3));
  EXPECT_THAT(counts(5, 4), ElementsAre(1, 1, 2, 1));
}

TEST(LlmExperts, SharesKeepTheSum) {
  for (const double skew : {0.0, 0.5, 2.0}) {
    const auto shares = llm::expert_shares(256, 64, skew, 7, 3);
    EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-12);
    const auto tokens = llm::split_tokens(4'096 * 8, shares);
    EXPECT_EQ(std::accumulate(tokens.begin(), tokens.end(), uint64_t{0}), 4'096u * 8);
    EXPECT_EQ(skew == 0, *std::max_element(tokens.begin(), tokens.end()) == 512);
  }
  EXPECT_THAT(llm::capped({0.7, 0.2, 0.1}, 0.5),
              ElementsAre(0.5, testing::DoubleNear(1.0 / 3, 1e-12), testing::DoubleNear(1.0 / 6, 1e-12)));
  EXPECT_NE(llm::expert_shares(8, 8, 1, 1, 0), llm::expert_shares(8, 8, 1, 1, 1)) << "each layer its own";
}

// Bytes that leave for the experts and come back, of all ranks; each rank's own stay within it, too.
uint64_t exchanged(const LlmSettings& settings, const std::string& name) {
  uint64_t bytes = 0;
  const trace::Trace trace = made(settings);
  for (const trace::Rank& rank : trace.ranks())
    for (const trace::Operation& operation : rank.operations())
      if (operation.name() == name) bytes += operation.collective().bytes();
  return bytes;
}

TEST(LlmExperts, SkewMovesBytesAndKeepsTheirSum) {
  LlmSettings even = small("mixtral-8x7b");
  even.tp = 1;
  even.ep = even.dp = 8;
  LlmSettings skewed = even;
  skewed.expert_skew = 1;
  for (const char* name : {"ep dispatch", "ep combine"})
    EXPECT_EQ(exchanged(even, name), exchanged(skewed, name)) << name;
  LlmSettings limited = small("deepseek-v3");
  limited.tp = limited.pp = 1;
  limited.experts = limited.ep = limited.dp = 64;
  LlmSettings limited_skewed = limited;
  limited_skewed.expert_skew = 0.5;
  EXPECT_EQ(exchanged(limited, "ep dispatch"), exchanged(limited_skewed, "ep dispatch"));
  EXPECT_EQ(exchanged(limited, "ep combine"), 2 * exchanged(limited, "ep dispatch")) << "BF16 against FP8";
}

// Every combination of ways to divide the model can be validated, compiled, and so ends on any fabric.
TEST(Llm, EveryPlanEnds) {
  std::vector<LlmSettings> plans(10, small());
  plans[1].virtual_stages = 2;
  plans[2].sequence_parallel = false;
  plans[3].zero = Zero::Everything;
  plans[3].recompute = true;
  plans[4].cp = 2, plans[4].overlap = false;
  plans[5] = small("mixtral-8x7b");
  plans[5].ep = 4, plans[5].dp = 8, plans[5].expert_skew = 1;
  plans[6] = small("deepseek-v3");
  plans[6].experts = 64, plans[6].tp = 1, plans[6].ep = plans[6].dp = 64, plans[6].expert_skew = 2;
  plans[7] = small("gpt3-13b");
  plans[7].grad_norm = true, plans[7].zero = Zero::Nothing;
  plans[8].pp = 4, plans[8].micro_batches = 8, plans[8].virtual_stages = 2, plans[8].zero = Zero::Everything;
  plans[9].cp = 4, plans[9].cp_exchange = ContextExchange::Ring;
  for (const LlmSettings& plan : plans) {
    const trace::Trace trace = made(plan);
    EXPECT_THAT(trace::validate(trace), IsEmpty());
    const auto schedule = schedule::compile(trace);
    EXPECT_TRUE(schedule.has_value()) << schedule.error();
  }
}

// Ranks are written one at a time, in any order and again: what 16,384 of them need.
TEST(Llm, ARankIsWrittenByItselfAlone) {
  const LlmSettings s = small("mixtral-8x7b");
  const trace::Trace whole = made(s);
  const auto source = make_llm(s).value();
  trace::Rank scratch;
  for (const uint32_t rank : {5U, 0U, 5U})
    EXPECT_EQ(source->rank(rank, scratch).SerializeAsString(),
              whole.ranks(static_cast<int>(rank)).SerializeAsString());
  EXPECT_TRUE(schedule::compile(*source).has_value());
}

// Where overlap is true the backward pass goes on while gradients are reduced, where not the chain waits.
TEST(Llm, OverlapPutsReductionsBesideTheBackwardPass) {
  const auto waits = [](bool overlap) {
    LlmSettings s = small();
    s.tp = s.pp = 1;
    s.overlap = overlap;
    const trace::Trace trace = made(s);
    const auto& list = trace.ranks(0).operations();
    uint32_t computed_after_first = 0;
    for (int i = 0; i < list.size(); ++i) {
      if (list[i].name() != "dp reduce-scatter") continue;
      for (int j = i + 1; j < list.size(); ++j) computed_after_first += list[j].has_compute() ? 1 : 0;
      break;
    }
    return computed_after_first;
  };
  EXPECT_GT(waits(true), 16u) << "two of each of 8 layers, but the output's";
  EXPECT_EQ(waits(false), 0u);
}

TEST(Llm, EveryKeyChangesTheMessages) {
  const KeyValues base = {{"layers", "8"},
                          {"hidden", "1024"},
                          {"ffn", "4096"},
                          {"vocabulary", "16000"},
                          {"sequence", "256"},
                          {"tp", "2"},
                          {"pp", "2"},
                          {"dp", "2"},
                          {"micro_batches", "4"},
                          {"bucket_parameters", "1"}};
  const KeyValues mixtral = {{"model", "mixtral-8x7b"}, {"dp", "4"}, {"ep", "4"}};
  KeyValues skewed = mixtral;
  skewed.push_back({"expert_skew", "1"});
  const KeyValues deepseek = {
      {"model", "deepseek-v3"}, {"experts", "64"}, {"tp", "1"}, {"dp", "64"}, {"ep", "64"}};
  expect_every_key_to_matter(llm_workload(), base,
                             {{{"model", "gpt3-13b"}, {}},
                              {{"layers", "4"}, {}},
                              {{"hidden", "2048"}, {}},
                              {{"ffn", "1024"}, {}},
                              {{"heads", "16"}, {}},
                              {{"kv_heads", "4"}, {}},
                              {{"vocabulary", "1000"}, {}},
                              {{"experts", "16"}, mixtral},
                              {{"experts_per_token", "4"}, mixtral},
                              {{"sequence", "512"}, {}},
                              {{"tp", "4"}, {}},
                              {{"pp", "4"}, {}},
                              {{"dp", "4"}, {}},
                              {{"cp", "2"}, {}},
                              {{"cp_exchange", "ring"}, {{"cp", "2"}}},
                              {{"ep", "2"}, mixtral},
                              {{"virtual_stages", "2"}, {}},
                              {{"micro_batches", "2"}, {}},
                              {{"micro_batch", "2"}, {}},
                              {{"sequence_parallel", "false"}, {}},
                              {{"zero", "0"}, {}},
                              {{"zero", "3"}, {}},
                              {{"overlap", "false"}, {}},
                              {{"recompute", "true"}, {}},
                              {{"gradient_bytes", "2"}, {}},
                              {{"bucket_parameters", "100000000"}, {}},
                              {{"gradient_compression", "4"}, {}},
                              {{"grad_norm", "true"}, {}},
                              {{"expert_skew", "1"}, mixtral},
                              {{"node_limited", "false"}, deepseek},
                              {{"gpus_per_node", "4"}, deepseek},
                              {{"seed", "2"}, skewed},
                              {{"gpu", "a100"}, {}},
                              {{"mfu", "0.5"}, {}},
                              {{"layer_time", "1ms"}, {}}});
}

// Forward c - 1 of c parts of the keys and values pass each rank, backward twice as much.
TEST(Llm, ARingPassesTheOthersKeysAndValues) {
  LlmSettings s = small();
  s.tp = s.pp = s.dp = s.micro_batches = 1;
  s.cp = 4;
  s.cp_exchange = ContextExchange::Ring;
  const trace::Trace trace = made(s);
  uint64_t sent = 0;
  for (const trace::Operation& operation : trace.ranks(2).operations()) {
    if (operation.name() != "cp ring" || !operation.has_send()) continue;
    EXPECT_EQ(operation.send().peer(), 3u);
    sent += operation.send().bytes();
  }
  constexpr uint64_t kKeysAndValues = 2 * 8 * 128 * 2;  // heads, width, BF16
  EXPECT_EQ(sent, 8 * 3 * (256 / 4) * kKeysAndValues * 3) << "layers, hops, tokens; once and twice";
}

TEST(Llm, CompressionDividesTheGradientsAlone) {
  LlmSettings s = small();
  s.pp = 1;
  const auto bytes = [](const LlmSettings& settings, const char* name) {
    uint64_t sum = 0;
    const trace::Trace trace = made(settings);
    for (const trace::Operation& operation : trace.ranks(0).operations())
      if (operation.name() == name) sum += operation.collective().bytes();
    return sum;
  };
  LlmSettings compressed = s;
  compressed.gradient_compression = 8;
  EXPECT_EQ(bytes(s, "dp reduce-scatter"), 8 * bytes(compressed, "dp reduce-scatter"));
  EXPECT_EQ(bytes(s, "dp all-gather"), bytes(compressed, "dp all-gather"));
}

TEST(Llm, SaysWhatDoesNotGoTogether) {
  const auto error = [](const std::function<void(LlmSettings&)>& change, const char* model = "llama3-8b") {
    LlmSettings s = small(model);
    change(s);
    const auto source = make_llm(s);
    return source ? std::string("none") : source.error();
  };
  EXPECT_THAT(error([](auto& s) { s.tp = s.pp = s.dp = 1; }), HasSubstr("one rank, which sends nothing"));
  EXPECT_THAT(error([](auto& s) { s.tp = 3; }), HasSubstr("tp: 3 does not divide the 32 heads"));
  EXPECT_THAT(error([](auto& s) { s.pp = 1, s.virtual_stages = 2; }), HasSubstr("raise pp"));
  EXPECT_THAT(error([](auto& s) { s.virtual_stages = 2, s.micro_batches = 3; }),
              HasSubstr("no multiple of pp = 2"));
  EXPECT_THAT(error([](auto& s) { s.pp = 16; }), HasSubstr("there are 8 layers"));
  EXPECT_THAT(error([](auto& s) { s.ep = 2; }), HasSubstr("has no experts"));
  EXPECT_THAT(error([](auto& s) { s.ep = 4; }, "mixtral-8x7b"), HasSubstr("does not divide the 2 ranks"));
  EXPECT_THAT(error([](auto& s) { s.ep = s.dp = 16; }, "mixtral-8x7b"), HasSubstr("the 8 experts"));
  EXPECT_THAT(error([](auto& s) { s.sequence_parallel = false; }, "mixtral-8x7b"), HasSubstr("must be true"));
  EXPECT_THAT(error([](auto& s) { s.sequence = 255; }), HasSubstr("no multiple of cp x tp = 2"));
  EXPECT_THAT(error([](auto& s) { s.dp = s.cp = 65'536; }), HasSubstr("at most 1048576 ranks"));
}

}  // namespace
}  // namespace railyard
