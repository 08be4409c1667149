// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/commcanary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/json_fields.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxOperations = uint64_t{1} << 24;  // of all ranks
constexpr double kMaxMicroseconds = 1e12;

uint64_t nanoseconds(double microseconds) {
  return microseconds > 0 && microseconds < kMaxMicroseconds
             ? static_cast<uint64_t>(std::llround(microseconds * 1000))
             : 0;
}

class Converter {
 public:
  explicit Converter(std::string path) : path_(std::move(path)) {}

  tl::expected<ImportResult, std::string> run(const Json& document, const ImportOptions& options) {
    const Json& events = field(document, "events");
    if (!events.is_array()) return tl::make_unexpected(path_ + ": has no \"events\"");
    for (const Json& event : events) {
      if (text_of(field(event, "program")) != "sequence_motif") {
        add_repeated(event);
        continue;
      }
      const Json& children = field(event, "events");
      const int64_t repeats = integer_of(field(event, "program_repeats"), 0);
      for (int64_t i = 0; i < repeats && children.is_array() && operations_ <= kMaxOperations; ++i) {
        if (children.empty()) break;
        for (const Json& child : children) add_repeated(child);
      }
    }
    if (operations_ > kMaxOperations)
      return tl::make_unexpected(
          fmt::format("{}: unfolds to more than {} operations", path_, kMaxOperations));
    if (ledger_.empty()) return tl::make_unexpected(path_ + ": nothing is sent in it");
    std::vector<ImportedRank> ranks;
    for (auto& [number, rank] : ranks_) ranks.push_back({path_, 0, std::move(rank.messages)});
    auto trace = assemble(std::move(ranks), groups_, options);
    if (!trace) return tl::make_unexpected(trace.error());
    ledger_.append_to(*trace->mutable_header());
    return ImportResult{std::move(*trace), warnings_.lines()};
  }

 private:
  struct RankState {
    Rank messages;
    std::vector<uint32_t> last;
  };

  void add_repeated(const Json& event) {
    const int64_t repeats = std::max<int64_t>(1, integer_of(field(event, "repeat"), 1));
    for (int64_t i = 0; i < repeats && operations_ <= kMaxOperations; ++i) add(event);
  }

  // A start counts from the trace's beginning; a gap from the event before.
  double gap_us(const Json& event) {
    const double start = number_of(field(event, "start_us"), -1);
    const double compute = number_of(field(event, "compute_before_us"), -1);
    const double stated = compute >= 0 ? compute : number_of(field(event, "gap_us"), -1);
    const double gap = stated >= 0 ? stated : start >= 0 && last_start_us_ >= 0 ? start - last_start_us_ : 0;
    if (start >= 0) last_start_us_ = start;
    return gap;
  }

  void add(const Json& event) {
    const std::string name = text_of(field(event, "op"));
    const CommunicationName what = parse_communication_name(name);
    const int64_t bytes = integer_of(field(event, "bytes"));
    const auto ranks = parse_list(text_of(field(event, "ranks")));
    const double gap = gap_us(event);
    if (what.kind != CommunicationKind::Collective) {
      ledger_.leave_out(name, "it has no counterpart here, or its peers are not in the file", 0);
      return;
    }
    if (bytes <= 0 || bytes > kMaxCaptureBytes || !ranks || ranks->empty() ||
        *std::max_element(ranks->begin(), ranks->end()) >= kMaxCaptureRank) {
      ledger_.leave_out(name, "its size or its ranks are not in the file", 0);
      return;
    }
    operations_ += ranks->size();
    if (what.collective == ALL_TO_ALL)
      warnings_.add("all-to-all whose split sizes are not in the file: equal ones are assumed");
    const uint32_t group = groups_.index_of(text_of(field(event, "group")), *ranks);
    for (size_t i = 0; i < ranks->size(); ++i) {
      RankState& state = ranks_[(*ranks)[i]];
      state.messages.set_rank((*ranks)[i]);
      RankBuilder builder(state.messages);
      if (const uint64_t wait_ns = nanoseconds(gap + lateness_us(event, i, (*ranks)[i])); wait_ns > 0)
        state.last = {builder.compute("compute", wait_ns, state.last)};
      Operation operation;
      operation.set_name(name);
      operation.mutable_collective()->set_kind(what.collective);
      operation.mutable_collective()->set_group(group);
      operation.mutable_collective()->set_bytes(static_cast<uint64_t>(bytes));
      if (has_root(what.collective)) set_root(event, *ranks, *operation.mutable_collective());
      state.last = {builder.append(std::move(operation), state.last)};
      ledger_.attribute(0);
    }
  }

  static void set_root(const Json& event, const std::vector<uint32_t>& ranks, Collective& collective) {
    const int64_t root = integer_of(field(event, "root_rank"));
    const auto found = std::find(ranks.begin(), ranks.end(), static_cast<uint32_t>(root));
    if (root >= 0 && found != ranks.end()) collective.set_root(static_cast<uint32_t>(found - ranks.begin()));
  }

  static double lateness_us(const Json& event, size_t place, uint32_t rank) {
    const Json& arrivals = field(event, "rank_arrival_us");
    if (arrivals.is_object()) return number_of(field(arrivals, std::to_string(rank).c_str()));
    const Json& offsets = field(event, "arrival_offsets_us");
    return offsets.is_array() && place < offsets.size() ? number_of(offsets[place]) : 0;
  }

  const std::string path_;
  std::map<uint32_t, RankState> ranks_;
  GroupTable groups_;
  CommunicationLedger ledger_;
  WarningCounter warnings_;
  double last_start_us_ = -1;
  uint64_t operations_ = 0;
};

}  // namespace

bool recognises_commcanary(std::string_view content) {
  return content.find("\"commcanary.trace.v1\"") != std::string_view::npos ||
         content.find("\"commcanary.canary.v2\"") != std::string_view::npos;
}

tl::expected<ImportResult, std::string> import_commcanary(const std::vector<std::string>& files,
                                                          const ImportOptions& options) {
  if (files.size() != 1)
    return tl::make_unexpected(
        fmt::format("{}: a CommCanary file holds all ranks: import one file at a time", files.front()));
  const auto document = read_json(files.front());
  if (!document) return tl::make_unexpected(document.error());
  return Converter(files.front()).run(*document, options);
}

}  // namespace railyard::trace
