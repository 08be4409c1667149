// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/msccl.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "traffic/pattern/collective/msccl_file.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

constexpr uint64_t kChunkBytes = 128 << 10;  // as ASTRA-sim's microbenchmarks of 1 MiB in 8 chunks

// The thread blocks of a GPU in turn, each as far as what it waits for has been placed.
class GpuBuilder {
 public:
  GpuBuilder(const collective::MscclGpu& gpu, uint64_t chunk_bytes, CommunicationLedger& ledger, Rank& rank)
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
  bool is_ready(const collective::MscclStep& step) const {
    if (step.waits_for_block < 0 || step.waits_for_step < 0) return true;
    const auto block = done_.find(step.waits_for_block);
    return block != done_.end() && static_cast<size_t>(step.waits_for_step) < block->second.size();
  }

  void place(const collective::MscclBlock& block, std::vector<RankBuilder::Indices>& done) {
    const collective::MscclStep& step = block.steps[done.size()];
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

  const collective::MscclGpu& gpu_;
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
  const auto algorithm = collective::parse_msccl(path, *content);
  if (!algorithm) return tl::make_unexpected(algorithm.error());
  const bool has_size = algorithm->least_bytes >= algorithm->chunks;
  const uint64_t chunk_bytes = has_size ? algorithm->least_bytes / algorithm->chunks : kChunkBytes;
  CommunicationLedger ledger;
  std::vector<ImportedRank> ranks;
  for (const collective::MscclGpu& gpu : algorithm->gpus) {
    ImportedRank imported;
    imported.file = path;
    imported.world_size = algorithm->gpu_count;
    imported.rank.set_rank(gpu.id);
    if (!GpuBuilder(gpu, chunk_bytes, ledger, imported.rank).run())
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
