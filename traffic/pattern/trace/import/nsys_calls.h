// SPDX-License-Identifier: BSD-3-Clause
// Which call of NCCL's API each of its kernels is of.
//
// A call, or all of a group (ncclGroupStart to ncclGroupEnd), is a scope of its thread: the kernels that are
// launched in it carry its calls. As many kernels as calls carry one each, in their order; otherwise the
// first carries all, since NCCL puts a group into one kernel, and the others belong to it. A kernel that is
// launched outside of every scope, as by a CUDA graph, is of a call that nobody knows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/nsys_file.h"
#include "traffic/pattern/trace/import/nsys_payload.h"

namespace railyard::trace {

// One process, as its tables are read.
class NsysCalls {
 public:
  NsysCalls(const std::string& path, int64_t process);

  void add_operation(KinetoDeviceOperation operation);
  // Of CUDA's API, after all operations: a wait of a stream, or what launched one of them.
  void add_call(uint64_t correlation, KinetoInstant at, bool is_stream_wait);
  void add_range(uint32_t thread, std::string name, int64_t start_ns, int64_t end_ns,
                 const NsysPayload& payload);
  // The error names file and process.
  tl::expected<NsysProcess, std::string> finish();

 private:
  struct Range {
    uint32_t thread = 0;
    std::string name;
    int64_t start_ns = 0, end_ns = 0;
    NsysPayload payload;
  };
  struct Scope {
    uint32_t thread = 0;
    int64_t start_ns = 0, end_ns = 0;
    std::vector<size_t> calls;
    std::vector<size_t> kernels;  // device operations, in the order of their launches
  };

  tl::expected<void, std::string> add_membership(const Range& range);
  tl::expected<void, std::string> read_ranges();
  void find_kernels();
  void assign_calls();
  void drop_waits_of_communications();

  NsysProcess process_;
  std::unordered_set<uint64_t> launched_;  // correlations of the operations
  std::vector<Range> ranges_;
  std::vector<Scope> scopes_;  // by thread, then time; those of a thread do not overlap
};

}  // namespace railyard::trace
