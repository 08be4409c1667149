// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/run_log.h"

#include <algorithm>

namespace railyard::schedule {

std::vector<JobLog> empty_logs(const PlayedJobs& played) {
  std::vector<JobLog> logs(played.jobs.size());
  for (size_t j = 0; j < logs.size(); ++j) {
    logs[j].channels.resize(played.jobs[j].schedule->channels.size());
    logs[j].ranks.resize(played.jobs[j].schedule->rank_count());
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
    record.jobs.push_back({job.name, job.background, job.schedule->rank_count(), 0});
  }
}

void add_logs(const PlayedJobs& played, const std::vector<JobLog>& logs, record::Record& record) {
  add_jobs(played, record);
  uint32_t first_operation = 0;
  for (size_t j = 0; j < played.jobs.size(); ++j) {
    size_t completed = SIZE_MAX;
    for (const RankLog& rank : logs[j].ranks) {
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
  const Flow& flow = played.flows[of.queue_pair];
  const Channel& channel = played.jobs[flow.job].schedule->channels[flow.channel];
  of.job = flow.job;
  of.src_rank = channel.src_rank;
  of.dst_rank = channel.dst_rank;
}

}  // namespace railyard::schedule
