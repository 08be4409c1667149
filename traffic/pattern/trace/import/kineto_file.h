// SPDX-License-Identifier: BSD-3-Clause
// What the importer needs of one Kineto JSON file. Field names: kineto 114171d,
// libkineto/src/output_json.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::trace {

// The arguments of a collective, as far as they were found; -1 and empty where they were not.
struct KinetoArguments {
  std::string collective;  // "Collective name", or taken from the operator's name
  std::string dtype;
  int64_t in_elements = -1;
  int64_t out_elements = -1;
  int64_t group_size = -1;
  std::string in_split;  // as text: "[768, 768]"
  std::string group_name;
  std::string group_label;  // with its description: "0 (default_pg)"; empty where there is none
  std::string group_ranks;  // as text; PyTorch cuts long lists: "[0, 1, ..., ...]"
  int64_t first_rank = -1;
  int64_t rank_stride = -1;
  int64_t source = -1;
  int64_t destination = -1;
  int64_t root = -1;                  // place in the group
  bool from_tensors = false;          // in_elements was guessed from the operator's tensors
  std::vector<std::string> concrete;  // its other inputs, as text: of symm_mem's operators one is the group
  bool part = false;                  // of a communication that another kernel stands for
  std::string missing;                // why there are none, where the importer knows
};

struct KinetoInstant {
  uint32_t thread = 0;
  int64_t at_ns = 0;
};

// A kernel, copy or memset on the device.
struct KinetoDeviceOperation {
  std::string name;
  uint32_t stream = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  uint64_t correlation = 0;
  std::string_view library;   // of a communication; empty for local work
  KinetoArguments arguments;  // of a communication
  bool joined = false;        // another communication of the kernel before it: both begin and end together

  bool is_communication() const { return !library.empty(); }
};

// record_param_comms, nccl:*, c10d::* or another library's
struct KinetoHostOperation {
  std::string name;
  uint32_t thread = 0;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
  KinetoArguments arguments;
};

struct KinetoGroup {
  std::string name;
  std::vector<uint32_t> ranks;
};

// What the job marked on a thread: ProfilerStep#12, or a record_function of the user's.
struct KinetoAnnotation {
  std::string name;
  int64_t start_ns = 0;
  int64_t end_ns = 0;
};

struct KinetoFile {
  std::string path;
  std::optional<uint32_t> rank;
  uint32_t world_size = 0;
  std::vector<KinetoGroup> groups;  // pg_config
  std::vector<KinetoDeviceOperation> device_operations;
  std::vector<KinetoHostOperation> host_operations;
  std::unordered_map<uint64_t, KinetoInstant> launches;  // by correlation
  std::vector<KinetoInstant> stream_waits;               // cudaStreamWaitEvent
  std::vector<KinetoAnnotation> annotations;
};

// The error names the file, and for broken JSON the byte.
tl::expected<KinetoFile, std::string> read_kineto_file(const std::string& path);

}  // namespace railyard::trace
