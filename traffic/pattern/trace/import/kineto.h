// SPDX-License-Identifier: BSD-3-Clause
// PyTorch profiler (Kineto) traces: one JSON file a rank, as torch.profiler's export_chrome_trace writes it.
//
// Which kernels are communications: communication_kernels.h knows the libraries. NCCL's arguments are on the
// kernel; in older versions on the record_param_comms operator that encloses the launch with the same
// correlation, and in still older ones only that operator's tensor sizes are known. Of other libraries
// (symmetric memory, custom all-reduce, ...) the operator that encloses the launch says what is sent, once
// for all of its kernels, where the profiler recorded shapes. A communication of which neither is known is
// left out and counted in the trace's header; the time of its kernel is no computation.
//
// When: a NCCL kernel's duration is mostly waiting for other ranks and is not used. Its start is the rank's
// arrival, and what the rank does before it, in between and after is kept:
//   - operations of one stream run one after another;
//   - a collective waits for the last local operation that its thread launched before it, as PyTorch makes
//   NCCL's stream
//     wait for the current stream;
//   - a local operation that its thread launched after a cudaStreamWaitEvent of its own (Work::wait) waits
//   for the
//     collective that had ended last when it started;
//   - idle time between the last of these and the start (launches by the CPU) is kept as it was.
// Collectives of different streams that are not bound by these rules run independently. A host that waits for
// the device (cudaStreamSynchronize) is not seen: what it launches afterwards keeps its captured distance in
// its stream.
//
// Clocks of different hosts are aligned so that each collective ends at the same time on all its ranks
// (median).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/import/kineto_file.h"

namespace railyard::trace {

bool recognises_kineto(std::string_view content);
tl::expected<ImportResult, std::string> import_kineto(const std::vector<std::string>& files,
                                                      const ImportOptions& options);

// The same of what another instrument saw; `read` is called once for each of `count` ranks.
tl::expected<ImportResult, std::string> trace_of_kineto_files(
    size_t count, const std::function<tl::expected<KinetoFile, std::string>(size_t)>& read,
    const ImportOptions& options);

}  // namespace railyard::trace
