// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nccl_inspector.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/communicators.h"
#include "traffic/pattern/trace/import/json_fields.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMaxMicroseconds = int64_t{1} << 52;

struct Numbered {
  int64_t sequence = 0;
  CommunicatorOperation operation;
};

int64_t nanoseconds(const Json& microseconds) {
  const int64_t value = integer_of(microseconds);
  return value > 0 && value < kMaxMicroseconds ? value * 1000 : -1;
}

// From the first kernel's start to the last one's end; the call's own times where there are no kernels.
void read_times(const Json& performance, CommunicatorOperation& operation) {
  const Json& times = field(performance, "event_trace_ts");
  operation.start_ns = nanoseconds(field(times, "coll_start_ts"));
  operation.end_ns = nanoseconds(field(times, "coll_stop_ts"));
  const Json& kernels = field(times, "kernel_events");
  if (!kernels.is_array()) return;
  for (const Json& kernel : kernels)
    operation.end_ns = std::max(operation.end_ns, nanoseconds(field(kernel, "kernel_stop_ts")));
}

Numbered read_operation(const Json& object, const std::string& communicator) {
  const bool is_collective = field(object, "coll_perf").is_object();
  const Json& performance = field(object, is_collective ? "coll_perf" : "p2p_perf");
  Numbered read;
  CommunicatorOperation& operation = read.operation;
  operation.communicator = communicator;
  operation.name = text_of(field(performance, is_collective ? "coll" : "p2p"));
  operation.kind = parse_communication_name(operation.name);
  operation.bytes =
      integer_of(field(performance, is_collective ? "coll_msg_size_bytes" : "p2p_msg_size_bytes"));
  operation.peer = integer_of(field(performance, "p2p_peer"));
  read.sequence = integer_of(field(performance, is_collective ? "coll_sn" : "p2p_sn"), 0);
  read_times(performance, operation);
  return read;
}

// Objects are written when an operation has ended. Without times only those of one communicator have an
// order.
void put_in_order(std::vector<Numbered>& operations) {
  const auto has_time = [](const Numbered& one) { return one.operation.start_ns >= 0; };
  if (std::all_of(operations.begin(), operations.end(), has_time)) {
    std::stable_sort(operations.begin(), operations.end(), [](const Numbered& a, const Numbered& b) {
      return a.operation.start_ns < b.operation.start_ns;
    });
    return;
  }
  std::map<std::string, std::vector<size_t>> places;
  for (size_t i = 0; i < operations.size(); ++i) places[operations[i].operation.communicator].push_back(i);
  for (const auto& [communicator, own] : places) {
    std::vector<Numbered> sorted;
    for (const size_t i : own) sorted.push_back(std::move(operations[i]));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Numbered& a, const Numbered& b) { return a.sequence < b.sequence; });
    for (size_t i = 0; i < own.size(); ++i) operations[own[i]] = std::move(sorted[i]);
  }
}

}  // namespace

bool recognises_nccl_inspector(std::string_view content) {
  return content.find("\"coll_perf\"") != std::string_view::npos ||
         content.find("\"p2p_perf\"") != std::string_view::npos ||
         content.find("\"inspector_output_format_version\"") != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_nccl_inspector(const std::vector<std::string>& files,
                                                              const ImportOptions& options) {
  CommunicatorCapture capture;
  std::map<std::string, size_t> by_name;
  std::vector<std::vector<Numbered>> operations;
  for (const std::string& path : files) {
    const auto objects = read_json_objects(path);
    if (!objects) return tl::make_unexpected(objects.error());
    for (const Json& object : *objects) {
      const Json& header = field(object, "header");
      const Json& metadata = field(object, "metadata");
      const std::string id = text_of(field(header, "id"));
      const int64_t rank = integer_of(field(header, "rank"));
      const int64_t size = integer_of(field(header, "n_ranks"));
      if (id.empty() || rank < 0 || rank >= size || size > kMaxCaptureRank)
        return tl::make_unexpected(
            fmt::format("{}: an object's header has no communicator, rank or n_ranks", path));
      const std::string name = fmt::format("{}:{}:{}", path, text_of(field(metadata, "hostname")),
                                           text_of(field(metadata, "pid")));
      const auto [known, is_new] = by_name.try_emplace(name, capture.processes.size());
      if (is_new) {
        capture.processes.push_back({path, name, {}, {}});
        operations.emplace_back();
      }
      capture.processes[known->second].rank[id] = static_cast<uint32_t>(rank);
      capture.sizes[id] = static_cast<uint32_t>(size);
      operations[known->second].push_back(read_operation(object, id));
    }
  }
  for (size_t p = 0; p < operations.size(); ++p) {
    put_in_order(operations[p]);
    for (Numbered& one : operations[p]) capture.processes[p].operations.push_back(std::move(one.operation));
  }
  return trace_of_communicators(std::move(capture), options);
}

}  // namespace railyard::trace
