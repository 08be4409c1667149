// SPDX-License-Identifier: BSD-3-Clause
// What the importer needs of one SQLite export of Nsight Systems. Tables and columns: its User Guide, "SQLite
// Export Schema Reference"; payloads: nvToolsExtPayload.h of NVTX 3, NCCL 2.30's nvtx_payload_schemas.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/kineto_file.h"

namespace railyard::trace {

// A call of NCCL's API, as its NVTX range says.
struct NsysCall {
  std::string name;                      // "AllReduce"
  std::optional<uint64_t> communicator;  // nothing where the range has no payload
  int64_t bytes = -1;                    // count x element size, as the API is called
  int64_t peer = -1, root = -1;          // places in the communicator
};

// As ncclCommInitRank and its like say.
struct NsysMembership {
  uint32_t rank = 0, size = 0;
};

struct NsysProcess {
  std::string name;  // "process 4711"
  // Its device's operations, launches, waits and annotations; rank, world and arguments are not known yet.
  KinetoFile capture;
  std::vector<NsysCall> calls;
  std::vector<std::optional<size_t>> call_of;      // by device operation: in `calls`
  std::map<uint64_t, NsysMembership> memberships;  // by communicator
};

// In ascending order of process number. The error names the file.
tl::expected<std::vector<NsysProcess>, std::string> read_nsys_file(const std::string& path);

}  // namespace railyard::trace
