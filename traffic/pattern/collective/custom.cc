// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/custom.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "traffic/units/quantity.h"

namespace railyard::collective {
namespace {

using Failure = tl::unexpected<std::string>;
using Block = CustomAlgorithm::Block;

constexpr uint64_t kMostInAMessage = 1
                                     << 15;  // chunks; of 1 MiB, half of what a queue pair's message may have

// "reduce_scatter" is "reducescatter".
std::string bare(std::string_view text) {
  std::string bare;
  for (const char c : text)
    if (c != '_') bare += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return bare;
}

std::optional<Kind> kind_called(std::string_view name) {
  for (size_t k = 0; k < kKinds; ++k)
    if (bare(name_of(static_cast<Kind>(k))) == bare(name)) return static_cast<Kind>(k);
  return std::nullopt;
}

std::optional<Protocol> protocol_called(std::string_view name) {
  const std::string known = bare(name);
  if (known == "simple") return Protocol::Simple;
  if (known == "ll") return Protocol::LL;
  if (known == "ll128") return Protocol::LL128;
  return std::nullopt;
}

// Null where the GPU has fewer.
const Block* block_of(const Call& call) {
  const std::vector<Block>& blocks = call.custom->blocks()[call.me];
  return call.strand < blocks.size() ? &blocks[call.strand] : nullptr;
}

uint64_t chunk_bytes(const Call& call) {
  return call.bytes / call.custom->chunks();
}
uint64_t loops(const Call& call) {
  return divide_up(chunk_bytes(call), call.options.ring_slice_bytes);
}

uint64_t step_count(const Call& call) {
  const Block* block = block_of(call);
  return block == nullptr ? 0 : loops(call) * block->steps.size();
}

uint64_t receive_count(const Call& call) {
  const Block* block = block_of(call);
  return block == nullptr ? 0 : loops(call) * block->receives;
}

Step step(const Call& call, uint64_t index) {
  const Block& block = *block_of(call);
  const uint64_t loop = index / block.steps.size();
  const MscclStep& what = block.steps[index % block.steps.size()];
  const uint64_t bytes = what.chunks * part_of(chunk_bytes(call), loops(call), loop).bytes;
  Step step;
  if (what.receives && bytes > 0) step.receive = {block.receive_from, 0, bytes};
  if (what.sends && bytes > 0) step.send = {block.send_to, 0, bytes};
  step.send_needs = index;
  step.reduce = what.reduces;
  if (what.waits_for_block >= 0) {
    const auto other = static_cast<uint32_t>(what.waits_for_block);
    step.receive_needs = loop * call.custom->blocks()[call.me][other].steps.size() +
                         static_cast<uint64_t>(what.waits_for_step);
    step.receive_needs_strand = other;
  }
  return step;
}

uint32_t window(const Call& call) {
  return slots_of(call.options, call.options.ring_slice_bytes);
}

std::vector<uint32_t> peers(const Call& call) {
  const Block* block = block_of(call);
  if (block == nullptr || block->send_to == kNobody || call.bytes == 0) return {};
  return {block->send_to};
}

uint32_t receiver_strand(const Call& call) {
  return block_of(call)->receiver;
}

}  // namespace

tl::expected<std::shared_ptr<const CustomAlgorithm>, std::string> CustomAlgorithm::make(
    const std::string& name, std::string text) {
  const auto file = parse_msccl(name, text);
  if (!file) return tl::make_unexpected(file.error());
  auto made = std::make_shared<CustomAlgorithm>();
  made->name_ = name;
  made->text_ = std::move(text);
  if (auto taken = made->take(*file); !taken) return tl::make_unexpected(name + ": " + taken.error());
  return made;
}

tl::expected<void, std::string> CustomAlgorithm::take(const MscclFile& file) {
  const auto kind = kind_called(file.collective);
  if (!kind || *kind == Kind::Barrier)
    return tl::make_unexpected(fmt::format("its coll, '{}', is no collective here", file.collective));
  const auto protocol = protocol_called(file.protocol);
  if (!protocol)
    return tl::make_unexpected(
        fmt::format("its proto, '{}', is not known; it must be Simple, LL or LL128", file.protocol));
  protocol_ = *protocol;
  chunks_ = file.chunks;
  least_bytes_ = file.least_bytes;
  most_bytes_ = file.most_bytes;
  blocks_.resize(file.gpu_count);
  for (const MscclGpu& gpu : file.gpus)
    if (auto taken = take_gpu(gpu); !taken) return taken;
  if (auto connected = connect(); !connected) return connected;
  if (auto ends = check_progress(); !ends) return ends;
  size_t strands = 0;
  for (const std::vector<Block>& blocks : blocks_) strands = std::max(strands, blocks.size());
  row_ = {"custom",   *kind,         Lanes::Custom,  static_cast<uint32_t>(strands),
          step_count, receive_count, step,           window,
          peers,      nullptr,       receiver_strand};
  return {};
}

tl::expected<void, std::string> CustomAlgorithm::take_gpu(const MscclGpu& gpu) {
  const auto failure = [&](const std::string& what) -> Failure {
    return tl::make_unexpected(fmt::format("gpu {}: {}", gpu.id, what));
  };
  std::vector<Block>& blocks = blocks_[gpu.id];
  if (!blocks.empty()) return failure("it is there twice");
  const auto peer = [](int64_t gpu) { return gpu < 0 ? kNobody : static_cast<uint32_t>(gpu); };
  for (const auto& [id, from] : gpu.blocks) {
    Block& block = blocks.emplace_back();
    block.channel = from.channel;
    for (MscclStep step : from.steps) {
      const auto nth = block.steps.size();
      if (step.chunks > kMostInAMessage)
        return failure(fmt::format("tb {}, step {}: {} chunks; at most {} go in a message", id, nth,
                                   step.chunks, kMostInAMessage));
      const auto other = gpu.blocks.find(step.waits_for_block);
      if (step.waits_for_block < 0 || step.waits_for_step < 0) {
        step.waits_for_block = step.waits_for_step = -1;
      } else if (other == gpu.blocks.end() ||
                 static_cast<size_t>(step.waits_for_step) >= other->second.steps.size()) {
        return failure(fmt::format("tb {}, step {}: waits for step {} of tb {}, which is not there", id, nth,
                                   step.waits_for_step, step.waits_for_block));
      } else {
        step.waits_for_block = std::distance(gpu.blocks.begin(), other);
      }
      if (step.sends) block.send_to = peer(from.send_to);
      if (step.receives) block.receive_from = peer(from.receive_from);
      block.receives += step.receives ? 1 : 0;
      block.steps.push_back(step);
    }
    if (block.send_to == gpu.id || block.receive_from == gpu.id)
      return failure(fmt::format("tb {}: sends to itself", id));
  }
  return {};
}

namespace {

std::vector<uint64_t> sizes(const Block& block, bool sent) {
  std::vector<uint64_t> sizes;
  for (const MscclStep& step : block.steps)
    if (sent ? step.sends : step.receives) sizes.push_back(step.chunks);
  return sizes;
}

}  // namespace

// A block's messages go to the one block of their GPU that receives from here on the same channel.
tl::expected<void, std::string> CustomAlgorithm::connect() {
  size_t sending = 0, receiving = 0;
  for (uint32_t gpu = 0; gpu < blocks_.size(); ++gpu)
    for (Block& block : blocks_[gpu]) {
      receiving += block.receive_from == kNobody ? 0 : 1;
      if (block.send_to == kNobody) continue;
      ++sending;
      const std::vector<Block>& there = blocks_[block.send_to];
      const auto takes = [&](const Block& other) {
        return other.receive_from == gpu && other.channel == block.channel;
      };
      const auto receiver = std::find_if(there.begin(), there.end(), takes);
      if (std::count_if(there.begin(), there.end(), takes) != 1)
        return tl::make_unexpected(
            fmt::format("gpu {} sends to gpu {} on channel {}, where not one tb receives it but {}", gpu,
                        block.send_to, block.channel, std::count_if(there.begin(), there.end(), takes)));
      if (sizes(block, true) != sizes(*receiver, false))
        return tl::make_unexpected(
            fmt::format("gpu {} sends to gpu {} on channel {} other numbers of chunks than that receives",
                        gpu, block.send_to, block.channel));
      block.receiver = static_cast<uint32_t>(receiver - there.begin());
    }
  if (sending != receiving)
    return tl::make_unexpected(std::string("a tb receives what no tb sends, or two send what one receives"));
  if (sending == 0) return tl::make_unexpected(std::string("nothing is sent in it"));
  return {};
}

// Runs it once with messages that take no time.
tl::expected<void, std::string> CustomAlgorithm::check_progress() const {
  std::vector<std::vector<size_t>> passed(blocks_.size());
  std::vector<std::vector<uint64_t>> arrived(blocks_.size());
  for (size_t gpu = 0; gpu < blocks_.size(); ++gpu) {
    passed[gpu].resize(blocks_[gpu].size());
    arrived[gpu].resize(blocks_[gpu].size());
  }
  bool progress = true, all = false;
  while (progress && !all) {
    progress = false, all = true;
    for (size_t gpu = 0; gpu < blocks_.size(); ++gpu)
      for (size_t b = 0; b < blocks_[gpu].size(); ++b) {
        const Block& block = blocks_[gpu][b];
        for (size_t& at = passed[gpu][b]; at < block.steps.size(); ++at) {
          const MscclStep& step = block.steps[at];
          const bool waits =
              step.waits_for_block >= 0 && passed[gpu][static_cast<size_t>(step.waits_for_block)] <=
                                               static_cast<size_t>(step.waits_for_step);
          if (waits || (step.receives && arrived[gpu][b] == 0)) break;
          arrived[gpu][b] -= step.receives ? 1 : 0;
          if (step.sends) ++arrived[block.send_to][block.receiver];
          progress = true;
        }
        all = all && passed[gpu][b] == block.steps.size();
      }
  }
  if (all) return {};
  return tl::make_unexpected(std::string("its steps wait for one another in a circle"));
}

bool CustomAlgorithm::carries(Kind kind, uint64_t bytes, uint32_t members) const {
  return kind == row_.kind && members == blocks_.size() && bytes >= std::max(least_bytes_, chunks_) &&
         (most_bytes_ == 0 || bytes <= most_bytes_) && bytes % chunks_ == 0;
}

std::string CustomAlgorithm::what_it_carries() const {
  std::string text = fmt::format("{} among {} members", name_of(row_.kind), blocks_.size());
  if (least_bytes_ > 0) text += fmt::format(", from {}", format(Bytes{least_bytes_}));
  if (most_bytes_ > 0) text += fmt::format(", up to {}", format(Bytes{most_bytes_}));
  return text + fmt::format(", whose bytes are a multiple of {}", chunks_);
}

}  // namespace railyard::collective
