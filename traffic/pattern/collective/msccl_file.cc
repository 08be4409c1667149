// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/msccl_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace railyard::collective {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr int64_t kMostGpus = 1 << 20;
constexpr int64_t kMaxChunks = 1 << 20;
constexpr int64_t kMostBytes = int64_t{1} << 43;

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
  std::string_view text(std::string_view key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string_view() : found->second;
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
    if (file.gpus.empty()) return tl::make_unexpected(path_ + ": has no gpu: it is no MSCCL algorithm");
    return {};
  }

  MscclFile file;

 private:
  Failure failure(const Tag& tag, const std::string& what) const {
    return tl::make_unexpected(fmt::format("{}: byte {}: {}", path_, tag.offset, what));
  }

  tl::expected<void, std::string> read_algorithm(const Tag& tag) {
    const int64_t count = tag.number("ngpus");
    const int64_t chunks = tag.number("nchunksperloop");
    if (count < 2 || count > kMostGpus || chunks < 1 || chunks > kMaxChunks)
      return failure(tag, "ngpus or nchunksperloop is missing or no count");
    file.gpu_count = static_cast<uint32_t>(count);
    file.chunks = static_cast<uint64_t>(chunks);
    file.collective = tag.text("coll");
    file.protocol = tag.text("proto");
    const int64_t least = tag.number("minBytes", 0), most = tag.number("maxBytes", 0);
    if (least > 0 && least <= kMostBytes) file.least_bytes = static_cast<uint64_t>(least);
    if (most > 0 && most <= kMostBytes) file.most_bytes = static_cast<uint64_t>(most);
    return {};
  }

  tl::expected<void, std::string> read_gpu(const Tag& tag) {
    const int64_t id = tag.number("id");
    if (id < 0 || id >= file.gpu_count)
      return failure(tag, fmt::format("a gpu's id must be below ngpus, {}", file.gpu_count));
    file.gpus.push_back({static_cast<uint32_t>(id), {}});
    block_ = nullptr;
    return {};
  }

  tl::expected<void, std::string> read_block(const Tag& tag) {
    const int64_t id = tag.number("id");
    const int64_t channel = tag.number("chan", 0);
    if (file.gpus.empty() || id < 0 || channel < 0 || channel > kMaxChunks)
      return failure(tag, "a tb without gpu or id");
    block_ = &file.gpus.back().blocks[id];
    block_->send_to = tag.number("send");
    block_->receive_from = tag.number("recv");
    block_->channel = static_cast<uint32_t>(channel);
    if (std::max(block_->send_to, block_->receive_from) >= file.gpu_count)
      return failure(tag, fmt::format("a tb's peer must be below ngpus, {}", file.gpu_count));
    return {};
  }

  tl::expected<void, std::string> read_step(const Tag& tag) {
    if (block_ == nullptr) return failure(tag, "a step without tb");
    const auto type = tag.attributes.find("type");
    const std::string_view name = type == tag.attributes.end() ? "" : type->second;
    MscclStep step;
    step.receives = name == "r" || name == "rrc" || name == "rcs" || name == "rrs" || name == "rrcs";
    step.sends = name == "s" || name == "rcs" || name == "rrs" || name == "rrcs";
    step.reduces = name == "rrc" || name == "rrs" || name == "rrcs";
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
  MscclBlock* block_ = nullptr;
};

}  // namespace

tl::expected<MscclFile, std::string> parse_msccl(const std::string& place, std::string_view text) {
  const auto tags = tags_of(place, text);
  if (!tags) return tl::make_unexpected(tags.error());
  Reader reader(place);
  if (auto read = reader.run(*tags); !read) return tl::make_unexpected(read.error());
  return std::move(reader.file);
}

}  // namespace railyard::collective
