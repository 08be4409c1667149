// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/flight_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/json_fields.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/pickle.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

struct Entry {
  std::string name;   // "nccl:all_reduce", "nccl:send 1->2"
  std::string group;  // name and description
  int64_t sequence = 0;
  bool point_to_point = false;
  int64_t in_bytes = -1, out_bytes = -1;
};

struct Dump {
  std::string file;
  uint32_t rank = 0;
  std::map<std::string, std::vector<uint32_t>> groups;
  std::vector<Entry> entries;
};

// Of all tensors of one side.
int64_t bytes_of(const Json& sizes, const Json& types) {
  if (!sizes.is_array() || !types.is_array() || sizes.size() != types.size() || sizes.empty()) return -1;
  int64_t sum = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    int64_t bytes = element_size(text_of(types[i]));
    if (bytes == 0 || !sizes[i].is_array()) return -1;
    for (const Json& entry : sizes[i]) {
      const int64_t size = integer_of(entry);
      if (size < 0 || (size > 0 && bytes > kMaxCaptureBytes / size)) return -1;
      bytes *= size;
    }
    sum += bytes;
    if (sum > kMaxCaptureBytes) return -1;
  }
  return sum;
}

// A pair of name and description; two groups may share one of them.
std::string group_of(const Json& pair) {
  if (!pair.is_array() || pair.empty()) return text_of(pair);
  const std::string description = pair.size() > 1 ? text_of(pair[1]) : "";
  return description.empty() ? text_of(pair[0]) : fmt::format("{} ({})", text_of(pair[0]), description);
}

tl::expected<Json, std::string> read_document(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  if (!looks_like_pickle(*content)) return read_json(path);
  auto decoded = decode_pickle(*content);
  if (!decoded) return tl::make_unexpected(fmt::format("{}: {}", path, decoded.error()));
  return decoded;
}

tl::expected<Dump, std::string> read_dump(const std::string& path, size_t files,
                                          const ImportOptions& options) {
  const auto document = read_document(path);
  if (!document) return tl::make_unexpected(document.error());
  const Json& entries = field(*document, "entries");
  if (!entries.is_array())
    return tl::make_unexpected(path + ": has no \"entries\": it is no Flight Recorder dump");
  Dump dump;
  dump.file = path;
  const auto rank = rank_of_file(path, files, options);
  if (!rank) return tl::make_unexpected(rank.error());
  dump.rank = *rank;
  const Json& configuration = field(*document, "pg_config");
  for (const auto& [key, group] : configuration.items()) {
    const Json pair = {text_of(field(group, "name")), text_of(field(group, "desc"))};
    if (auto ranks = parse_list(text_of(field(group, "ranks"))); ranks) dump.groups[group_of(pair)] = *ranks;
  }
  for (const Json& one : entries) {
    Entry entry;
    entry.name = text_of(field(one, "profiling_name"));
    entry.group = group_of(field(one, "process_group"));
    entry.point_to_point = field(one, "is_p2p") == true;
    entry.sequence = integer_of(field(one, entry.point_to_point ? "p2p_seq_id" : "collective_seq_id"), 0);
    entry.in_bytes = bytes_of(field(one, "input_sizes"), field(one, "input_dtypes"));
    entry.out_bytes = bytes_of(field(one, "output_sizes"), field(one, "output_dtypes"));
    dump.entries.push_back(std::move(entry));
  }
  return dump;
}

// The collectives of each group that every member with a dump still has: a ring buffer loses the first ones,
// and a rank that hangs does not reach the last ones.
class CommonInterval {
 public:
  explicit CommonInterval(const std::vector<Dump>& dumps) {
    for (const Dump& dump : dumps) {
      std::map<std::string, std::pair<int64_t, int64_t>> own;
      for (const Entry& entry : dump.entries) {
        if (entry.point_to_point) continue;
        const auto [known, is_new] = own.try_emplace(entry.group, entry.sequence, entry.sequence);
        known->second = {std::min(known->second.first, entry.sequence),
                         std::max(known->second.second, entry.sequence)};
      }
      for (const auto& [group, range] : own) {
        const auto [known, is_new] = common_.try_emplace(group, range);
        known->second = {std::max(known->second.first, range.first),
                         std::min(known->second.second, range.second)};
      }
    }
  }

  bool holds(const Entry& entry) const {
    const auto known = common_.find(entry.group);
    return entry.point_to_point || known == common_.end() ||
           (known->second.first <= entry.sequence && entry.sequence <= known->second.second);
  }

 private:
  std::map<std::string, std::pair<int64_t, int64_t>> common_;
};

class Converter {
 public:
  ImportedRank run(const Dump& dump, const CommonInterval& interval) {
    ImportedRank imported;
    imported.file = dump.file;
    imported.rank.set_rank(dump.rank);
    for (const auto& [name, ranks] : dump.groups) {
      if (name.find("default_pg") != std::string::npos)
        imported.world_size = static_cast<uint32_t>(ranks.size());
    }
    RankBuilder builder(imported.rank);
    std::map<std::string, uint32_t> last;  // of each group: NCCL's streams run by themselves
    for (const Entry& entry : dump.entries) {
      if (!interval.holds(entry)) {
        warnings_.add("collective that not every rank's dump has: left out");
        continue;
      }
      auto operation = read(dump, entry);
      if (!operation) continue;
      ledger_.attribute(0);
      const auto before = last.find(entry.group);
      RankBuilder::Indices after;
      if (before != last.end()) after.push_back(before->second);
      last[entry.group] = builder.append(std::move(*operation), after);
    }
    return imported;
  }

  GroupTable& groups() { return groups_; }
  CommunicationLedger& ledger() { return ledger_; }
  WarningCounter& warnings() { return warnings_; }

 private:
  std::optional<Operation> leave_out(const std::string& name, const std::string& reason) {
    ledger_.leave_out(name, reason, 0);
    return std::nullopt;
  }

  std::optional<Operation> read(const Dump& dump, const Entry& entry) {
    const std::string name = entry.name.substr(0, entry.name.find(' '));
    if (name == "nccl:coalesced") return std::nullopt;  // closes a group of entries that stand before it
    const CommunicationName what = parse_communication_name(name);
    if (what.kind == CommunicationKind::Nothing) return std::nullopt;
    if (what.kind == CommunicationKind::Unknown) return leave_out(name, "it has no counterpart here");
    const auto members = dump.groups.find(entry.group);
    Operation operation;
    operation.set_name(name);
    if (what.kind != CommunicationKind::Collective)
      return read_message(entry, what,
                          members == dump.groups.end() ? std::vector<uint32_t>() : members->second);
    const size_t group_size = members == dump.groups.end() ? 0 : members->second.size();
    const int64_t bytes = counted_bytes(what.collective, entry.in_bytes, entry.out_bytes, group_size);
    if (bytes < 0) return leave_out(name, "its size is missing");
    if (bytes == 0 && what.collective != BARRIER) return std::nullopt;
    if (what.collective == ALL_TO_ALL)
      warnings_.add("all-to-all whose split sizes are not in the file: equal ones are assumed");
    if (has_root(what.collective)) warnings_.add(root_is_assumed(what.collective));
    Collective& collective = *operation.mutable_collective();
    collective.set_kind(what.collective);
    collective.set_bytes(static_cast<uint64_t>(bytes));
    collective.set_group(groups_.index_of(
        entry.group, members == dump.groups.end() ? std::vector<uint32_t>() : members->second));
    return operation;
  }

  // "nccl:send 1->2", "nccl:recv 3<-0": places in the group.
  std::optional<Operation> read_message(const Entry& entry, const CommunicationName& what,
                                        const std::vector<uint32_t>& members) {
    const bool sends = what.kind == CommunicationKind::Send;
    const size_t arrow = entry.name.find(sends ? "->" : "<-");
    const int64_t bytes = std::max(entry.in_bytes, entry.out_bytes);
    uint32_t place = std::numeric_limits<uint32_t>::max();
    if (arrow != std::string::npos)
      std::from_chars(entry.name.data() + arrow + 2, entry.name.data() + entry.name.size(), place);
    if (place >= members.size() || bytes < 0)
      return leave_out(sends ? "nccl:send" : "nccl:recv", "its peer or size is missing");
    Operation operation;
    operation.set_name(sends ? "send" : "receive");
    if (sends) {
      operation.mutable_send()->set_peer(members[place]);
      operation.mutable_send()->set_bytes(static_cast<uint64_t>(bytes));
    } else {
      operation.mutable_receive()->set_peer(members[place]);
      operation.mutable_receive()->set_bytes(static_cast<uint64_t>(bytes));
    }
    return operation;
  }

  GroupTable groups_;
  CommunicationLedger ledger_;
  WarningCounter warnings_;
};

}  // namespace

bool recognises_flight_recorder(std::string_view content) {
  const auto has = [&](std::string_view part) { return content.find(part) != std::string_view::npos; };
  if (looks_like_pickle(content)) return has("pg_config") || has("entries");
  return has("\"pg_config\"") && has("\"entries\"") && !has("\"traceEvents\"");
}

tl::expected<ImportResult, std::string> import_flight_recorder(const std::vector<std::string>& files,
                                                               const ImportOptions& options) {
  std::vector<Dump> dumps;
  for (const std::string& path : files) {
    auto dump = read_dump(path, files.size(), options);
    if (!dump) return tl::make_unexpected(dump.error());
    dumps.push_back(std::move(*dump));
  }
  const CommonInterval interval(dumps);
  Converter converter;
  std::vector<ImportedRank> ranks;
  for (const Dump& dump : dumps) ranks.push_back(converter.run(dump, interval));
  if (converter.ledger().empty())
    return tl::make_unexpected(fmt::format("{}: no communication was found in the capture", files.front()));
  auto trace = assemble(std::move(ranks), converter.groups(), options);
  if (!trace) return tl::make_unexpected(trace.error());
  converter.ledger().append_to(*trace->mutable_header());
  ImportResult result = {std::move(*trace), converter.warnings().lines()};
  result.warnings.push_back(
      "Flight Recorder dumps have no device times: nothing is computed between communications");
  return result;
}

}  // namespace railyard::trace
