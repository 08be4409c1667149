// SPDX-License-Identifier: BSD-3-Clause
// From a scenario's job to what is simulated: its trace, and where its ranks run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "tools/scenario/scenario.h"
#include "traffic/pattern/schedule/placed_schedules.h"
#include "traffic/pattern/schedule/placement.h"
#include "traffic/pattern/trace/import/importer.h"
#include "traffic/pattern/trace/trace.pb.h"

namespace railyard {

// How many ranks a generated job has; nothing where its trace says it.
std::optional<uint32_t> generated_ranks(const Job& job);

// `folder` is where relative paths start; `taken` are GPUs of other jobs. Errors are one sentence without the
// place.
tl::expected<std::vector<schedule::RankLocation>, std::string> place_job(
    const Job& job, const std::filesystem::path& folder, const schedule::Cluster& cluster, uint32_t ranks,
    uint64_t seed, std::vector<schedule::RankLocation> taken = {});

struct BuiltTrace {
  std::shared_ptr<const trace::RankSource> source;       // of the trace
  std::shared_ptr<schedule::PlacedSchedules> schedules;  // of the trace
  std::vector<std::string> warnings;                     // of the importer: what to distrust
  std::string sha256;  // of the trace's bytes, before its computations were scaled
};

// Whether what the job does is drawn from the run's seed, and not only where it is placed: each seed then has
// a trace of its own.
bool depends_on_seed(const Job& job);

// Imports or generates the job's trace, with its stragglers; its computations last `time_scale` times as
// long. `context` is of the scenario as it stands, before it is scaled. The error names the capture's file
// where it has one.
tl::expected<BuiltTrace, std::string> build_trace(const Job& job, const WorkloadContext& context,
                                                  uint32_t time_scale);

// Whether `path` is a .rytrace file by its first bytes; false where it cannot be read.
bool is_trace_file(const std::string& path);

// A .rytrace file as it is, anything else through the importers.
tl::expected<trace::ImportResult, std::string> open_trace(const std::vector<std::string>& paths,
                                                          const trace::ImportOptions& options);

}  // namespace railyard
