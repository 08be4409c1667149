// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/played_jobs.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace railyard::schedule {
namespace {

uint64_t pairs_of(const Schedule& schedule) {
  uint64_t pairs = schedule.channels.size();
  for (const Operation& operation : schedule.operations) pairs += operation.splits.size();
  return pairs;
}

tl::expected<void, std::string> check_placement(const JobInput& job, const HostShape& hosts) {
  const uint32_t ranks =
      job.schedule != nullptr ? job.schedule->rank_count() : job.source->header().rank_count();
  if (job.placement.size() != ranks)
    return tl::make_unexpected(fmt::format("job '{}' has {} ranks, but {} of them are placed", job.name,
                                           ranks, job.placement.size()));
  for (size_t rank = 0; rank < job.placement.size(); ++rank) {
    const RankLocation at = job.placement[rank];
    if (at.host >= hosts.host_count || at.gpu >= hosts.gpus_per_host)
      return tl::make_unexpected(
          fmt::format("job '{}': rank {} is placed on host {} GPU {}; the fabric has hosts 0..{} of {} GPUs",
                      job.name, rank, at.host, at.gpu, hosts.host_count - 1, hosts.gpus_per_host));
  }
  return {};
}

tl::expected<void, std::string> number_flows(PlayedJobs& played, PlayedJob& job) {
  const HostShape& hosts = played.hosts;
  for (uint32_t c = 0; c < job.schedule->channels.size(); ++c) {
    const Channel& channel = job.schedule->channels[c];
    const RankLocation from = job.placement[channel.src_rank], to = job.placement[channel.dst_rank];
    if (from.host == to.host && hosts.scale_up_rate.bps != 0) {
      job.flow_of_channel.push_back(kNone);
      continue;
    }
    const uint32_t source =
        channel.src_nic == kNone ? hosts.endpoint_of(from) : hosts.endpoint_of(from.host, channel.src_nic);
    const uint32_t destination =
        channel.dst_nic == kNone ? hosts.endpoint_of(to) : hosts.endpoint_of(to.host, channel.dst_nic);
    if (source == destination)
      return tl::make_unexpected(
          fmt::format("job '{}': ranks {} and {} share a NIC, and scale_up_rate = 0 gives hosts no links "
                      "between their GPUs; set scale_up_rate, or nics_per_host to gpus_per_host",
                      job.name, channel.src_rank, channel.dst_rank));
    job.flow_of_channel.push_back(static_cast<uint32_t>(played.flows.size()));
    played.flows.push_back({static_cast<uint32_t>(played.jobs.size()), c, source, destination});
  }
  return {};
}

tl::expected<void, std::string> add_job(PlayedJobs& played, const JobInput& input, CompileOptions options) {
  if (auto placed = check_placement(input, played.hosts); !placed) return placed;
  PlayedJob job{input.name,
                input.placement,
                input.iterations,
                input.background,
                input.start,
                input.dscp,
                input.congestion_control,
                input.schedule,
                {},
                {}};
  if (job.schedule == nullptr) {
    options.placement = &input.placement;
    options.hosts = played.hosts;
    auto compiled = compile(*input.source, options);
    if (!compiled) return tl::make_unexpected(fmt::format("job '{}': {}", job.name, compiled.error()));
    job.schedule = std::make_shared<const Schedule>(*std::move(compiled));
  }
  if (auto numbered = number_flows(played, job); !numbered) return numbered;
  for (uint32_t rank = 0; rank < job.placement.size(); ++rank) {
    std::vector<PlayedRank>& ranks = played.ranks_of[job.placement[rank].host];
    job.slot_of_rank.push_back(static_cast<uint32_t>(ranks.size()));
    ranks.push_back({static_cast<uint32_t>(played.jobs.size()), rank});
  }
  played.jobs.push_back(std::move(job));
  return {};
}

}  // namespace

tl::expected<PlayedJobs, std::string> compile_jobs(const std::vector<JobInput>& inputs,
                                                   const HostShape& hosts, const CompileOptions& options) {
  PlayedJobs played;
  played.hosts = hosts;
  played.collectives = options.collectives;
  played.ranks_of.resize(hosts.host_count);
  CompileOptions left = options;
  for (const JobInput& input : inputs) {
    if (auto added = add_job(played, input, left); !added) return tl::make_unexpected(added.error());
    left.most_pairs -= std::min<uint64_t>(left.most_pairs, pairs_of(*played.jobs.back().schedule));
  }
  return played;
}

bool same_jobs(const PlayedJobs& played, const std::vector<JobInput>& inputs, const HostShape& hosts,
               const CollectiveSettings& collectives) {
  const auto same = [](const PlayedJob& job, const JobInput& input) {
    return job.schedule == input.schedule && job.name == input.name && job.placement == input.placement &&
           job.iterations == input.iterations && job.background == input.background &&
           job.start == input.start && job.dscp == input.dscp &&
           job.congestion_control == input.congestion_control;
  };
  return played.hosts == hosts && played.collectives == collectives &&
         std::equal(played.jobs.begin(), played.jobs.end(), inputs.begin(), inputs.end(), same);
}

uint64_t messages_to(const PlayedJob& job, uint32_t rank) {
  if (job.background) return 0;
  const Schedule& schedule = *job.schedule;
  const RankPart& part = schedule.ranks[rank];
  const Program& program = schedule.program_of(rank);
  uint64_t messages = 0;
  for (const Program::Slot& slot : program.incoming) messages += slot.count;
  for (uint32_t m = 0; m < part.membership_count; ++m) {
    const Membership& membership = schedule.memberships[part.first_membership + m];
    const Communicator& in = schedule.communicators[membership.communicator];
    const OperationRange& range = schedule.ranges[in.operations];
    for (uint32_t i = 0; i < range.count; ++i) {
      const Operation& operation = schedule.operation_of(range, i);
      const auto [first, lanes] = schedule.lanes_of(in, operation);
      for (uint32_t lane = first; lane < first + lanes; ++lane)
        for (uint32_t strand = 0; strand < operation.algorithm->strands; ++strand)
          messages += operation.algorithm->receive_count(
              schedule.call_of(in, operation, membership.me, lane, strand));
    }
  }
  return messages * job.iterations;
}

}  // namespace railyard::schedule
