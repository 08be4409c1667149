// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/run_log.h"

#include <algorithm>
#include <map>

namespace railyard::schedule {
namespace {

bool stays_within_host(const JobLog& log, const Channel& channel) {
  return !log.hosts.empty() && log.hosts[channel.src_rank] == log.hosts[channel.dst_rank];
}

void add_sent(LocalLog& log, const SentMessage& message) {
  const auto continues = [&](const SentMessage& last) {
    return last.operation == message.operation && last.iteration == message.iteration;
  };
  if (log.carried.empty() || !continues(log.carried.back().all)) {
    log.carried.emplace_back().all = message;
  } else {
    log.carried.back().all.bytes += message.bytes;
  }
  ++log.carried.back().sent;
}

void add_received(LocalLog& log, SimTime now) {
  while (log.carried[log.arriving].received == log.carried[log.arriving].sent) ++log.arriving;
  LocalLog::Carried& carried = log.carried[log.arriving];
  ++carried.received;
  carried.last_received = now;
}

ChannelLog summed(const LocalLog& log) {
  ChannelLog channel;
  for (const LocalLog::Carried& carried : log.carried) {
    channel.sent.push_back(carried.all);
    channel.others.push_back(carried.sent - 1);
    channel.received.push_back(carried.received == carried.sent ? carried.last_received : SimTime::never());
  }
  channel.acked = channel.received;
  return channel;
}

// Of one mesh's members, put together by channel.
std::map<uint32_t, ChannelLog> channels_in(const Mesh& mesh, const JobLog& log) {
  const uint64_t end = mesh.first_channel + mesh.channels.count();
  const auto is_in = [&](uint32_t channel) { return channel >= mesh.first_channel && channel < end; };
  std::map<uint32_t, ChannelLog> channels;
  for (const Mesh::Member& member : mesh.members) {
    const MeshLog& of = log.ranks[member.rank].meshes;
    for (const MeshLog::Sent& sent : of.sent)
      if (is_in(sent.channel)) channels[sent.channel].sent.push_back(sent.message);
    for (const MeshLog::Told& acked : of.acked)
      if (is_in(acked.channel)) channels[acked.channel].acked.push_back(acked.at);
    for (const MeshLog::Told& received : of.received)
      if (is_in(received.channel)) channels[received.channel].received.push_back(received.at);
    for (const auto& [channel, local] : log.ranks[member.rank].local)
      if (is_in(channel)) channels[channel] = summed(local);
  }
  return channels;
}

}  // namespace

void log_sent(const Schedule& schedule, JobLog& log, uint32_t channel, uint32_t rank,
              const SentMessage& message) {
  if (stays_within_host(log, schedule.channel(channel)))
    return add_sent(log.ranks[rank].local[channel], message);
  const uint32_t held = schedule.held_index(channel);
  if (held != kNone) return log.channels[held].sent.push_back(message);
  log.ranks[rank].meshes.sent.push_back({channel, message});
}

void log_acked(const Schedule& schedule, JobLog& log, uint32_t channel, uint32_t rank, SimTime now) {
  if (stays_within_host(log, schedule.channel(channel))) return;  // when it was received
  const uint32_t held = schedule.held_index(channel);
  if (held != kNone) return log.channels[held].acked.push_back(now);
  log.ranks[rank].meshes.acked.push_back({channel, now});
}

void log_received(const Schedule& schedule, JobLog& log, uint32_t channel, uint32_t rank, SimTime now) {
  const Channel ends = schedule.channel(channel);
  if (stays_within_host(log, ends)) return add_received(log.ranks[ends.src_rank].local[channel], now);
  const uint32_t held = schedule.held_index(channel);
  if (held != kNone) return log.channels[held].received.push_back(now);
  log.ranks[rank].meshes.received.push_back({channel, now});
}

void for_each_channel(const Schedule& schedule, const JobLog& log,
                      const std::function<void(uint32_t channel, const ChannelLog& log)>& visit) {
  std::map<uint32_t, const LocalLog*> local;
  for (const RankLog& rank : log.ranks)
    for (const auto& [channel, of] : rank.local) local.emplace(channel, &of);
  uint32_t held = 0, number = 0;
  const auto visit_held = [&](size_t end) {
    for (; held < end; ++held, ++number) {
      const auto within = local.find(number);
      if (within == local.end())
        visit(number, log.channels[held]);
      else
        visit(number, summed(*within->second));
    }
  };
  for (const Mesh& mesh : schedule.meshes) {
    visit_held(mesh.held_before);
    for (const auto& [channel, of] : channels_in(mesh, log)) visit(channel, of);
    number += static_cast<uint32_t>(mesh.channels.count());
  }
  visit_held(log.channels.size());
}

std::vector<JobLog> empty_logs(const PlayedJobs& played) {
  std::vector<JobLog> logs(played.jobs.size());
  for (size_t j = 0; j < logs.size(); ++j) {
    logs[j].channels.resize(played.jobs[j].schedule->channels.size());
    logs[j].ranks.resize(played.jobs[j].schedule->ranks.size());
    if (!played.hosts.has_scale_up()) continue;
    for (const RankLocation at : played.jobs[j].placement) logs[j].hosts.push_back(at.host);
  }
  return logs;
}

void add_jobs(const PlayedJobs& played, record::Record& record) {
  for (const PlayedJob& job : played.jobs) {
    const auto index = static_cast<uint32_t>(record.jobs.size());
    const Schedule& schedule = *job.schedule;
    for (const OperationRange& range : schedule.ranges)
      for (uint32_t i = 0; i < range.count; ++i) {
        const Operation& o = schedule.operation_of(range, i);
        record.operations.push_back({index, o.name, o.kind, o.bytes, o.group_size});
      }
    record.jobs.push_back({job.name, job.background, schedule.rank_count(), 0,
                           static_cast<uint32_t>(schedule.reducers.size())});
  }
}

void add_logs(const PlayedJobs& played, const std::vector<JobLog>& logs, record::Record& record) {
  add_jobs(played, record);
  uint32_t first_operation = 0;
  for (size_t j = 0; j < played.jobs.size(); ++j) {
    size_t completed = SIZE_MAX;
    for (uint32_t r = 0; r < played.jobs[j].schedule->rank_count(); ++r) {
      const RankLog& rank = logs[j].ranks[r];
      completed = std::min(completed, rank.iterations.size());
      record.iterations.insert(record.iterations.end(), rank.iterations.begin(), rank.iterations.end());
      for (record::Span span : rank.spans) {
        span.operation += first_operation;
        record.spans.push_back(span);
      }
    }
    record.jobs[j].iterations = static_cast<uint32_t>(completed);
    first_operation += played.jobs[j].schedule->operation_count();
  }
}

void name_queue_pair(const PlayedJobs& played, record::RateSamples& of) {
  const Flow flow = played.flow(of.queue_pair);
  const Channel channel = played.jobs[flow.job].schedule->channel(flow.channel);
  of.job = flow.job;
  of.src_rank = channel.src_rank;
  of.dst_rank = channel.dst_rank;
}

}  // namespace railyard::schedule
