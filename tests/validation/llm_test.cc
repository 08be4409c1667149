// SPDX-License-Identifier: BSD-3-Clause
// What a training step of a language model sends, counted from what its ranks are told to do, against
// published figures.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/validation/row.h"
#include "traffic/pattern/workload/llm/training.h"

namespace railyard {
namespace {

using llm::ModelShape;
using llm::TrainingPlan;

constexpr double kGiga = 1e9;
constexpr double kMega = 1e6;

uint32_t model_called(std::string_view name) {
  for (uint32_t i = 0; i < llm::models().size(); ++i)
    if (llm::models()[i].name == name) return i;
  ADD_FAILURE() << name;
  return 0;
}

const ModelShape& shape_of(std::string_view name) {
  return llm::models()[model_called(name)].shape;
}

trace::Rank rank_of(const TrainingPlan& plan, uint32_t rank) {
  trace::Rank operations;
  trace::RankBuilder builder(operations);
  plan.write_rank(rank, builder);
  return operations;
}

// Bytes of a rank's operations by name, and how many there are.
struct Sum {
  uint64_t bytes = 0, count = 0;
};
std::map<std::string, Sum> sums_of(const trace::Rank& rank) {
  std::map<std::string, Sum> sums;
  for (const trace::Operation& operation : rank.operations()) {
    Sum& sum = sums[operation.name()];
    sum.bytes += operation.has_collective() ? operation.collective().bytes() : operation.send().bytes();
    ++sum.count;
  }
  return sums;
}

// As published to so many digits; `within` more, as a part, where the two count differently.
void expect_published(const std::string& item, double ours, double published, int digits,
                      const std::string& unit, double within = 0) {
  EXPECT_NEAR(ours, published, 0.5001 * std::pow(10, -digits) + within * published) << item;
  print_row(item, fmt::format("{:.{}f} {}", published, digits, unit),
            fmt::format("{:.{}f} {}", ours, digits, unit), relative(ours, published),
            within > 0 ? fmt::format("{:.2f} %", 100 * within) : "its last digit");
}

void expect_bytes(const std::string& item, uint64_t ours, uint64_t published) {
  EXPECT_EQ(ours, published) << item;
  print_row(item, fmt::format("{} B", published), fmt::format("{} B", ours),
            relative(static_cast<double>(ours), static_cast<double>(published)), "exact");
}

TEST(Llm, ParametersAreThePublished) {
  const std::vector<std::pair<const char*, std::pair<double, int>>> published = {
      {"llama3-8b", {8.03, 2}},  {"llama3-70b", {70.55, 2}},  {"llama3-405b", {405.85, 2}},
      {"gpt3-175b", {174.6, 1}}, {"mixtral-8x7b", {46.7, 1}}, {"deepseek-v3", {671.0, 1}}};
  for (const auto& [name, value] : published)
    expect_published(fmt::format("L1: parameters of {}", name),
                     static_cast<double>(llm::total_parameters(shape_of(name))) / kGiga, value.first,
                     value.second, "G");
}

TEST(Llm, CacheOfATokenIsThePublished) {
  expect_bytes("L2: KV of a token, llama3-405b", llm::kv_bytes_per_token(shape_of("llama3-405b")), 516'096);
  expect_bytes("L2: KV of a token, llama3-70b", llm::kv_bytes_per_token(shape_of("llama3-70b")), 327'680);
  expect_bytes("L2: KV of a token, llama3-8b", llm::kv_bytes_per_token(shape_of("llama3-8b")), 131'072);
  expect_bytes("L2: KV of a token, deepseek-v3", llm::kv_bytes_per_token(shape_of("deepseek-v3")), 70'272);
}

LlmSettings llama_7b() {
  LlmSettings s;
  s.model = model_called("llama3-8b");
  s.ffn = 11'008;
  s.kv_heads = 32;
  s.vocabulary = 32'000;
  s.sequence = 2'048;
  return s;
}

TEST(Llm, ZeroThreeIsThatOfAicb) {
  LlmSettings s = llama_7b();
  s.dp = 128;
  s.zero = Zero::Everything;
  s.recompute = true;
  s.gradient_bytes = 2;
  expect_published("L3: Llama-7B: parameters", static_cast<double>(llm::total_parameters(s.shape())) / kGiga,
                   6.74, 2, "G");
  const auto sums = sums_of(rank_of(TrainingPlan::make(s).value(), 77));
  expect_bytes("L3: Llama-7B, ZeRO-3, DP 128: reduce-scatter (AICB's file)",
               sums.at("dp reduce-scatter").bytes, 13'476'831'232);
  // AICB's file has 532,480 B more: its optimizer's step gathers the norms' parameters once again.
  expect_bytes(
      "L3: Llama-7B, ZeRO-3, DP 128: all-gather, three times all parameters (AICB's file without its step)",
      sums.at("dp all-gather").bytes, 40'431'026'176 - 65 * 8'192);
  s.recompute = false;
  EXPECT_EQ(sums_of(rank_of(TrainingPlan::make(s).value(), 0)).at("dp all-gather").bytes,
            2 * sums.at("dp reduce-scatter").bytes);
}

// What AICB counts as a Llama-7B under Megatron: no gate, biases, a learned embedding of 2,048 positions, and
// one of tokens, which is the output's, too.
ModelShape aicb_megatron() {
  ModelShape shape = llama_7b().shape();
  shape.mlp_matrices = 2;
  shape.biases = true;
  shape.positions = 2'048;
  shape.tied_embeddings = true;
  return shape;
}

TEST(Llm, MegatronIsThatOfAicb) {
  LlmSettings s = llama_7b();
  s.tp = 2;
  s.dp = 64;
  s.sequence_parallel = false;
  const TrainingPlan plan = TrainingPlan::make(s, aicb_megatron()).value();
  const auto sums = sums_of(rank_of(plan, 5));
  EXPECT_EQ(sums.at("dp reduce-scatter").bytes / 4, 2'591'674'368u);
  expect_bytes("L4: Llama-7B as AICB counts it, TP 2, DP 64: reduce-scatter",
               sums.at("dp reduce-scatter").bytes, 10'366'697'472);
  // Its file has 96 B more, of its set-up.
  expect_bytes("L4: Llama-7B as AICB counts it, TP 2, DP 64: all-gather", sums.at("dp all-gather").bytes,
               5'183'348'832 - 96);
  EXPECT_EQ(sums.at("tp all-reduce").bytes, 16'777'216u * (64 + 64 + 2));
  EXPECT_EQ(sums.at("tp all-reduce").count, 130u) << "2 a layer and pass, the embedding's, the output's";
  EXPECT_EQ(sums.at("tp cross-entropy").count, 3u);
  EXPECT_EQ(sums.at("tp cross-entropy").bytes, 3 * 8'192u);

  const auto true_shape = sums_of(rank_of(TrainingPlan::make(s).value(), 5));
  expect_published("L4: Llama-7B by its true shape, TP 2: reduce-scatter",
                   static_cast<double>(true_shape.at("dp reduce-scatter").bytes) / kGiga, 13.48, 2, "GB");
  expect_published("L4: Llama-7B by its true shape, TP 2: all-gather",
                   static_cast<double>(true_shape.at("dp all-gather").bytes) / kGiga, 6.74, 2, "GB");
}

// SimAI's sample (data/traces/simai in AICB's count): no biases, two embeddings of 32,000 tokens that are not
// tied, one of 2,048 positions; its norms are not in the gradients, ours are.
TEST(Llm, Gpt13bIsThatOfSimai) {
  LlmSettings s;
  s.sequence = 2'048;
  s.tp = 8;
  s.dp = 16;
  ModelShape shape = shape_of("gpt3-13b");
  shape.biases = shape.tied_embeddings = false;
  shape.vocabulary = 32'000;
  const auto sums = sums_of(rank_of(TrainingPlan::make(s, shape).value(), 0));
  constexpr double kNorms = 0.0003;
  expect_published("L4: GPT-13B as SimAI counts it, TP 8, DP 16: reduce-scatter",
                   static_cast<double>(sums.at("dp reduce-scatter").bytes) / kGiga, 6.497, 3, "GB", kNorms);
  expect_published("L4: GPT-13B as SimAI counts it, TP 8, DP 16: all-gather",
                   static_cast<double>(sums.at("dp all-gather").bytes) / kGiga, 3.249, 3, "GB", kNorms);
  const Sum& tensor = sums.at("tp all-gather");
  EXPECT_EQ(tensor.bytes, tensor.count * 20'971'520);
}

TEST(Llm, Llama405bOn16384Gpus) {
  LlmSettings s;
  s.model = model_called("llama3-405b");
  s.tp = 8;
  s.pp = 16;
  s.dp = 128;
  s.micro_batches = 16;  // a batch of 16 sequences a replica, one each [The Llama 3 Herd of Models, table 4]
  const TrainingPlan plan = TrainingPlan::make(s).value();
  ASSERT_EQ(plan.ranks(), 16'384u);
  double gathered = 0, reduced = 0;
  std::vector<std::map<std::string, Sum>> stages;
  for (uint32_t stage = 0; stage < s.pp; ++stage) {
    stages.push_back(sums_of(rank_of(plan, plan.layout().rank_at({3, 100, stage}))));
    gathered += static_cast<double>(stages.back().at("dp all-gather").bytes) / s.pp / kGiga;
    reduced += static_cast<double>(stages.back().at("dp reduce-scatter").bytes) / s.pp / kGiga;
  }
  expect_published("L5: Llama-3 405B, TP8 PP16 DP128: all-gather, mean of all GPUs", gathered, 6.34, 2, "GB");
  expect_published("L5: Llama-3 405B, TP8 PP16 DP128: reduce-scatter, mean of all GPUs", reduced, 12.68, 2,
                   "GB");
  // What is published divides the norms by TP, too, which every rank has whole.
  constexpr double kNorms = 0.0002;
  const auto gb = [&](uint32_t stage, const char* name) {
    return static_cast<double>(stages[stage].at(name).bytes) / kGiga;
  };
  expect_published("L5: of a middle stage, 8 layers: all-gather", gb(7, "dp all-gather"), 6.375, 3, "GB",
                   kNorms);
  expect_published("L5: of a middle stage, 8 layers: reduce-scatter", gb(7, "dp reduce-scatter"), 12.751, 3,
                   "GB", kNorms);
  expect_published("L5: of the first stage, 7 layers and the embedding: all-gather", gb(0, "dp all-gather"),
                   6.104, 3, "GB");
  const Sum& tensor = stages[7].at("tp all-gather");
  expect_published("L5: a message of tensor parallelism",
                   static_cast<double>(tensor.bytes) / static_cast<double>(tensor.count) / kMega, 268.4, 1,
                   "MB");
  EXPECT_EQ(tensor.count, 16u * 8 * (2 + 4));
  // The sends of 16 micro-batches and the receives of as many, which this does not count in bytes.
  const Sum& pipeline = stages[7].at("pp forward");
  EXPECT_EQ(pipeline.count, 32u);
  expect_published("L5: a message of the pipeline", static_cast<double>(pipeline.bytes) / 16 / kMega, 33.6, 1,
                   "MB");
}

TEST(Llm, ExpertsAreSentWhatIsPublished) {
  LlmSettings s;
  s.model = model_called("deepseek-v3");
  s.ep = s.dp = 64;
  s.node_limited = false;
  const auto one_exchange = [](const LlmSettings& settings, const char* name) {
    const trace::Rank rank = rank_of(TrainingPlan::make(settings).value(), 5);
    for (const trace::Operation& operation : rank.operations())
      if (operation.name() == name) return operation.collective().bytes();
    return uint64_t{0};
  };
  expect_published("L6: DeepSeek-V3, 4,096 tokens: dispatch",
                   static_cast<double>(one_exchange(s, "ep dispatch")) / kMega, 234.9, 1, "MB");
  s.node_limited = true;
  expect_published("L6: DeepSeek-V3, 4,096 tokens: dispatch between hosts, 4 a token",
                   static_cast<double>(one_exchange(s, "ep dispatch")) / kMega, 117.4, 1, "MB");
  LlmSettings mixtral;
  mixtral.model = model_called("mixtral-8x7b");
  mixtral.ep = mixtral.dp = 8;
  expect_published("L6: Mixtral 8x7B, 4,096 tokens: an all-to-all",
                   static_cast<double>(one_exchange(mixtral, "ep dispatch")) / kMega, 67.1, 1, "MB");
}

TEST(Llm, CheckpointOf405b) {
  const auto bytes =
      static_cast<double>(llm::total_parameters(shape_of("llama3-405b")) * llm::kCheckpointBytes);
  expect_published("L7: checkpoint of Llama-3 405B", bytes / 1e12, 5.68, 2, "TB");
  expect_published("L7: checkpoint of Llama-3 405B, a GPU of 16,384", bytes / 16'384 / kMega, 347, 0, "MB");
}

}  // namespace
}  // namespace railyard
