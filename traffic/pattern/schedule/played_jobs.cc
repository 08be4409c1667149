// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/played_jobs.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace railyard::schedule {
namespace {

uint64_t pairs_of(const Schedule& schedule) {
  uint64_t pairs = schedule.channel_count();
  for (const Operation& operation : schedule.operations) pairs += operation.splits.size();
  return pairs;
}

uint32_t endpoint_of(const HostShape& hosts, RankLocation at, uint32_t nic) {
  return nic == kNone ? hosts.endpoint_of(at) : hosts.endpoint_of(at.host, nic);
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

// Numbers one job's flows, its channels in their order.
class FlowNumbers {
 public:
  using Numbered = tl::expected<void, std::string>;

  FlowNumbers(PlayedJobs& played, PlayedJob& job) : played_(played), job_(job) {}

  Numbered add_all() {
    const Schedule& schedule = *job_.schedule;
    uint32_t held = 0;
    for (uint32_t mesh = 0; mesh < schedule.meshes.size(); ++mesh) {
      if (auto added = add_held(held, schedule.meshes[mesh].held_before); !added) return added;
      held = schedule.meshes[mesh].held_before;
      if (auto added = add_mesh(mesh); !added) return added;
    }
    return add_held(held, static_cast<uint32_t>(schedule.channels.size()));
  }

 private:
  uint32_t job_index() const { return static_cast<uint32_t>(played_.jobs.size()); }

  Numbered end_block(PlayedJobs::Block block, uint64_t flows) {
    const uint64_t end = played_.flow_count() + flows;
    if (end > kNone)
      return tl::make_unexpected(
          fmt::format("job '{}': brings the queue pairs to {}, and their numbers end at {}; make it smaller",
                      job_.name, end, kNone));
    block.job = job_index();
    played_.blocks.push_back(block);
    played_.first_flow.push_back(static_cast<uint32_t>(end));
    return {};
  }

  Numbered check_nics(uint32_t from, uint32_t to, uint32_t source, uint32_t destination) const {
    if (source != destination) return {};
    return tl::make_unexpected(
        fmt::format("job '{}': ranks {} and {} share a NIC, and scale_up_rate = 0 gives hosts no links "
                    "between their GPUs; set scale_up_rate, or nics_per_host to gpus_per_host",
                    job_.name, from, to));
  }

  // Channels that are held, from one to before another.
  Numbered add_held(uint32_t begin, uint32_t end) {
    PlayedJobs::Block block;
    block.first_held = static_cast<uint32_t>(played_.held_flows.size());
    uint32_t number = played_.flow_count();
    uint32_t channel_number = begin;
    for (const Mesh& mesh : job_.schedule->meshes)
      if (mesh.held_before <= begin) channel_number += static_cast<uint32_t>(mesh.channels.count());
    for (uint32_t held = begin; held < end; ++held, ++channel_number) {
      const Channel& channel = job_.schedule->channels[held];
      if (!played_.hosts.has_scale_up() || !within_host(channel)) {
        const Flow flow = flow_on(channel, channel_number);
        if (auto ok = check_nics(channel.src_rank, channel.dst_rank, flow.source, flow.destination); !ok)
          return ok;
        job_.flow_of_held.push_back(number++);
        played_.held_flows.push_back(flow);
      } else {
        job_.flow_of_held.push_back(kNone);
      }
    }
    const uint64_t flows = played_.held_flows.size() - block.first_held;
    return flows == 0 ? Numbered() : end_block(block, flows);
  }

  Numbered add_mesh(uint32_t index) {
    const Mesh& mesh = job_.schedule->meshes[index];
    std::vector<uint32_t> hosts;
    for (const Mesh::Member& member : mesh.members) hosts.push_back(job_.placement[member.rank].host);
    const bool local = !played_.hosts.has_scale_up();
    PlayedJob::MeshFlows flows{played_.flow_count(), PairNumbers(hosts, local ? mesh.channels.within() : 0,
                                                                 mesh.channels.between())};
    for (uint32_t member = 0; local && member < mesh.members.size(); ++member)
      for (const uint32_t other : flows.numbers.beside(member)) {
        if (other == member) continue;
        const auto number = static_cast<uint32_t>(mesh.first_channel + mesh.channels.first_of(member, other));
        const Flow flow = flow_on(job_.schedule->channel(number), number);
        if (auto ok = check_nics(mesh.members[member].rank, mesh.members[other].rank, flow.source,
                                 flow.destination);
            !ok)
          return ok;
      }
    PlayedJobs::Block block;
    block.mesh = index;
    const uint64_t count = flows.numbers.count();
    job_.mesh_flows.push_back(std::move(flows));
    return end_block(block, count);
  }

  bool within_host(const Channel& channel) const {
    return job_.placement[channel.src_rank].host == job_.placement[channel.dst_rank].host;
  }
  Flow flow_on(const Channel& channel, uint32_t number) const {
    return {job_index(), number,
            endpoint_of(played_.hosts, job_.placement[channel.src_rank], channel.src_nic),
            endpoint_of(played_.hosts, job_.placement[channel.dst_rank], channel.dst_nic)};
  }

  PlayedJobs& played_;
  PlayedJob& job_;
};

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
                {},
                {}};
  if (job.schedule == nullptr) {
    options.placement = &input.placement;
    options.hosts = played.hosts;
    auto compiled = compile(*input.source, options);
    if (!compiled) return tl::make_unexpected(fmt::format("job '{}': {}", job.name, compiled.error()));
    job.schedule = std::make_shared<const Schedule>(*std::move(compiled));
  }
  const std::vector<RankLocation>& reducers = job.schedule->reducers;
  job.placement.insert(job.placement.end(), reducers.begin(), reducers.end());
  if (auto numbered = FlowNumbers(played, job).add_all(); !numbered) return numbered;
  for (uint32_t rank = 0; rank < job.placement.size(); ++rank) {
    std::vector<PlayedRank>& ranks = played.ranks_of[job.placement[rank].host];
    job.slot_of_rank.push_back(static_cast<uint32_t>(ranks.size()));
    ranks.push_back({static_cast<uint32_t>(played.jobs.size()), rank});
  }
  played.jobs.push_back(std::move(job));
  return {};
}

// A custom algorithm that carries nothing is a mistake; one that some jobs do not need is none.
tl::expected<void, std::string> check_custom_is_used(const PlayedJobs& played) {
  const collective::CustomAlgorithm* custom = nullptr;
  for (const PlayedJob& job : played.jobs) {
    custom = job.schedule->custom.get();
    if (custom == nullptr) return {};
    for (const Operation& operation : job.schedule->operations)
      if (operation.algorithm == &custom->row()) return {};
  }
  if (custom == nullptr) return {};
  return tl::make_unexpected(fmt::format(
      "collectives.custom is an algorithm for {}, and the jobs have no such collective; take it out, or an "
      "algorithm that fits",
      custom->what_it_carries()));
}

}  // namespace

tl::expected<PlayedJobs, std::string> compile_jobs(const std::vector<JobInput>& inputs,
                                                   const HostShape& hosts, const CompileOptions& options) {
  PlayedJobs played;
  played.hosts = hosts;
  played.collectives = options.collectives;
  played.ranks_of.resize(hosts.station_count());
  CompileOptions left = options;
  for (const JobInput& input : inputs) {
    if (auto added = add_job(played, input, left); !added) return tl::make_unexpected(added.error());
    left.most_pairs -= std::min<uint64_t>(left.most_pairs, pairs_of(*played.jobs.back().schedule));
  }
  if (auto used = check_custom_is_used(played); !used) return tl::make_unexpected(used.error());
  return played;
}

Flow PlayedJobs::flow(uint32_t number) const {
  const auto after = std::upper_bound(first_flow.begin(), first_flow.end(), number);
  const size_t index = static_cast<size_t>(after - first_flow.begin()) - 1;
  const Block& block = blocks[index];
  if (block.mesh == kNone) return held_flows[block.first_held + (number - first_flow[index])];
  const PlayedJob& job = jobs[block.job];
  const PairNumbers::Pair pair = job.mesh_flows[block.mesh].numbers.pair_of(number - first_flow[index]);
  const Mesh& mesh = job.schedule->meshes[block.mesh];
  const auto by = static_cast<uint32_t>(mesh.first_channel +
                                        mesh.channels.first_of(pair.source, pair.destination) + pair.index);
  const Channel channel = job.schedule->channel(by);
  return {block.job, by, endpoint_of(hosts, job.placement[channel.src_rank], channel.src_nic),
          endpoint_of(hosts, job.placement[channel.dst_rank], channel.dst_nic)};
}

uint32_t PlayedJobs::flow_of(uint32_t j, uint32_t channel) const {
  const PlayedJob& job = jobs[j];
  const Mesh* const mesh = job.schedule->mesh_of(channel);
  if (mesh == nullptr) return job.flow_of_held[job.schedule->held_index(channel)];
  const PlayedJob::MeshFlows& flows = job.mesh_flows[static_cast<size_t>(mesh - job.schedule->meshes.data())];
  const PairNumbers::Pair pair = mesh->channels.pair_of(channel - mesh->first_channel);
  if (pair.index >= flows.numbers.size_of(pair.source, pair.destination)) return kNone;
  return static_cast<uint32_t>(flows.first + flows.numbers.first_of(pair.source, pair.destination)) +
         pair.index;
}

uint32_t PlayedJobs::first_mesh_flow() const {
  for (size_t i = 0; i < blocks.size(); ++i)
    if (blocks[i].mesh != kNone) return first_flow[i];
  return flow_count();
}

bool PlayedJobs::is_last(uint32_t j, uint32_t channel, uint32_t operation, uint32_t iteration) const {
  const PlayedJob& job = jobs[j];
  const Mesh* const mesh = job.schedule->mesh_of(channel);
  return mesh != nullptr && !job.background && iteration + 1 == job.iterations &&
         operation == mesh->last_operation;
}

bool same_jobs(const PlayedJobs& played, const std::vector<JobInput>& inputs, const HostShape& hosts,
               const CollectiveSettings& collectives) {
  const auto same = [](const PlayedJob& job, const JobInput& input) {
    return job.schedule == input.schedule && job.name == input.name &&
           job.schedule->rank_count() == input.placement.size() &&
           std::equal(input.placement.begin(), input.placement.end(), job.placement.begin()) &&
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
  for (uint32_t slot = 0; slot < program.incoming.size(); ++slot) {
    const Channel channel = schedule.channel(schedule.incoming[part.first_incoming + slot]);
    const OperationRange& range = schedule.ranges[channel.operations];
    for (uint32_t i = 0; i < range.count; ++i)
      messages += collective::p2p_chunks(schedule.operation_of(range, i).bytes, schedule.send_chunk_bytes);
  }
  for (uint32_t m = 0; m < part.membership_count; ++m) {
    const Membership& membership = schedule.memberships[part.first_membership + m];
    const Communicator& in = schedule.communicators[membership.communicator];
    const OperationRange& range = schedule.ranges[in.operations];
    for (uint32_t i = 0; i < range.count; ++i) {
      const Operation& operation = schedule.operation_of(range, i);
      const auto [first, lanes] = schedule.lanes_of(in, operation);
      for (uint32_t lane = first; lane < first + lanes; ++lane)
        for (uint32_t strand = 0; strand < Schedule::strands_of(in, operation); ++strand)
          messages += operation.algorithm->receive_count(
              schedule.call_of(in, operation, membership.me, lane, strand));
    }
  }
  return messages * job.iterations;
}

}  // namespace railyard::schedule
