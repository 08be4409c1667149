// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/msccl.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr uint64_t kChunkBytes = 128 << 10;  // as ASTRA-sim's microbenchmarks of 1 MiB in 8 chunks
constexpr int64_t kMaxChunks = 1 << 20;

struct Tag {
  std::string_view name;  // "/gpu" where it closes
  std::map<std::string_view, std::string_view> attributes;
  size_t offset = 0;

  int64_t number(std::string_view key, int64_t otherwise = -1) const {
    const auto found = attributes.find(key);
    if (found == attributes.end()) return otherwise;
    int64_t value = 0;
    const std::string_view text = found->second;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end == text.data() + text.size() ? value : otherwise;
  }
};

// Attributes without entities, which is all that msccl-tools writes. False where the text is no tag.
bool parse_tag(std::string_view text, Tag& tag) {
  constexpr std::string_view kSpaces = " \t\r\n";
  size_t at = text.find_first_of(" \t\r\n/", 1);
  tag.name = text.substr(0, at);
  while (at != std::string_view::npos) {
    at = text.find_first_not_of(" \t\r\n/", at);
    if (at == std::string_view::npos) return true;
    const size_t equals = text.find('=', at);
    if (equals == std::string_view::npos || equals + 1 >= text.size()) return false;
    const char quote = text[equals + 1];
    const size_t end = text.find(quote, equals + 2);
    if ((quote != '"' && quote != '\'') || end == std::string_view::npos) return false;
    std::string_view key = text.substr(at, equals - at);
    key = key.substr(0, key.find_last_not_of(kSpaces) + 1);
    tag.attributes[key] = text.substr(equals + 2, end - equals - 2);
    at = end + 1;
  }
  return true;
}

tl::expected<std::vector<Tag>, std::string> tags_of(const std::string& path, std::string_view text) {
  std::vector<Tag> tags;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const bool is_comment = text.substr(at, 4) == "<!--";
    const size_t end = text.find(is_comment ? "-->" : ">", at);
    const bool is_tag = !is_comment && text.substr(at, 2) != "<?" && text.substr(at, 2) != "<!";
    Tag tag;
    tag.offset = at;
    if (end == std::string_view::npos || (is_tag && !parse_tag(text.substr(at + 1, end - at - 1), tag)))
      return tl::make_unexpected(fmt::format("{}: byte {}: the XML is cut short or damaged", path, at));
    if (is_tag) tags.push_back(std::move(tag));
    at = end;
  }
  return tags;
}

struct Step {
  bool receives = false, sends = false;
  uint64_t chunks = 0;
  int64_t waits_for_block = -1, waits_for_step = -1;
};

struct ThreadBlock {
  int64_t send_to = -1, receive_from = -1;
  uint32_t channel = 0;
  std::vector<Step> steps;
};

struct Gpu {
  uint32_t id = 0;
  std::map<int64_t, ThreadBlock> blocks;
};

class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  tl::expected<void, std::string> run(const std::vector<Tag>& tags) {
    for (const Tag& tag : tags) {
      tl::expected<void, std::string> read;
      if (tag.name == "algo") read = read_algorithm(tag);
      if (tag.name == "gpu") read = read_gpu(tag);
      if (tag.name == "tb") read = read_block(tag);
      if (tag.name == "step") read = read_step(tag);
      if (!read) return read;
    }
    if (gpus.empty()) return tl::make_unexpected(path_ + ": has no gpu: it is no MSCCL algorithm");
    return {};
  }

  uint32_t gpu_count = 0;
  uint64_t chunk_bytes = kChunkBytes;
  std::vector<Gpu> gpus;

 private:
  Failure failure(const Tag& tag, const std::string& what) const {
    return tl::make_unexpected(fmt::format("{}: byte {}: {}", path_, tag.offset, what));
  }

  tl::expected<void, std::string> read_algorithm(const Tag& tag) {
    const int64_t count = tag.number("ngpus");
    const int64_t chunks = tag.number("nchunksperloop");
    if (count < 2 || count > kMaxCaptureRank || chunks < 1 || chunks > kMaxChunks)
      return failure(tag, "ngpus or nchunksperloop is missing or no count");
    gpu_count = static_cast<uint32_t>(count);
    const int64_t least = tag.number("minBytes", 0);
    if (least >= chunks && least <= kMaxCaptureBytes) chunk_bytes = static_cast<uint64_t>(least / chunks);
    return {};
  }

  tl::expected<void, std::string> read_gpu(const Tag& tag) {
    const int64_t id = tag.number("id");
    if (id < 0 || id >= gpu_count)
      return failure(tag, fmt::format("a gpu's id must be below ngpus, {}", gpu_count));
    gpus.push_back({static_cast<uint32_t>(id), {}});
    block_ = nullptr;
    return {};
  }

  tl::expected<void, std::string> read_block(const Tag& tag) {
    const int64_t id = tag.number("id");
    const int64_t channel = tag.number("chan", 0);
    if (gpus.empty() || id < 0 || channel < 0 || channel > kMaxChunks)
      return failure(tag, "a tb without gpu or id");
    block_ = &gpus.back().blocks[id];
    block_->send_to = tag.number("send");
    block_->receive_from = tag.number("recv");
    block_->channel = static_cast<uint32_t>(channel);
    if (std::max(block_->send_to, block_->receive_from) >= gpu_count)
      return failure(tag, fmt::format("a tb's peer must be below ngpus, {}", gpu_count));
    return {};
  }

  tl::expected<void, std::string> read_step(const Tag& tag) {
    if (block_ == nullptr) return failure(tag, "a step without tb");
    const auto type = tag.attributes.find("type");
    const std::string_view name = type == tag.attributes.end() ? "" : type->second;
    Step step;
    step.receives = name == "r" || name == "rrc" || name == "rcs" || name == "rrs" || name == "rrcs";
    step.sends = name == "s" || name == "rcs" || name == "rrs" || name == "rrcs";
    if (!step.receives && !step.sends && name != "cp" && name != "re" && name != "nop")
      return failure(tag, fmt::format("'{}' is no step of MSCCL", name));
    if ((step.sends && block_->send_to < 0) || (step.receives && block_->receive_from < 0))
      return failure(tag, fmt::format("step '{}' in a tb without that peer", name));
    const int64_t chunks = tag.number("cnt", 1);
    if (chunks < 0 || chunks > kMaxChunks) return failure(tag, "cnt is no number of chunks");
    step.chunks = static_cast<uint64_t>(chunks);
    step.waits_for_block = tag.number("depid");
    step.waits_for_step = tag.number("deps");
    block_->steps.push_back(step);
    return {};
  }

  const std::string path_;
  ThreadBlock* block_ = nullptr;
};

// The thread blocks of a GPU in turn, each as far as what it waits for has been placed.
class GpuBuilder {
 public:
  GpuBuilder(const Gpu& gpu, uint64_t chunk_bytes, CommunicationLedger& ledger, Rank& rank)
      : gpu_(gpu), chunk_bytes_(chunk_bytes), ledger_(ledger), builder_(rank) {}

  // False where steps wait for each other in a circle.
  bool run() {
    size_t left = 0;
    for (const auto& [id, block] : gpu_.blocks) left += block.steps.size();
    for (bool progress = true; progress;) {
      progress = false;
      for (const auto& [id, block] : gpu_.blocks) {
        std::vector<RankBuilder::Indices>& done = done_[id];
        while (done.size() < block.steps.size() && is_ready(block.steps[done.size()])) {
          place(block, done);
          --left;
          progress = true;
        }
      }
    }
    return left == 0;
  }

 private:
  bool is_ready(const Step& step) const {
    if (step.waits_for_block < 0 || step.waits_for_step < 0) return true;
    const auto block = done_.find(step.waits_for_block);
    return block != done_.end() && static_cast<size_t>(step.waits_for_step) < block->second.size();
  }

  void place(const ThreadBlock& block, std::vector<RankBuilder::Indices>& done) {
    const Step& step = block.steps[done.size()];
    RankBuilder::Indices after;
    if (!done.empty()) after = done.back();
    if (step.waits_for_block >= 0 && step.waits_for_step >= 0) {
      const auto& other = done_.at(step.waits_for_block)[static_cast<size_t>(step.waits_for_step)];
      after.insert(after.end(), other.begin(), other.end());
      std::sort(after.begin(), after.end());
      after.erase(std::unique(after.begin(), after.end()), after.end());
    }
    const uint64_t bytes = step.chunks * chunk_bytes_;
    if (step.receives)
      after = {builder_.receive(static_cast<uint32_t>(block.receive_from), bytes, block.channel, after)};
    if (step.sends)
      after = {builder_.send(static_cast<uint32_t>(block.send_to), bytes, block.channel, after)};
    if (step.receives || step.sends) ledger_.attribute(0);
    done.push_back(std::move(after));
  }

  const Gpu& gpu_;
  const uint64_t chunk_bytes_;
  CommunicationLedger& ledger_;
  RankBuilder builder_;
  std::map<int64_t, std::vector<RankBuilder::Indices>> done_;  // by thread block, of each step: what ends it
};

}  // namespace

bool recognises_msccl(std::string_view content) {
  // Chakra's converter keeps the algorithm's text in its .et files.
  const size_t first = content.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && content[first] == '<' &&
         content.find("<algo") != std::string_view::npos &&
         content.find("nchunksperloop") != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_msccl(const std::vector<std::string>& files,
                                                     const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: an MSCCL algorithm holds all GPUs: import one file at a time", files.front()));
  const std::string& path = files.front();
  const auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  const auto tags = tags_of(path, *content);
  if (!tags) return tl::make_unexpected(tags.error());
  Reader reader(path);
  if (auto read = reader.run(*tags); !read) return tl::make_unexpected(read.error());
  CommunicationLedger ledger;
  std::vector<ImportedRank> ranks;
  for (const Gpu& gpu : reader.gpus) {
    ImportedRank imported;
    imported.file = path;
    imported.world_size = reader.gpu_count;
    imported.rank.set_rank(gpu.id);
    if (!GpuBuilder(gpu, reader.chunk_bytes, ledger, imported.rank).run())
      return tl::make_unexpected(
          fmt::format("{}: steps of gpu {} wait for one another in a circle", path, gpu.id));
    ranks.push_back(std::move(imported));
  }
  if (ledger.empty()) return tl::make_unexpected(path + ": nothing is sent in it");
  auto trace = assemble(std::move(ranks), GroupTable(), options);
  if (!trace) return tl::make_unexpected(trace.error());
  ledger.append_to(*trace->mutable_header());
  trace->mutable_header()->set_plain_messages(true);
  return ImportResult{std::move(*trace), {}};
}

}  // namespace railyard::trace
