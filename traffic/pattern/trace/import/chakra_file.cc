// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/import/chakra_file.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/chakra.pb.h"
#include "traffic/pattern/trace/import/json_fields.h"
#include "traffic/pattern/trace/import/kineto_names.h"
#include "traffic/pattern/trace/record_reader.h"

namespace railyard::trace {
namespace {

using chakra::Attribute;
using Json = nlohmann::json;

constexpr std::string_view kGroupNode = "## process_group:init ##";
constexpr size_t kMaxName = 80;  // mangled kernel names run to kilobytes

// Any integer arm: writers differ.
std::optional<int64_t> integer(const Attribute& attribute) {
  switch (attribute.value_case()) {
    case Attribute::kInt32Value:
      return attribute.int32_value();
    case Attribute::kInt64Value:
      return attribute.int64_value();
    case Attribute::kUint32Value:
      return attribute.uint32_value();
    case Attribute::kUint64Value:
      return static_cast<int64_t>(attribute.uint64_value());
    case Attribute::kSint32Value:
      return attribute.sint32_value();
    case Attribute::kSint64Value:
      return attribute.sint64_value();
    case Attribute::kFixed32Value:
      return attribute.fixed32_value();
    case Attribute::kFixed64Value:
      return static_cast<int64_t>(attribute.fixed64_value());
    case Attribute::kSfixed32Value:
      return attribute.sfixed32_value();
    case Attribute::kSfixed64Value:
      return attribute.sfixed64_value();
    case Attribute::kBoolValue:
      return attribute.bool_value() ? 1 : 0;
    default:
      return std::nullopt;
  }
}

// Names end up in messages for people and in UTF-8 fields.
std::string printable(std::string_view name) {
  std::string out(name.substr(0, kMaxName));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

void read_attribute(const Attribute& attribute, ChakraNode& node) {
  const std::string& name = attribute.name();
  const std::optional<int64_t> number = integer(attribute);
  if (name == "pg_name") {
    node.group_name = number ? std::to_string(*number) : printable(attribute.string_value());
  } else if (name == "is_cpu_op") {
    if (number) node.is_cpu_op = *number != 0;
  } else if (name == "comm_size") {
    node.comm_size = number;
  } else if (name == "comm_type") {
    node.comm_type = number;
  } else if (name == "comm_src") {
    node.comm_src = number;
  } else if (name == "comm_dst") {
    node.comm_dst = number;
  } else if (name == "comm_tag") {
    node.comm_tag = number;
  } else if (name == "root_rank" || name == "root") {
    node.comm_root = number;
  } else if (name == "stream") {
    node.stream = number;
  } else if (name == "tid") {
    node.thread = number;
  }
}

// The node's input is a Python list of one string, which holds a JSON list. False where it cannot be read.
bool read_groups(std::string values, ChakraFile& file) {
  const size_t begin = values.find("[{");
  const size_t end = values.rfind("}]");
  if (begin == std::string::npos || end == std::string::npos || end < begin) return false;
  values = values.substr(begin, end + 2 - begin);
  values.erase(std::remove(values.begin(), values.end(), '\\'), values.end());
  const Json groups = Json::parse(values, nullptr, false);
  if (!groups.is_array()) return false;
  for (const Json& group : groups) {
    const auto name = group.find("pg_name");
    const auto ranks = group.find("ranks");
    if (name == group.end() || ranks == group.end() || !ranks->is_array()) continue;
    std::vector<uint32_t> members;
    for (const Json& rank : *ranks) {
      if (rank.is_number_unsigned()) members.push_back(rank.get<uint32_t>());
    }
    const std::string key = name->is_string()   ? name->get<std::string>()
                            : name->is_number() ? name->dump()
                                                : "";
    file.groups[printable(key)] = std::move(members);
  }
  return true;
}

// {"1": [0, 1], "2": [2, 3]}
tl::expected<void, std::string> read_group_file(const std::string& path, ChakraFile& file) {
  const auto beside = std::filesystem::path(path).parent_path() / "comm_group.json";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(beside, ignored)) return {};
  const auto groups = read_json(beside.string());
  if (!groups) return tl::make_unexpected(groups.error());
  for (const auto& [name, members] : groups->items()) {
    const auto ranks = parse_list(text_of(members));
    if (!ranks)
      return tl::make_unexpected(
          fmt::format("{}: group {} must be a list of ranks, as ASTRA-sim reads it", beside.string(), name));
    file.groups.try_emplace(printable(name), *ranks);
  }
  return {};
}

ChakraNode read_node(const chakra::Node& message) {
  ChakraNode node;
  node.id = message.id();
  node.name = printable(message.name());
  node.type = message.type();
  node.start_us = message.start_time_micros();
  node.duration_us = message.duration_micros();
  node.data_deps.assign(message.data_deps().begin(), message.data_deps().end());
  node.ctrl_deps.assign(message.ctrl_deps().begin(), message.ctrl_deps().end());
  for (const Attribute& attribute : message.attributes()) read_attribute(attribute, node);
  return node;
}

template <class M>
bool parse(std::string_view payload, M& message) {
  google::protobuf::LogSilencer one_error_is_enough;
  return message.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
}

}  // namespace

tl::expected<ChakraFile, std::string> read_chakra_file(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return tl::make_unexpected(content.error());
  if (content->empty()) return tl::make_unexpected(fmt::format("{}: the file is empty", path));
  RecordReader reader(*content, path);
  auto record = reader.next();
  if (!record) return tl::make_unexpected(record.error());
  chakra::GlobalMetadata metadata;
  if (!parse(**record, metadata)) {
    return tl::make_unexpected(
        fmt::format("{}: is no Chakra metadata: the file is no Chakra trace, or damaged", reader.place()));
  }
  ChakraFile file;
  file.path = path;
  chakra::Node message;
  while (true) {
    record = reader.next();
    if (!record) return tl::make_unexpected(record.error());
    if (!record->has_value()) break;
    if (!parse(**record, message)) {
      return tl::make_unexpected(fmt::format(
          "{}: is no Chakra node: the file is damaged; convert the capture again", reader.place()));
    }
    if (message.name().find(kGroupNode) != std::string::npos &&
        !read_groups(message.inputs().values(), file)) {
      return tl::make_unexpected(
          fmt::format("{}: the process groups in '{}' cannot be read (PyTorch cuts long values): "
                      "capture with a newer PyTorch",
                      reader.place(), kGroupNode));
    }
    file.nodes.push_back(read_node(message));
  }
  if (auto groups = read_group_file(path, file); !groups) return tl::make_unexpected(groups.error());
  return file;
}

}  // namespace railyard::trace
