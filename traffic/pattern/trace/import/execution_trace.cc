// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/execution_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/capture_files.h"
#include "traffic/pattern/trace/import/json_fields.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/import/split_sizes.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;
using Indices = RankBuilder::Indices;

constexpr const char* kGroupNode = "## process_group:init ##";

// One record_param_comms, whatever the schema.
struct Record {
  std::string name;
  std::string request;  // what a wait names
  std::string group;    // pg_name; empty in schema 1.0.1
  int64_t peer = -1;    // place in the group
  int64_t in_bytes = -1, out_bytes = -1;
  std::vector<uint32_t> splits;
  int64_t group_size = -1, first_rank = -1, rank_stride = -1;
};

// [tensor id, storage id, offset, elements, bytes an element, device], or a list of these; nested no deeper.
int64_t tensor_bytes(const Json& value) {
  constexpr size_t kElements = 3, kElementBytes = 4, kFields = 6;
  if (!value.is_array() || value.empty()) return -1;
  if (value[0].is_array()) {
    int64_t sum = -1;
    for (const Json& one : value) {
      if (!one.is_array() || one.empty() || one[0].is_array()) return -1;
      const int64_t bytes = tensor_bytes(one);
      if (bytes < 0 || sum > kMaxCaptureBytes) return -1;
      sum = std::max<int64_t>(sum, 0) + bytes;
    }
    return sum;
  }
  if (value.size() < kFields) return -1;
  const int64_t elements = integer_of(value[kElements]);
  const int64_t size = integer_of(value[kElementBytes]);
  if (elements < 0 || size <= 0 || size > 16 || elements > kMaxCaptureBytes / size) return -1;
  return elements * size;
}

// Of schema 1.1.0 and later.
bool read_attributes(const Json& node, Record& record) {
  std::map<std::string, std::string> found;
  for (const Json& one : field(node, "attrs"))
    found[text_of(field(one, "name"))] = text_of(field(one, "value"));
  record.name = found["collective_name"];
  if (record.name.empty()) return false;
  const int64_t element = element_size(found["dtype"]);
  const auto number = [&](const char* key) { return integer_of(Json(found[key])); };
  const auto bytes = [&](const char* key) {
    const int64_t elements = number(key);
    return element == 0 || elements < 0 || elements > kMaxCaptureBytes / element ? -1 : elements * element;
  };
  record.in_bytes = bytes("in_msg_nelems");
  record.out_bytes = bytes("out_msg_nelems");
  record.group = found["pg_name"];
  record.group_size = number("pg_size");
  record.first_rank = number("global_rank_start");
  record.rank_stride = number("global_rank_stride");
  record.splits = parse_list(found["in_split_size"]).value_or(std::vector<uint32_t>());
  return true;
}

// Of a wait the tensors are missing; the request is the first input that is no tensor.
void read_inputs(const Json& inputs, const Json& types, bool has_attributes, Record& record) {
  std::vector<int64_t> before, after;  // numbers before and after the name
  std::vector<std::vector<uint32_t>> lists;
  bool named = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Json& value = inputs[i];
    const std::string type = i < types.size() ? text_of(types[i]) : "";
    if (value.is_number_integer()) {
      (named ? after : before).push_back(value.get<int64_t>());
    } else if (value.is_string() && !named) {
      if (!has_attributes) record.name = value.get<std::string>();
      named = true;
    } else if (value.is_array() && type.rfind("Tuple[String", 0) == 0 && !value.empty()) {
      if (!has_attributes) record.group = text_of(value[0]);
    } else if (value.is_array() && named) {
      lists.push_back(parse_list(text_of(value)).value_or(std::vector<uint32_t>()));
    } else if (value.is_array() && type.rfind("Tuple[Int", 0) == 0 && !value.empty()) {
      before.insert(before.begin(), integer_of(value[0]));  // [sequence, is point to point]
    } else if (value.is_array() && !has_attributes && record.in_bytes < 0) {
      record.in_bytes = tensor_bytes(value);
    }
  }
  if (!before.empty()) {
    record.request = std::to_string(before.front());
    record.peer = before.back();
  }
  if (has_attributes) return;
  if (!lists.empty()) record.splits = lists.front();
  if (after.size() >= 3) {
    record.first_rank = after[0];
    record.rank_stride = after[1];
    record.group_size = after[2];
  }
}

Record read_record(const Json& node) {
  Record record;
  const Json& inputs = field(node, "inputs");
  const Json& outputs = field(node, "outputs");
  const bool flat = inputs.is_array();  // schema 1.0.1
  const bool has_attributes = read_attributes(node, record);
  read_inputs(flat ? inputs : field(inputs, "values"),
              flat ? field(node, "input_types") : field(inputs, "types"), has_attributes, record);
  const Json& results = flat ? outputs : field(outputs, "values");
  if (!has_attributes && results.is_array() && !results.empty()) record.out_bytes = tensor_bytes(results[0]);
  return record;
}

using Groups = std::map<std::string, std::vector<uint32_t>>;

// The input is a Python list of one string, which holds a JSON list that PyTorch may have cut.
void read_groups(const Json& node, Groups& groups) {
  const Json& inputs = field(node, "inputs");
  const Json& values = inputs.is_array() ? inputs : field(inputs, "values");
  if (!values.is_array() || values.empty()) return;
  const Json list = Json::parse(text_of(values[0]), nullptr, false);
  if (!list.is_array()) return;
  for (const Json& group : list) {
    const auto ranks = parse_list(text_of(field(group, "ranks")));
    if (ranks) groups[text_of(field(group, "pg_name"))] = *ranks;
  }
}

class Converter {
 public:
  Converter(std::string path, GroupTable& groups, CommunicationLedger& ledger, WarningCounter& warnings)
      : path_(std::move(path)), groups_(groups), ledger_(ledger), warnings_(warnings) {}

  tl::expected<ImportedRank, std::string> run(uint32_t number) {
    auto document = read_json(path_);
    if (!document) return tl::make_unexpected(document.error());
    const Json& nodes = field(*document, "nodes");
    if (!nodes.is_array()) return tl::make_unexpected(path_ + ": has no \"nodes\"");
    std::map<int64_t, const Json*> in_order;
    for (const Json& node : nodes) {
      const std::string name = text_of(field(node, "name"));
      if (name == kGroupNode) read_groups(node, known_groups_);
      if (name == "record_param_comms") in_order[integer_of(field(node, "id"), 0)] = &node;
    }
    ImportedRank imported;
    imported.file = path_;
    imported.rank.set_rank(number);
    RankBuilder builder(imported.rank);
    for (const auto& [id, node] : in_order) add(read_record(*node), builder);
    imported.world_size = world_size_;
    return imported;
  }

 private:
  void add(const Record& record, RankBuilder& builder) {
    const CommunicationName what = parse_communication_name(record.name);
    if (what.kind == CommunicationKind::Nothing) {
      const auto waited = requests_.find(record.request);
      if (waited != requests_.end()) waited_[waited->second.first] = waited->second.second;
      return;
    }
    auto operation = read(record, what);
    if (!operation) return;
    ledger_.attribute(0);
    Indices after;
    for (const auto& [group, index] : waited_) {
      if (group != record.group) after.push_back(index);
    }
    const auto last = last_of_group_.find(record.group);
    if (last != last_of_group_.end()) after.push_back(last->second);
    const uint32_t index = builder.append(std::move(*operation), after);
    last_of_group_[record.group] = index;
    requests_[record.request] = {record.group, index};
  }

  std::optional<Operation> read(const Record& record, const CommunicationName& what) {
    Operation operation;
    operation.set_name(record.name);
    const int64_t in = record.in_bytes, out = record.out_bytes;
    if (what.kind == CommunicationKind::Unknown) return leave_out(record, "it has no counterpart here");
    std::vector<uint32_t> ranks = ranks_of(record);
    if (what.kind != CommunicationKind::Collective) {
      const int64_t bytes = std::max(in, out);
      int64_t peer = record.peer;
      if (peer >= 0 && static_cast<size_t>(peer) < ranks.size()) peer = ranks[static_cast<size_t>(peer)];
      if (bytes < 0 || peer < 0 || peer >= kMaxCaptureRank)
        return leave_out(record, "its peer or size is missing");
      if (bytes == 0) return std::nullopt;
      if (what.kind == CommunicationKind::Send) {
        operation.mutable_send()->set_peer(static_cast<uint32_t>(peer));
        operation.mutable_send()->set_bytes(static_cast<uint64_t>(bytes));
      } else {
        operation.mutable_receive()->set_peer(static_cast<uint32_t>(peer));
        operation.mutable_receive()->set_bytes(static_cast<uint64_t>(bytes));
      }
      return operation;
    }
    const int64_t bytes = counted_bytes(what.collective, in, out, ranks.size());
    if (bytes < 0 || bytes > kMaxCaptureBytes) return leave_out(record, "its size is missing");
    if (bytes == 0 && what.collective != ALL_TO_ALL && what.collective != BARRIER) return std::nullopt;
    Collective& collective = *operation.mutable_collective();
    collective.set_kind(what.collective);
    collective.set_bytes(static_cast<uint64_t>(bytes));
    if (what.collective == ALL_TO_ALL && bytes > 0 && !set_split_bytes(record.splits, collective))
      warnings_.add("all-to-all whose split sizes are all zero: equal ones are assumed");
    if (has_root(what.collective)) warnings_.add(root_is_assumed(what.collective));
    collective.set_group(groups_.index_of(record.group, std::move(ranks)));
    return operation;
  }

  std::optional<Operation> leave_out(const Record& record, const std::string& reason) {
    ledger_.leave_out(record.name, reason, 0);
    return std::nullopt;
  }

  // Empty for the world, whose size the file may say.
  std::vector<uint32_t> ranks_of(const Record& record) {
    const auto known = known_groups_.find(record.group);
    if (known != known_groups_.end()) return known->second;
    const bool is_default = record.group.empty() || record.group == "0";
    if (record.group_size <= 0 || record.group_size >= kMaxCaptureRank || record.rank_stride <= 0 ||
        record.first_rank < 0 || record.first_rank >= kMaxCaptureRank ||
        record.rank_stride >= kMaxCaptureRank)
      return {};
    if (is_default && record.first_rank == 0 && record.rank_stride == 1) {
      if (record.group_size > 1) world_size_ = static_cast<uint32_t>(record.group_size);
      return {};
    }
    std::vector<uint32_t> ranks;
    for (int64_t i = 0; i < record.group_size; ++i)
      ranks.push_back(static_cast<uint32_t>(record.first_rank + i * record.rank_stride));
    return ranks;
  }

  const std::string path_;
  GroupTable& groups_;
  CommunicationLedger& ledger_;
  WarningCounter& warnings_;
  Groups known_groups_;
  uint32_t world_size_ = 0;
  std::map<std::string, uint32_t> last_of_group_, waited_;  // of each group: its operations run in order
  std::map<std::string, std::pair<std::string, uint32_t>> requests_;
};

}  // namespace

bool recognises_execution_trace(std::string_view content) {
  const size_t first = content.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || content[first] != '{') return false;
  const size_t schema = content.find("\"schema\"");
  return schema != std::string_view::npos && content.find("\"traceEvents\"") == std::string_view::npos &&
         (content.find("\"nodes\"") != std::string_view::npos ||
          content.find("\"start_ts\"") != std::string_view::npos);
}

tl::expected<ImportResult, std::string> import_execution_trace(const std::vector<std::string>& files,
                                                               const ImportOptions& options) {
  GroupTable groups;
  CommunicationLedger ledger;
  WarningCounter warnings;
  std::vector<ImportedRank> ranks;
  for (const std::string& path : files) {
    const auto number = rank_of_file(path, files.size(), options);
    if (!number) return tl::make_unexpected(number.error());
    auto rank = Converter(path, groups, ledger, warnings).run(*number);
    if (!rank) return tl::make_unexpected(rank.error());
    ranks.push_back(std::move(*rank));
  }
  if (ledger.empty())
    return tl::make_unexpected(fmt::format("{}: no communication was found in the capture", files.front()));
  auto trace = assemble(std::move(ranks), groups, options);
  if (!trace) return tl::make_unexpected(trace.error());
  ledger.append_to(*trace->mutable_header());
  ImportResult result = {std::move(*trace), warnings.lines()};
  result.warnings.push_back("execution traces have no times: nothing is computed between communications");
  return result;
}

}  // namespace railyard::trace
