// SPDX-License-Identifier: BSD-3-Clause
// What the ranks of a run did, as they themselves know it. Times count from the start of the run.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
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
  std::vector<uint32_t> others;  // record::Message::others; empty on a channel between hosts
};

// What a channel within a host carried. There a message is a slice that nobody looks at, and a step on
// thousands of GPUs has billions: those of one operation and iteration are summed.
struct LocalLog {
  struct Carried {
    SentMessage all;  // the bytes of all of them, and when the first was posted
    uint32_t sent = 0, received = 0;
    SimTime last_received;
  };
  std::vector<Carried> carried;
  size_t arriving = 0;  // in `carried`: of the message that arrives next
};

// What a rank knows of its channels in meshes, of which it uses few at a time: in the order of time.
struct MeshLog {
  struct Sent {
    uint32_t channel = 0;
    SentMessage message;
  };
  struct Told {
    uint32_t channel = 0;
    SimTime at;
  };
  std::vector<Sent> sent;
  std::vector<Told> acked, received;
};

struct RankLog {
  std::vector<record::Span> spans;  // operations are counted within the job
  std::vector<record::Iteration> iterations;
  MeshLog meshes;
  std::map<uint32_t, LocalLog> local;  // by channel: those within a host that start here
};

struct JobLog {
  std::vector<ChannelLog> channels;  // as Schedule::channels
  std::vector<RankLog> ranks;        // and reducers, whom no record has
  // By rank; empty where channels within a host are flows like any other.
  std::vector<uint32_t> hosts;
};

// By the host of the rank that sends, or receives.
void log_sent(const Schedule& schedule, JobLog& log, uint32_t channel, uint32_t rank,
              const SentMessage& message);
void log_acked(const Schedule& schedule, JobLog& log, uint32_t channel, uint32_t rank, SimTime now);
void log_received(const Schedule& schedule, JobLog& log, uint32_t channel, uint32_t rank, SimTime now);

// Every channel on which something happened, in the order of their numbers.
void for_each_channel(const Schedule& schedule, const JobLog& log,
                      const std::function<void(uint32_t channel, const ChannelLog& log)>& visit);

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
