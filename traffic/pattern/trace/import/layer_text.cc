// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/layer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/parallel_group_table.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::array<std::string_view, 10> kPolicies = {"MICRO",
                                                        "DATA",
                                                        "MODEL",
                                                        "HYBRID_DATA_MODEL",
                                                        "HYBRID_MODEL_DATA",
                                                        "HYBRID_DLRM",
                                                        "HYBRID_DLRM_ENHANCED",
                                                        "HYBRID_TRANSFORMER",
                                                        "HYBRID_TRANSFORMER_FWD_IN_BCKWD",
                                                        "HYBRID_CUSTOMIZED"};
constexpr uint64_t kMaxNanoseconds = uint64_t{1} << 53;
constexpr uint64_t kMaxOperations = uint64_t{1} << 24;  // of all ranks

// One computation and what is sent after it.
struct Phase {
  uint64_t compute_ns = 0;
  CollectiveKind kind = COLLECTIVE_UNSPECIFIED;
  ParallelGroup group = ParallelGroup::World;
  uint64_t bytes = 0;
};

struct Layer {
  std::string name;
  Phase forward, input_gradient, weight_gradient;
  uint64_t update_ns = 0;
};

struct Workload {
  std::string policy;
  Parallelism parallelism;
  bool says_world = false;
  std::vector<Layer> layers;
};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view kSpaces = " \t\r";
  for (size_t at = line.find_first_not_of(kSpaces); at != std::string_view::npos;
       at = line.find_first_not_of(kSpaces, at)) {
    const size_t end = std::min(line.find_first_of(kSpaces, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<uint64_t> number(std::string_view word, uint64_t limit) {
  uint64_t value = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failed != std::errc() || end != word.data() + word.size() || value > limit) return std::nullopt;
  return value;
}

class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  tl::expected<Workload, std::string> run(std::string_view text) {
    Workload workload;
    std::optional<uint64_t> layers;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      const auto words = words_of(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++line_;
      if (words.empty()) continue;
      if (workload.policy.empty()) {
        if (auto read = read_header(words, workload); !read) return tl::make_unexpected(read.error());
      } else if (!layers) {
        layers = number(words[0], kMaxOperations);
        if (!layers) return failure("expected the number of layers");
      } else {
        auto layer = read_layer(words, workload.policy);
        if (!layer) return tl::make_unexpected(layer.error());
        workload.layers.push_back(std::move(*layer));
      }
    }
    if (!layers || workload.layers.size() != *layers)
      return failure(fmt::format("the file has {} layers, and says {}: it is cut short",
                                 workload.layers.size(), layers.value_or(0)));
    return workload;
  }

 private:
  Failure failure(const std::string& what) const {
    return tl::make_unexpected(fmt::format("{}:{}: {}", path_, line_, what));
  }

  // "HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 8 ep: 1 pp: 1 vpp: 1 ga: 1 all_gpus: 64 ..."
  tl::expected<void, std::string> read_header(const std::vector<std::string_view>& words,
                                              Workload& workload) {
    workload.policy = std::string(words[0]);
    if (std::find(kPolicies.begin(), kPolicies.end(), words[0]) == kPolicies.end())
      return failure(fmt::format("'{}' is no parallelisation of ASTRA-sim or SimAI", words[0]));
    Parallelism& p = workload.parallelism;
    const std::array<std::pair<std::string_view, uint32_t*>, 4> keys = {
        {{"model_parallel_NPU_group:", &p.tensor},
         {"ep:", &p.expert},
         {"pp:", &p.pipeline},
         {"all_gpus:", &p.world}}};
    for (size_t i = 1; i + 1 < words.size(); ++i) {
      for (const auto& [key, value] : keys) {
        if (words[i] != key) continue;
        const auto read = number(words[i + 1], kMaxCaptureRank);
        if (!read || *read == 0) return failure(fmt::format("{} must be a number of ranks", key));
        *value = static_cast<uint32_t>(*read);
        workload.says_world |= key == "all_gpus:";
      }
    }
    return {};
  }

  tl::expected<Layer, std::string> read_layer(const std::vector<std::string_view>& words,
                                              const std::string& policy) {
    constexpr size_t kColumns = 12;
    if (words.size() < kColumns)
      return failure(fmt::format("a layer has {} columns, not {}", kColumns, words.size()));
    Layer layer;
    layer.name = std::string(words[0]);
    const std::array<std::pair<Phase*, bool>, 3> phases = {
        {{&layer.forward, false}, {&layer.input_gradient, false}, {&layer.weight_gradient, true}}};
    for (size_t i = 0; i < phases.size(); ++i) {
      const size_t column = 2 + 3 * i;
      auto phase = read_phase(words[column], words[column + 1], words[column + 2], phases[i].second, policy);
      if (!phase) return tl::make_unexpected(phase.error());
      *phases[i].first = *phase;
    }
    const auto update = number(words[11], kMaxNanoseconds);
    if (!update) return failure("the update time is no number");
    layer.update_ns = *update;
    return layer;
  }

  tl::expected<Phase, std::string> read_phase(std::string_view compute, std::string_view what,
                                              std::string_view bytes, bool is_weight_gradient,
                                              const std::string& policy) {
    Phase phase;
    const auto time = number(compute, kMaxNanoseconds);
    const auto size = number(bytes, static_cast<uint64_t>(kMaxCaptureBytes));
    if (!time || !size)
      return failure(fmt::format("'{}' or '{}' is no number of ns or bytes", compute, bytes));
    phase.compute_ns = *time;
    phase.bytes = *size;
    if (what == "NONE" || *size == 0) return phase;
    const auto ends_with = [&](std::string_view end) {
      return what.size() > end.size() && what.substr(what.size() - end.size()) == end;
    };
    phase.group = is_weight_gradient ? ParallelGroup::Data : ParallelGroup::Tensor;
    if (policy == "MICRO" || policy == "DATA" || policy == "MODEL" || policy.rfind("HYBRID_DLRM", 0) == 0)
      phase.group = ParallelGroup::World;
    for (const auto& [suffix, group] :
         {std::pair<std::string_view, ParallelGroup>{"_DP_EP", ParallelGroup::ExpertData},
          {"_EP", ParallelGroup::Expert}}) {
      if (!ends_with(suffix)) continue;
      phase.group = group;
      what.remove_suffix(suffix.size());
      break;
    }
    const CommunicationName known = parse_communication_name(what);
    if (known.kind != CommunicationKind::Collective)
      return failure(fmt::format("'{}' is no collective", what));
    phase.kind = known.collective;
    return phase;
  }

  const std::string path_;
  size_t line_ = 0;
};

// One rank's step.
class StepBuilder {
 public:
  StepBuilder(const Workload& workload, ParallelGroupTable& groups, CommunicationLedger& ledger,
              uint32_t number)
      : workload_(workload), groups_(groups), ledger_(ledger), number_(number), builder_(rank_) {
    rank_.set_rank(number);
  }

  Rank run() {
    for (const Layer& layer : workload_.layers) add(layer, layer.forward, true);
    for (auto layer = workload_.layers.rbegin(); layer != workload_.layers.rend(); ++layer) {
      add(*layer, layer->input_gradient, true);
      add(*layer, layer->weight_gradient, false);
      if (layer->update_ns > 0) updates_ns_ += layer->update_ns;
    }
    last_.insert(last_.end(), beside_.begin(), beside_.end());
    if (updates_ns_ > 0) builder_.compute("update", updates_ns_, last_);
    return std::move(rank_);
  }

 private:
  void add(const Layer& layer, const Phase& phase, bool waits) {
    if (phase.compute_ns > 0) last_ = {builder_.compute(layer.name, phase.compute_ns, last_)};
    if (phase.kind == COLLECTIVE_UNSPECIFIED) return;
    if (group_of(workload_.parallelism, phase.group, number_).count < 2) return;
    static const std::map<ParallelGroup, std::string> names = {
        {ParallelGroup::World, "world"},
        {ParallelGroup::Tensor, "tensor parallel"},
        {ParallelGroup::Data, "data parallel"},
        {ParallelGroup::Expert, "expert parallel"},
        {ParallelGroup::ExpertData, "expert data parallel"},
        {ParallelGroup::Pipeline, "pipeline"}};
    const uint32_t group = groups_.index_of(phase.group, names.at(phase.group), number_);
    const uint32_t index = builder_.collective(layer.name, phase.kind, group, phase.bytes, last_);
    ledger_.attribute(0);
    if (waits) {
      last_ = {index};
    } else {
      beside_.push_back(index);
    }
  }

  const Workload& workload_;
  ParallelGroupTable& groups_;
  CommunicationLedger& ledger_;
  const uint32_t number_;
  Rank rank_;
  RankBuilder builder_;
  RankBuilder::Indices last_, beside_;
  uint64_t updates_ns_ = 0;
};

}  // namespace

bool recognises_layer_text(std::string_view content) {
  const auto words = words_of(content.substr(0, content.find('\n')));
  return !words.empty() && std::find(kPolicies.begin(), kPolicies.end(), words[0]) != kPolicies.end();
}

tl::expected<ImportResult, std::string> import_layer_text(const std::vector<std::string>& files,
                                                          const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: a layer workload holds all ranks: import one file at a time", files.front()));
  const auto content = read_file(files.front());
  if (!content) return tl::make_unexpected(content.error());
  auto workload = Reader(files.front()).run(*content);
  if (!workload) return tl::make_unexpected(workload.error());
  Parallelism& p = workload->parallelism;
  if (options.world_size != 0) p.world = options.world_size;
  if (options.world_size == 0 && !workload->says_world) {
    if (!options.partial)
      return tl::make_unexpected(
          fmt::format("{}: does not say how many ranks the job has: give it (--fill-missing-ranks N; 'world: "
                      "N' in a scenario)",
                      files.front()));
    p.world = std::max(2U, p.tensor * p.pipeline * p.expert);
  }
  if (!p.fits())
    return tl::make_unexpected(
        fmt::format("{}: {} ranks do not divide into tensor {} x pipeline {}, with {} experts' ranks",
                    files.front(), p.world, p.tensor, p.pipeline, p.expert));
  if (p.world * workload->layers.size() * 6 > kMaxOperations)
    return tl::make_unexpected(
        fmt::format("{}: {} layers on {} ranks are more than {} operations: import fewer layers",
                    files.front(), workload->layers.size(), p.world, kMaxOperations));
  ParallelGroupTable groups(p);
  CommunicationLedger ledger;
  std::vector<ImportedRank> ranks;
  for (uint32_t r = 0; r < p.world; ++r)
    ranks.push_back({files.front(), p.world, StepBuilder(*workload, groups, ledger, r).run()});
  if (ledger.empty()) return tl::make_unexpected(files.front() + ": no layer communicates");
  ImportResult result;
  if (p.pipeline > 1)
    result.warnings.push_back(
        "pipeline stages: the file does not say what they send each other; every rank does all layers of its "
        "stage");
  ImportOptions whole = options;
  whole.world_size = 0;
  auto trace = assemble(std::move(ranks), groups.groups(), whole);
  if (!trace) return tl::make_unexpected(trace.error());
  result.trace = std::move(*trace);
  ledger.append_to(*result.trace.mutable_header());
  return result;
}

}  // namespace railyard::trace
