// SPDX-License-Identifier: BSD-3-Clause
// What the importer needs of one Chakra file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::trace {

// NodeType of Chakra's schema, as far as it matters here.
enum class ChakraType : int32_t { CommSend = 5, CommRecv = 6, CommColl = 7 };

struct ChakraNode {
  uint64_t id = 0;
  std::string name;
  int32_t type = 0;
  uint64_t start_us = 0;
  uint64_t duration_us = 0;
  std::vector<uint64_t> data_deps;
  std::vector<uint64_t> ctrl_deps;
  std::optional<bool> is_cpu_op;
  std::optional<int64_t> stream;
  std::optional<int64_t> thread;
  std::optional<int64_t> comm_type;
  std::optional<int64_t> comm_size;
  std::optional<int64_t> comm_src;
  std::optional<int64_t> comm_dst;
  std::optional<int64_t> comm_tag;
  std::optional<int64_t> comm_root;
  std::string group_name;

  bool is(ChakraType kind) const { return type == static_cast<int32_t>(kind); }
};

struct ChakraFile {
  std::string path;
  std::vector<ChakraNode> nodes;                        // in the file's order
  std::map<std::string, std::vector<uint32_t>> groups;  // by pg_name; no ranks: the whole world
};

// With the groups of a comm_group.json beside the file, as ASTRA-sim is given them, where the file does not
// define its own. The error names file, record and byte offset.
tl::expected<ChakraFile, std::string> read_chakra_file(const std::string& path);

}  // namespace railyard::trace
