// SPDX-License-Identifier: BSD-3-Clause
// What NCCL's own instruments (log, profiler, inspector, NVTX) see: communicators by id and the ranks in
// them, but not the ranks of the job.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/import/kineto_names.h"

namespace railyard::trace {

struct CommunicatorOperation {
  std::string communicator;
  std::string name;  // as NCCL calls it: "AllReduce"
  CommunicationName kind;
  int64_t bytes =
      -1;  // count x element size, as the API is called: of all-gather and reduce-scatter one rank's part
  int64_t peer = -1;  // place in the communicator
  int64_t root = 0;
  int64_t start_ns = -1;  // -1 where the instrument has no times
  int64_t end_ns = -1;
};

// One process, with its operations in the order in which they were issued.
struct CommunicatorProcess {
  std::string file;
  std::string name;                      // host and process id
  std::map<std::string, uint32_t> rank;  // by communicator
  std::vector<CommunicatorOperation> operations;
};

struct CommunicatorCapture {
  std::vector<CommunicatorProcess> processes;
  std::map<std::string, uint32_t> sizes;  // ranks of each communicator
};

// Bytes of an element by NCCL's name or number of its type ("ncclFloat32", "7"); 0 for one that is not known.
int64_t nccl_element_size(const std::string& type);

// The largest communicator numbers the job's ranks; the members of the others are the processes that name
// them. Operations of a process run one after another, as far apart as they were captured where there are
// times.
tl::expected<ImportResult, std::string> trace_of_communicators(CommunicatorCapture capture,
                                                               const ImportOptions& options);

}  // namespace railyard::trace
