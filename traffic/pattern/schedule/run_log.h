// SPDX-License-Identifier: BSD-3-Clause
// What the ranks of a run did, as they themselves know it. Times count from the start of the run.
#pragma once

#include <cstdint>
#include <vector>

#include "traffic/pattern/schedule/played_jobs.h"
#include "traffic/record/record.h"

namespace railyard::schedule {

// A message as its sender knows it.
struct SentMessage {
  uint64_t bytes = 0;
  uint32_t operation = 0, iteration = 0;
  SimTime posted;
};

// What happened on a channel; message n of each list is the same one. Two hosts write it, each its own lists.
struct ChannelLog {
  std::vector<SentMessage> sent;
  std::vector<SimTime> acked, received;
};

struct RankLog {
  std::vector<record::Span> spans;  // operations are counted within the job
  std::vector<record::Iteration> iterations;
};

struct JobLog {
  std::vector<ChannelLog> channels;
  std::vector<RankLog> ranks;
};

// One entry a job, with room for every channel and rank.
std::vector<JobLog> empty_logs(const PlayedJobs& played);

// The record's jobs, none of whose iterations is completed yet, and operations: job after job.
void add_jobs(const PlayedJobs& played, record::Record& record);

// The same with iterations and spans, rank after rank. A job has completed as many iterations as its slowest
// rank in `logs`.
void add_logs(const PlayedJobs& played, const std::vector<JobLog>& logs, record::Record& record);

// What a queue pair is called: its job and ranks.
void name_queue_pair(const PlayedJobs& played, record::RateSamples& of);

}  // namespace railyard::schedule
