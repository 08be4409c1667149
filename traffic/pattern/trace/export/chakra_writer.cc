// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/export/chakra_writer.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/import/chakra.pb.h"
#include "traffic/pattern/trace/names.h"
#include "traffic/pattern/trace/record_reader.h"

namespace railyard::trace {
namespace {

using Json = nlohmann::json;

// NodeType and CollectiveCommType of Chakra's et_def.proto at 21585d8.
constexpr int32_t kMetadata = 1, kCompute = 4, kSend = 5, kReceive = 6, kCollective = 7;

int64_t comm_type_of(CollectiveKind kind) {
  switch (kind) {
    case REDUCE:
      return 1;
    case ALL_GATHER:
      return 2;
    case GATHER:
      return 3;
    case SCATTER:
      return 4;
    case BROADCAST:
      return 5;
    case ALL_TO_ALL:
      return 6;
    case REDUCE_SCATTER:
      return 7;
    case BARRIER:
      return 9;
    default:
      return 0;
  }
}

chakra::Attribute& add(chakra::Node& node, const char* name) {
  chakra::Attribute& attribute = *node.add_attributes();
  attribute.set_name(name);
  return attribute;
}

std::string group_name(uint32_t group) {
  return std::to_string(group + 1);
}

chakra::Node groups_node(const Trace& trace) {
  Json groups = Json::array();
  for (int g = 0; g < trace.header().groups_size(); ++g) {
    const auto& ranks = trace.header().groups(g).ranks();
    groups.push_back({{"pg_name", group_name(static_cast<uint32_t>(g))},
                      {"ranks", std::vector<uint32_t>(ranks.begin(), ranks.end())},
                      {"group_size", ranks.size()}});
  }
  chakra::Node node;
  node.set_id(0);
  node.set_name("## process_group:init ##");
  node.set_type(kMetadata);
  node.mutable_inputs()->set_values("['" + groups.dump() + "']");  // a Python list, printed
  return node;
}

void set_collective(const Trace& trace, const Collective& collective, chakra::Node& node) {
  const Group& group = trace.header().groups(static_cast<int>(collective.group()));
  const auto size = static_cast<uint64_t>(group.ranks_size());
  // Chakra counts a rank's input, the trace the output of all-gather and gather.
  const bool gathers = collective.kind() == ALL_GATHER || collective.kind() == GATHER;
  const uint64_t bytes = gathers && size > 0 ? collective.bytes() / size : collective.bytes();
  node.set_type(kCollective);
  add(node, "comm_type").set_int64_value(comm_type_of(collective.kind()));
  add(node, "comm_size").set_int64_value(static_cast<int64_t>(bytes));
  add(node, "pg_name").set_string_value(group_name(collective.group()));
  if (has_root(collective.kind()))
    add(node, "root_rank").set_int32_value(static_cast<int32_t>(collective.root()));
}

void set_message(uint32_t rank, uint32_t peer, uint64_t bytes, uint32_t tag, bool sends, chakra::Node& node) {
  node.set_type(sends ? kSend : kReceive);
  add(node, "comm_src").set_int32_value(static_cast<int32_t>(sends ? rank : peer));
  add(node, "comm_dst").set_int32_value(static_cast<int32_t>(sends ? peer : rank));
  add(node, "comm_size").set_int64_value(static_cast<int64_t>(bytes));
  add(node, "comm_tag").set_int32_value(static_cast<int32_t>(tag));
}

chakra::Node node_of(const Trace& trace, const Rank& rank, int index) {
  const Operation& operation = rank.operations(index);
  chakra::Node node;
  node.set_id(static_cast<uint64_t>(index) + 1);
  node.set_name(operation.name());
  for (const uint32_t distance : operation.after())
    node.add_data_deps(static_cast<uint64_t>(index) + 1 - distance);
  add(node, "is_cpu_op").set_bool_value(false);
  if (operation.has_collective()) {
    set_collective(trace, operation.collective(), node);
  } else if (operation.has_send()) {
    const Send& send = operation.send();
    set_message(rank.rank(), send.peer(), send.bytes(), send.tag(), true, node);
  } else if (operation.has_receive()) {
    const Receive& receive = operation.receive();
    set_message(rank.rank(), receive.peer(), receive.bytes(), receive.tag(), false, node);
  } else {
    constexpr uint64_t kNanosecondsInMicrosecond = 1000;
    node.set_type(kCompute);
    node.set_duration_micros((operation.compute().duration_ns() + kNanosecondsInMicrosecond / 2) /
                             kNanosecondsInMicrosecond);
  }
  return node;
}

}  // namespace

std::string encode_chakra(const Trace& trace, const Rank& rank) {
  std::string out;
  chakra::GlobalMetadata metadata;
  metadata.set_version("1.0.0");
  append_record(out, metadata.SerializeAsString());
  append_record(out, groups_node(trace).SerializeAsString());
  for (int i = 0; i < rank.operations_size(); ++i)
    append_record(out, node_of(trace, rank, i).SerializeAsString());
  return out;
}

tl::expected<void, std::string> write_chakra(const Trace& trace, const std::string& folder,
                                             const std::string& prefix) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return tl::make_unexpected(fmt::format("{}: cannot be made: {}", folder, failed.message()));
  const std::filesystem::path place(folder);
  for (const Rank& rank : trace.ranks()) {
    const std::string file = place / fmt::format("{}.{}.et", prefix, rank.rank());
    if (auto written = write_file(file, encode_chakra(trace, rank)); !written) return written;
  }
  Json groups = Json::object();
  for (int g = 0; g < trace.header().groups_size(); ++g) {
    const auto& ranks = trace.header().groups(g).ranks();
    groups[group_name(static_cast<uint32_t>(g))] = std::vector<uint32_t>(ranks.begin(), ranks.end());
  }
  return write_file(place / "comm_group.json", groups.dump(1) + "\n");
}

}  // namespace railyard::trace
