// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nccl_profiler.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/communicators.h"
#include "traffic/pattern/trace/import/json_fields.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

constexpr double kMaxMicroseconds = 4e12;

int64_t nanoseconds(const Json& microseconds) {
  const double value = number_of(microseconds, -1);
  return value >= 0 && value < kMaxMicroseconds ? std::llround(value * 1000) : -1;
}

CommunicatorOperation read_operation(const Json& event) {
  const Json& args = field(event, "args");
  CommunicatorOperation operation;
  operation.communicator = text_of(field(args, "CommHash"));
  operation.name = text_of(field(event, "name"));
  operation.kind = parse_communication_name(operation.name);
  operation.peer = integer_of(field(args, "Peer"));
  operation.root = integer_of(field(args, "Root"), 0);
  operation.start_ns = operation.end_ns = nanoseconds(field(event, "ts"));
  const int64_t count = integer_of(field(args, "Count"));
  const int64_t element = nccl_element_size(text_of(field(args, "Datatype")));
  if (count >= 0 && element > 0 && count <= kMaxCaptureBytes / element) operation.bytes = count * element;
  return operation;
}

}  // namespace

bool recognises_nccl_profiler(std::string_view content) {
  return content.find("\"CommHash\"") != std::string_view::npos ||
         content.find("\"cat\": \"GROUP_API\"") != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_nccl_profiler(const std::vector<std::string>& files,
                                                             const ImportOptions& options) {
  CommunicatorCapture capture;
  std::map<std::string, uint32_t> highest;
  for (const std::string& path : files) {
    const auto objects = read_json_objects(path);
    if (!objects) return tl::make_unexpected(objects.error());
    CommunicatorProcess process = {path, path, {}, {}};
    std::map<std::pair<std::string, std::string>, size_t> open;  // by category and id
    for (const Json& event : *objects) {
      const std::string category = text_of(field(event, "cat"));
      if (category != "COLL" && category != "P2P") continue;
      const std::pair<std::string, std::string> key = {category, text_of(field(event, "id"))};
      if (text_of(field(event, "ph")) == "b") {
        CommunicatorOperation operation = read_operation(event);
        const int64_t rank = integer_of(field(field(event, "args"), "Rank"));
        if (rank >= 0 && rank < kMaxCaptureRank) {
          process.rank[operation.communicator] = static_cast<uint32_t>(rank);
          uint32_t& most = highest[operation.communicator];
          most =
              std::max({most, static_cast<uint32_t>(rank),
                        static_cast<uint32_t>(std::clamp<int64_t>(operation.peer, 0, kMaxCaptureRank - 1))});
        }
        open[key] = process.operations.size();
        process.operations.push_back(std::move(operation));
      } else if (const auto begun = open.find(key); begun != open.end()) {
        process.operations[begun->second].end_ns = nanoseconds(field(event, "ts"));
      }
    }
    std::stable_sort(process.operations.begin(), process.operations.end(),
                     [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
    capture.processes.push_back(std::move(process));
  }
  for (const auto& [id, rank] : highest) capture.sizes[id] = rank + 1;
  return trace_of_communicators(std::move(capture), options);
}

}  // namespace railyard::trace
