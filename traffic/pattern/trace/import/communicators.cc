// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/communicators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

class Builder {
 public:
  Builder(CommunicatorCapture capture, const ImportOptions& options)
      : capture_(std::move(capture)), options_(options) {}

  tl::expected<ImportResult, std::string> run() {
    choose_world();
    if (auto numbered = number_processes(); !numbered) return tl::make_unexpected(numbered.error());
    std::vector<ImportedRank> ranks;
    for (size_t p = 0; p < capture_.processes.size(); ++p) ranks.push_back(convert(p));
    if (ledger_.empty())
      return tl::make_unexpected(
          fmt::format("{}: no communication was found in the capture", capture_.processes.front().file));
    auto trace = assemble(std::move(ranks), groups_, options_);
    if (!trace) return tl::make_unexpected(trace.error());
    ledger_.append_to(*trace->mutable_header());
    if (!timed_) warnings_.add("capture without times: nothing is computed between communications");
    return ImportResult{std::move(*trace), warnings_.lines()};
  }

 private:
  void choose_world() {
    for (const auto& [id, size] : capture_.sizes) {
      if (size <= world_size_) continue;
      world_size_ = size;
      world_ = id;
    }
  }

  tl::expected<void, std::string> number_processes() {
    for (const CommunicatorProcess& process : capture_.processes) {
      auto found = process.rank.find(world_);
      if (found == process.rank.end()) {
        found = std::find_if(process.rank.begin(), process.rank.end(), [&](const auto& one) {
          const auto size = capture_.sizes.find(one.first);
          return size != capture_.sizes.end() && size->second == world_size_;
        });
        if (found != process.rank.end())
          warnings_.add("process that is not in the largest communicator: numbered by one of the same size");
      }
      std::optional<uint32_t> number;
      if (found != process.rank.end()) number = found->second;
      if (!number && options_.rank && capture_.processes.size() == 1) number = *options_.rank;
      if (!number && options_.partial) number = static_cast<uint32_t>(numbers_.size());
      if (!number)
        return tl::make_unexpected(
            fmt::format("{}: does not say which rank process {} is: capture from the start of the job, when "
                        "its communicators are "
                        "made",
                        process.file, process.name));
      numbers_.push_back(*number);
    }
    for (size_t p = 0; p < numbers_.size(); ++p) {
      for (const auto& [id, place] : capture_.processes[p].rank) members_[id][place] = numbers_[p];
    }
    return {};
  }

  ImportedRank convert(size_t p) {
    const CommunicatorProcess& process = capture_.processes[p];
    ImportedRank imported;
    imported.file = process.file;
    imported.world_size = world_size_;
    imported.rank.set_rank(numbers_[p]);
    RankBuilder builder(imported.rank);
    int64_t end_ns = -1;
    RankBuilder::Indices last;
    for (const CommunicatorOperation& one : process.operations) {
      auto operation = read(one);
      if (!operation) continue;
      const bool has_gap = one.start_ns >= 0 && end_ns >= 0 && one.start_ns > end_ns;
      timed_ |= one.start_ns >= 0;
      if (has_gap) last = {builder.compute("compute", static_cast<uint64_t>(one.start_ns - end_ns), last)};
      last = {builder.append(std::move(*operation), last)};
      end_ns = one.end_ns;
    }
    return imported;
  }

  // Nothing where it is left out, or moves no data.
  std::optional<Operation> read(const CommunicatorOperation& one) {
    const auto time_ns = one.end_ns > one.start_ns ? static_cast<uint64_t>(one.end_ns - one.start_ns) : 0;
    const auto leave_out = [&](const char* reason) {
      ledger_.leave_out(one.name, reason, time_ns);
      return std::optional<Operation>();
    };
    if (one.kind.kind == CommunicationKind::Unknown) return leave_out("it has no counterpart here");
    if (one.kind.kind == CommunicationKind::Nothing) return std::nullopt;
    if (one.bytes < 0 || one.bytes > kMaxCaptureBytes) return leave_out("its size is not in the capture");
    const auto size = capture_.sizes.find(one.communicator);
    const auto members = members_of(one.communicator);
    if (size == capture_.sizes.end() || !members)
      return leave_out("the capture does not say which ranks its communicator has");
    Operation operation;
    operation.set_name(one.name);
    const auto bytes = static_cast<uint64_t>(one.bytes);
    if (one.kind.kind == CommunicationKind::Collective) {
      if (bytes == 0) return std::nullopt;
      Collective& collective = *operation.mutable_collective();
      const CollectiveKind kind = one.kind.collective;
      const bool of_one_rank = kind == ALL_GATHER || kind == REDUCE_SCATTER || kind == ALL_TO_ALL ||
                               kind == GATHER || kind == SCATTER;
      collective.set_kind(kind);
      collective.set_bytes(bytes * (of_one_rank ? size->second : 1));
      if (has_root(kind) && one.root > 0 && one.root < size->second)
        collective.set_root(static_cast<uint32_t>(one.root));
      collective.set_group(groups_.index_of(one.communicator, *members));
    } else {
      const auto peer = peer_of(one);
      if (!peer) return leave_out("its peer is not in the capture");
      if (one.kind.kind == CommunicationKind::Send) {
        operation.mutable_send()->set_peer(*peer);
        operation.mutable_send()->set_bytes(bytes);
      } else {
        operation.mutable_receive()->set_peer(*peer);
        operation.mutable_receive()->set_bytes(bytes);
      }
    }
    ledger_.attribute(time_ns);
    return operation;
  }

  // Empty for the world; nothing where a member has no file.
  std::optional<std::vector<uint32_t>> members_of(const std::string& id) const {
    const auto size = capture_.sizes.find(id);
    if (size == capture_.sizes.end()) return std::nullopt;
    if (size->second == world_size_) return std::vector<uint32_t>();
    const auto known = members_.find(id);
    if (known == members_.end() || known->second.size() != size->second) return std::nullopt;
    std::vector<uint32_t> ranks;
    for (const auto& [place, rank] : known->second) ranks.push_back(rank);
    return ranks;
  }

  std::optional<uint32_t> peer_of(const CommunicatorOperation& one) const {
    if (one.peer < 0 || one.peer >= kMaxCaptureRank) return std::nullopt;
    const auto place = static_cast<uint32_t>(one.peer);
    const auto size = capture_.sizes.find(one.communicator);
    if (size != capture_.sizes.end() && size->second == world_size_) return place;
    const auto known = members_.find(one.communicator);
    if (known == members_.end() || known->second.count(place) == 0) return std::nullopt;
    return known->second.at(place);
  }

  CommunicatorCapture capture_;
  const ImportOptions& options_;
  std::string world_;
  uint32_t world_size_ = 0;
  std::vector<uint32_t> numbers_;                                // of each process
  std::map<std::string, std::map<uint32_t, uint32_t>> members_;  // job rank by place in the communicator
  GroupTable groups_;
  CommunicationLedger ledger_;
  WarningCounter warnings_;
  bool timed_ = false;
};

}  // namespace

int64_t nccl_element_size(const std::string& type) {
  // ncclDataType_t of nccl.h 2.30.7, in the order of its numbers.
  static constexpr std::array<std::pair<std::string_view, int64_t>, 12> kTypes = {{{"ncclInt8", 1},
                                                                                   {"ncclUint8", 1},
                                                                                   {"ncclInt32", 4},
                                                                                   {"ncclUint32", 4},
                                                                                   {"ncclInt64", 8},
                                                                                   {"ncclUint64", 8},
                                                                                   {"ncclFloat16", 2},
                                                                                   {"ncclFloat32", 4},
                                                                                   {"ncclFloat64", 8},
                                                                                   {"ncclBfloat16", 2},
                                                                                   {"ncclFloat8e4m3", 1},
                                                                                   {"ncclFloat8e5m2", 1}}};
  for (size_t i = 0; i < kTypes.size(); ++i) {
    if (type == kTypes[i].first || type == std::to_string(i)) return kTypes[i].second;
  }
  return 0;
}

tl::expected<ImportResult, std::string> trace_of_communicators(CommunicatorCapture capture,
                                                               const ImportOptions& options) {
  if (capture.processes.empty()) return tl::make_unexpected("no communication was found in the capture");
  return Builder(std::move(capture), options).run();
}

}  // namespace railyard::trace
