// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/job_builder.h"

#include <fmt/format.h>

#include "tools/scenario/cluster.h"
#include "tools/scenario/digest.h"
#include "tools/scenario/time_scale.h"
#include "traffic/pattern/schedule/replicate.h"
#include "traffic/pattern/trace/file_bytes.h"
#include "traffic/pattern/trace/trace_file.h"

namespace railyard {
namespace {

using ImportResult = tl::expected<trace::ImportResult, std::string>;

ImportResult captured_trace(const TraceSource& source, const std::filesystem::path& folder) {
  trace::ImportOptions options;
  if (source.format != "auto") options.format = source.format;
  options.world_size = source.world;
  options.steps = source.steps;
  options.fill_missing_ranks = source.fill_missing_ranks;
  auto opened = open_trace({(folder / source.path).lexically_normal().string()}, options);
  if (!opened || source.replicate == 1) return opened;
  const uint32_t ranks = opened->trace.header().rank_count();
  constexpr uint64_t kMost = 1 << 20;  // as generated jobs may have
  if (uint64_t{ranks} * source.replicate > kMost)
    return tl::make_unexpected(
        fmt::format("trace: {} copies of {} ranks are more than {} ranks: lower replicate", source.replicate,
                    ranks, kMost));
  opened->trace = schedule::replicate(opened->trace, source.replicate);
  return opened;
}

// What it does by itself, and what to distrust of it.
tl::expected<BuiltTrace, std::string> plain_trace(const Job& job, const WorkloadContext& context) {
  BuiltTrace built;
  MadeJob made;
  if (job.workload) {
    made = workloads()[*job.workload].make(job.workload_settings.of(*job.workload), context);
  } else {
    auto opened = captured_trace(job.trace, context.folder);
    if (!opened) return tl::make_unexpected(opened.error());
    built.warnings = std::move(opened->warnings);
    made = trace::HeldTrace::of(std::move(opened->trace));
  }
  if (!made) return tl::make_unexpected(made.error());
  built.source = *std::move(made);
  return built;
}

}  // namespace

std::optional<uint32_t> generated_ranks(const Job& job) {
  if (!job.workload) return std::nullopt;
  return workloads()[*job.workload].ranks(job.workload_settings.of(*job.workload));
}

tl::expected<std::vector<schedule::RankLocation>, std::string> place_job(
    const Job& job, const std::filesystem::path& folder, const schedule::Cluster& cluster, uint32_t ranks,
    uint64_t seed, std::vector<schedule::RankLocation> taken) {
  schedule::Placement placement;
  placement.strategy = job.placement.strategy;
  if (job.placement.hosts != "all") placement.hosts = job.placement.hosts;
  if (job.placement.locations != "none") placement.locations = job.placement.locations;
  placement.gpus = job.placement.gpus;
  placement.seed = seed;
  placement.taken = std::move(taken);
  if (!job.placement.topology.empty()) {
    const auto topology = read_cluster_topology(folder / job.placement.topology);
    if (!topology) return tl::make_unexpected(topology.error());
    auto hosts = hosts_by_name(*topology, placement.hosts, cluster);
    if (!hosts) return tl::make_unexpected(hosts.error());
    placement.hosts = *std::move(hosts);
  }
  return schedule::place(placement, ranks, cluster);
}

bool is_trace_file(const std::string& path) {
  constexpr size_t kMagicBytes = 16;
  if (std::filesystem::is_directory(path)) return false;
  const auto head = trace::read_head(path, kMagicBytes);
  return head && trace::looks_like_trace(*head);
}

ImportResult open_trace(const std::vector<std::string>& paths, const trace::ImportOptions& options) {
  if (paths.size() != 1 || !is_trace_file(paths.front())) return trace::import_trace(paths, options);
  if (options.rank || options.world_size != 0 || options.fill_missing_ranks || !options.format.empty() ||
      !options.name.empty() || !options.steps.empty())
    return tl::make_unexpected(
        fmt::format("{}: is a .rytrace file, which has its name, every rank and the steps it was imported "
                    "with: give it no "
                    "format, name, rank, steps, world or fill_missing_ranks",
                    paths.front()));
  auto trace = trace::read_trace(paths.front());
  if (!trace) return tl::make_unexpected(trace.error());
  return trace::ImportResult{*std::move(trace), {}};
}

bool depends_on_seed(const Job& job) {
  if (depends_on_seed(job.stragglers)) return true;
  return job.workload && workloads()[*job.workload].depends_on_seed(job.workload_settings.of(*job.workload));
}

tl::expected<BuiltTrace, std::string> build_trace(const Job& job, const WorkloadContext& context,
                                                  uint32_t time_scale) {
  auto built = plain_trace(job, context);
  if (!built) return built;
  auto unequal = with_stragglers(std::move(built->source), job.stragglers, context.seed, job.name);
  if (!unequal) return tl::make_unexpected(unequal.error());
  Sha256 digest;
  const auto read = trace::encode_trace(**unequal, [&](std::string_view piece) { digest.add(piece); });
  if (!read) return tl::make_unexpected(read.error());
  built->sha256 = digest.finish();
  built->source = scaled(*std::move(unequal), time_scale);
  built->schedules = std::make_shared<schedule::PlacedSchedules>(built->source);
  return built;
}

}  // namespace railyard
