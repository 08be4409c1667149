// SPDX-License-Identifier: GPL-2.0-only
#include "tools/scenario/job_builder.h"

#include "traffic/pattern/schedule/compiler.h"
#include "traffic/pattern/schedule/replicate.h"
#include "traffic/pattern/trace/trace_file.h"

namespace railyard {
namespace {

using TraceResult = tl::expected<trace::Trace, std::string>;

TraceResult captured_trace(const TraceSource& source, const std::filesystem::path& scenario_file) {
  const auto path = (scenario_file.parent_path() / source.path).lexically_normal();
  auto trace = trace::read_trace(path.string());
  if (trace && source.replicate > 1) return schedule::replicate(*trace, source.replicate);
  return trace;
}

TraceResult source_trace(const Job& job, const std::filesystem::path& scenario_file) {
  switch (job.source) {
    case SourceKind::Trace:
      return captured_trace(job.trace, scenario_file);
    case SourceKind::Incast:
      return make_incast(job.incast);
    case SourceKind::Collective:
      return make_single_collective(job.collective);
    case SourceKind::Permutation:
      return make_permutation(job.permutation);
    case SourceKind::TrainingStep:
      return make_training_step(job.training_step);
  }
  return tl::make_unexpected("this kind of job does not exist");
}

}  // namespace

std::optional<uint32_t> generated_ranks(const Job& job) {
  switch (job.source) {
    case SourceKind::Trace:
      return std::nullopt;
    case SourceKind::Incast:
      return job.incast.senders + 1;
    case SourceKind::Collective:
      return job.collective.ranks;
    case SourceKind::Permutation:
      return job.permutation.ranks;
    case SourceKind::TrainingStep:
      return job.training_step.ranks;
  }
  return std::nullopt;
}

tl::expected<std::vector<schedule::RankLocation>, std::string> place_job(const Job& job,
                                                                         const ns3::FabricSettings& fabric,
                                                                         uint32_t host_count, uint32_t ranks,
                                                                         uint64_t seed) {
  schedule::Placement placement;
  placement.strategy = static_cast<schedule::PlacementStrategy>(job.placement.strategy);
  if (job.placement.hosts != "all") placement.hosts = job.placement.hosts;
  placement.gpus = job.placement.gpus;
  placement.seed = seed;
  return schedule::place(placement, ranks, host_count, fabric.gpusPerHost);
}

tl::expected<std::shared_ptr<const trace::Trace>, std::string> build_trace(
    const Job& job, const std::filesystem::path& scenario_file) {
  auto trace = source_trace(job, scenario_file);
  if (!trace) return tl::make_unexpected(trace.error());
  if (const auto compiled = schedule::compile(*trace); !compiled)
    return tl::make_unexpected(compiled.error());
  return std::make_shared<const trace::Trace>(*std::move(trace));
}

}  // namespace railyard
