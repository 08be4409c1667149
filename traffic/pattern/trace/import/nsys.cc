// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nsys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/kineto.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/nsys_file.h"
#include "traffic/pattern/trace/import/sqlite_tables.h"

namespace railyard::trace {
namespace {

constexpr const char* kNoPayload =
    "its NVTX range has no communicator and size in the export: nsys export --include-blobs=true keeps them, "
    "of a recent NCCL";
constexpr const char* kNoCall = "no call of NCCL launched it, as with CUDA graphs";
constexpr const char* kNoMembers = "the capture does not say which ranks its communicator has";

// Who is in which communicator, and what the processes' kernels therefore send.
class Job {
 public:
  Job(std::vector<NsysProcess> processes, const ImportOptions& options)
      : processes_(std::move(processes)), options_(options) {}

  tl::expected<void, std::string> number_ranks() {
    std::optional<uint64_t> world;
    for (const NsysProcess& process : processes_)
      for (const auto& [id, membership] : process.memberships)
        if (membership.size > world_size_) world = id, world_size_ = membership.size;
    std::set<std::string> files;
    for (const NsysProcess& process : processes_) files.insert(process.capture.path);
    for (size_t p = 0; p < processes_.size(); ++p) {
      NsysProcess& process = processes_[p];
      std::optional<uint32_t>& rank = process.capture.rank;
      if (world) rank = place_in(process, *world);
      if (!rank && !world && files.size() == processes_.size())
        rank = options_.rank ? options_.rank : rank_at_end_of_name(process.capture.path);
      if (!rank && options_.partial) rank = static_cast<uint32_t>(p);
      if (!rank)
        return tl::make_unexpected(
            fmt::format("{}: does not say which rank {} is: profile from the start of the job, when its "
                        "communicators are made, or one process a file, whose name ends with its rank",
                        process.capture.path, process.name));
    }
    if (world_size_ == 0)
      world_size_ = std::max<uint32_t>(options_.world_size, static_cast<uint32_t>(processes_.size()));
    find_members();
    return {};
  }

  size_t process_count() const { return processes_.size(); }

  // With the arguments of its communications.
  KinetoFile capture_of(size_t p) {
    NsysProcess& process = processes_[p];
    process.capture.world_size = world_size_;
    auto& operations = process.capture.device_operations;
    for (size_t i = 0; i < operations.size(); ++i) {
      KinetoArguments& arguments = operations[i].arguments;
      if (operations[i].library != "NCCL" || arguments.part) continue;
      if (const auto call = process.call_of[i])
        describe(process.calls[*call], arguments);
      else
        arguments.missing = kNoCall;
    }
    return std::move(process.capture);
  }

 private:
  static std::optional<uint32_t> place_in(const NsysProcess& process, uint64_t communicator) {
    const auto membership = process.memberships.find(communicator);
    if (membership == process.memberships.end()) return std::nullopt;
    return membership->second.rank;
  }

  // Of each communicator the job's ranks by place. One whose making nobody captured has the processes that
  // use it, in the order of their ranks.
  void find_members() {
    std::map<uint64_t, uint32_t> sizes;
    std::map<uint64_t, std::map<uint32_t, uint32_t>> places;
    std::map<uint64_t, std::set<uint32_t>> users;
    for (const NsysProcess& process : processes_) {
      for (const auto& [id, membership] : process.memberships) {
        sizes[id] = membership.size;
        places[id][membership.rank] = *process.capture.rank;
      }
      for (const NsysCall& call : process.calls)
        if (call.communicator) users[*call.communicator].insert(*process.capture.rank);
    }
    for (const auto& [id, ranks] : users) {
      const auto size = sizes.find(id);
      if (size == sizes.end()) {
        members_[id] = {static_cast<uint32_t>(ranks.size()), {ranks.begin(), ranks.end()}};
      } else if (places[id].size() == size->second) {
        Members& members = members_[id];
        members.size = size->second;
        for (const auto& [place, rank] : places[id]) members.ranks.push_back(rank);
      } else if (size->second == world_size_) {
        members_[id] = {world_size_, {}};
      }
    }
  }

  void describe(const NsysCall& call, KinetoArguments& a) const {
    if (!call.communicator || call.bytes < 0 || call.bytes > kMaxCaptureBytes) {
      a.missing = kNoPayload;
      return;
    }
    const auto found = members_.find(*call.communicator);
    if (found == members_.end()) {
      a.missing = kNoMembers;
      return;
    }
    const Members& members = found->second;
    a.collective = call.name;
    a.dtype = "Byte";
    a.group_size = members.size;
    a.group_name = fmt::format("{:#x}", *call.communicator);
    if (!members.ranks.empty()) a.group_ranks = fmt::format("[{}]", fmt::join(members.ranks, ", "));
    a.root = call.root;
    if (call.peer >= 0 && call.peer < a.group_size)
      a.source = a.destination =
          members.ranks.empty() ? call.peer : members.ranks[static_cast<size_t>(call.peer)];
    // NCCL counts one rank's part of these.
    const CollectiveKind kind = parse_communication_name(call.name).collective;
    if (kind == REDUCE_SCATTER || kind == SCATTER)
      a.out_elements = call.bytes;
    else
      a.in_elements = kind == ALL_TO_ALL ? call.bytes * a.group_size : call.bytes;
  }

  struct Members {
    uint32_t size = 0;
    std::vector<uint32_t> ranks;  // of the job, by place; empty: all of them, in their order
  };

  std::vector<NsysProcess> processes_;
  const ImportOptions& options_;
  uint32_t world_size_ = 0;
  std::map<uint64_t, Members> members_;  // by communicator; none of those that nobody knows
};

}  // namespace

bool recognises_nsys(std::string_view content) {
  return looks_like_sqlite(content);
}

tl::expected<ImportResult, std::string> import_nsys(const std::vector<std::string>& files,
                                                    const ImportOptions& options) {
  std::vector<NsysProcess> processes;
  for (const std::string& path : files) {
    auto of_file = read_nsys_file(path);
    if (!of_file) return tl::make_unexpected(of_file.error());
    std::move(of_file->begin(), of_file->end(), std::back_inserter(processes));
  }
  if (processes.empty())
    return tl::make_unexpected(
        fmt::format("{}: no operation of a GPU was found in the capture", files.front()));
  Job job(std::move(processes), options);
  if (auto numbered = job.number_ranks(); !numbered) return tl::make_unexpected(numbered.error());
  return trace_of_kineto_files(
      job.process_count(),
      [&](size_t p) -> tl::expected<KinetoFile, std::string> { return job.capture_of(p); }, options);
}

}  // namespace railyard::trace
