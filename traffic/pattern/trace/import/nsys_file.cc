// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/nsys_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "traffic/pattern/trace/import/communication_kernels.h"
#include "traffic/pattern/trace/import/nsys_calls.h"
#include "traffic/pattern/trace/import/nsys_payload.h"
#include "traffic/pattern/trace/import/sqlite_tables.h"

namespace railyard::trace {
namespace {

// Types of NVTX events [User Guide].
constexpr int64_t kPushPopRange = 59, kStartEndRange = 60;
// A thread's number has its process above these bits [User Guide, "Serialized process and thread
// identifiers"].
constexpr int kThreadBits = 24;
constexpr int64_t kMaxNs = int64_t{1} << 60;

using Read = tl::expected<void, std::string>;

int64_t process_of(int64_t thread) {
  return thread >> kThreadBits;
}

// A name as it stands in the table, or by its number in StringIds.
struct Name {
  std::string text;
  int64_t id = -1;
};

struct Range {
  int64_t thread = 0, start_ns = 0, end_ns = 0;
  Name name;
  NsysPayload payload;
};

// An operation of a device, or a call of CUDA.
struct Activity {
  int64_t owner = 0;  // process of an operation, thread of a call
  int64_t start_ns = 0, end_ns = 0;
  uint64_t correlation = 0;
  uint32_t stream = 0;
  Name name;
};

class Reader {
 public:
  Reader(const std::string& path, const SqliteTables& tables) : path_(path), tables_(tables) {}

  tl::expected<std::vector<NsysProcess>, std::string> run() {
    for (const auto step : {&Reader::read_schemas, &Reader::read_ranges, &Reader::read_calls,
                            &Reader::read_kernels, &Reader::read_copies, &Reader::read_strings})
      if (auto done = (this->*step)(); !done) return tl::make_unexpected(done.error());
    std::map<int64_t, NsysCalls> processes;
    const auto of = [&](int64_t process) -> NsysCalls& {
      return processes.try_emplace(process, path_, process & 0xffffff).first->second;
    };
    for (Activity& operation : operations_) {
      const std::string name = text_of(std::move(operation.name));
      of(operation.owner)
          .add_operation({name,
                          operation.stream,
                          operation.start_ns,
                          operation.end_ns,
                          operation.correlation,
                          communication_library(name).value_or(std::string_view()),
                          {},
                          false});
    }
    for (Activity& call : calls_) {
      const KinetoInstant at{thread_index(call.owner), call.start_ns};
      of(process_of(call.owner))
          .add_call(call.correlation, at,
                    text_of(std::move(call.name)).find("StreamWaitEvent") != std::string::npos);
    }
    for (Range& range : ranges_)
      of(process_of(range.thread))
          .add_range(thread_index(range.thread), text_of(std::move(range.name)), range.start_ns, range.end_ns,
                     range.payload);
    std::vector<NsysProcess> all;
    for (auto& [number, process] : processes) {
      auto finished = process.finish();
      if (!finished) return tl::make_unexpected(finished.error());
      // Launchers and data loaders have no work of a GPU.
      if (!finished->capture.device_operations.empty()) all.push_back(*std::move(finished));
    }
    return all;
  }

 private:
  Read read_schemas() {
    return tables_.read("NVTX_PAYLOAD_SCHEMA_ENTRIES", {"domainId", "schemaId", "type", "offset", "name"},
                        [&](const SqliteRow& row) {
                          schemas_.add_entry(row.integer(0).value_or(-1), row.integer(1).value_or(-1),
                                             std::string(row.text(4)), row.integer(2).value_or(-1),
                                             row.integer(3).value_or(0));
                        });
  }

  Read read_ranges() {
    return tables_.read("NVTX_EVENTS",
                        {"globalTid", "start", "end", "eventType", "text", "textId", "binaryData"},
                        [&](const SqliteRow& row) {
                          const int64_t type = row.integer(3).value_or(-1);
                          Range range;
                          const bool timed = times(row, range.start_ns, range.end_ns);
                          if (!timed || (type != kPushPopRange && type != kStartEndRange)) return;
                          range.thread = row.integer(0).value_or(0);
                          range.name = name_of(row, 4, 5);
                          range.payload = schemas_.decode(row.blob(6));
                          ranges_.push_back(std::move(range));
                        });
  }

  Read read_calls() {
    return tables_.read("CUPTI_ACTIVITY_KIND_RUNTIME",
                        {"globalTid", "start", "end", "correlationId", "nameId"}, [&](const SqliteRow& row) {
                          Activity call;
                          if (!times(row, call.start_ns, call.end_ns)) return;
                          call.owner = row.integer(0).value_or(0);
                          call.correlation = static_cast<uint64_t>(row.integer(3).value_or(0));
                          call.name = name_of(row, 4, 4);
                          calls_.push_back(std::move(call));
                        });
  }

  Read read_operations(const std::string& table, const std::string& name, const std::string& other_name,
                       const std::function<std::string(const SqliteRow&)>& fixed_name) {
    return tables_.read(
        table, {"globalPid", "start", "end", "correlationId", "deviceId", "streamId", name, other_name},
        [&](const SqliteRow& row) {
          Activity operation;
          if (!times(row, operation.start_ns, operation.end_ns)) return;
          operation.owner = process_of(row.integer(0).value_or(0));
          operation.correlation = static_cast<uint64_t>(row.integer(3).value_or(0));
          const std::tuple stream{operation.owner, row.integer(4).value_or(0), row.integer(5).value_or(0)};
          operation.stream =
              streams_.try_emplace(stream, static_cast<uint32_t>(streams_.size())).first->second;
          operation.name = fixed_name ? Name{fixed_name(row), -1} : name_of(row, 6, 6);
          if (!fixed_name && operation.name.id < 0) operation.name = name_of(row, 7, 7);
          operations_.push_back(std::move(operation));
        });
  }

  Read read_kernels() {
    return read_operations("CUPTI_ACTIVITY_KIND_KERNEL", "demangledName", "shortName", nullptr);
  }

  // Copies are called as torch.profiler calls them.
  Read read_copies() {
    const auto copy = [](const SqliteRow& row) {
      constexpr int64_t kPeerToPeer = 10;  // CUPTI_ACTIVITY_MEMCPY_KIND_PTOP
      return std::string(row.integer(6) == kPeerToPeer ? "Memcpy PtoP" : "Memcpy");
    };
    auto done = read_operations("CUPTI_ACTIVITY_KIND_MEMCPY", "copyKind", "copyKind", copy);
    if (!done) return done;
    const auto set = [](const SqliteRow&) { return std::string("Memset"); };
    return read_operations("CUPTI_ACTIVITY_KIND_MEMSET", "value", "value", set);
  }

  Read read_strings() {
    return tables_.read("StringIds", {"id", "value"}, [&](const SqliteRow& row) {
      const int64_t id = row.integer(0).value_or(-1);
      if (wanted_.count(id) != 0) strings_[id] = row.text(1);
    });
  }

  static bool times(const SqliteRow& row, int64_t& start_ns, int64_t& end_ns) {
    start_ns = row.integer(1).value_or(-1);
    end_ns = row.integer(2).value_or(-1);
    return start_ns >= 0 && start_ns <= end_ns && end_ns < kMaxNs;
  }

  Name name_of(const SqliteRow& row, int text, int id) {
    Name name{std::string(row.text(text)), row.integer(id).value_or(-1)};
    if (name.text.empty() && name.id >= 0) wanted_.insert(name.id);
    return name;
  }

  std::string text_of(Name name) const {
    if (!name.text.empty()) return std::move(name.text);
    const auto known = strings_.find(name.id);
    return known == strings_.end() ? std::string() : known->second;
  }

  uint32_t thread_index(int64_t thread) {
    return threads_.try_emplace(thread, static_cast<uint32_t>(threads_.size())).first->second;
  }

  const std::string& path_;
  const SqliteTables& tables_;
  NsysPayloadSchemas schemas_;
  std::vector<Range> ranges_;
  std::vector<Activity> calls_, operations_;
  std::unordered_set<int64_t> wanted_;
  std::unordered_map<int64_t, std::string> strings_;
  std::unordered_map<int64_t, uint32_t> threads_;
  std::map<std::tuple<int64_t, int64_t, int64_t>, uint32_t> streams_;
};

}  // namespace

tl::expected<std::vector<NsysProcess>, std::string> read_nsys_file(const std::string& path) {
  const auto tables = SqliteTables::open(path);
  if (!tables) return tl::make_unexpected(tables.error());
  if (!tables->has("CUPTI_ACTIVITY_KIND_KERNEL"))
    return tl::make_unexpected(fmt::format(
        "{}: has no table CUPTI_ACTIVITY_KIND_KERNEL, as the exports of Nsight Systems do: profile "
        "with nsys profile --trace=cuda,nvtx",
        path));
  return Reader(path, *tables).run();
}

}  // namespace railyard::trace
