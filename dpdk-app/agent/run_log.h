// SPDX-License-Identifier: BSD-3-Clause
// What the ranks of an agent log. Times are picoseconds since the start of the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dpdk-app/agent/flow_table.h"
#include "traffic/record/record.h"

namespace railyard::lab {

// A message as its sender knows it.
struct SentMessage {
  uint64_t bytes = 0;
  uint32_t operation = 0, iteration = 0;
  int64_t posted = 0;
};

// What happened on a channel; message n of each list is the same one. Two lcores may write it, each its own
// lists.
struct ChannelLog {
  std::vector<SentMessage> sent;
  std::vector<int64_t> acked, received;
};

struct RankLog {
  std::vector<record::Span> spans;
  std::vector<record::Iteration> iterations;
};

struct JobLog {
  std::vector<ChannelLog> channels;
  std::vector<RankLog> ranks;
};

// One entry a job of the plan, with room for every channel and rank.
inline std::vector<JobLog> empty_logs(const LabPlan& plan) {
  std::vector<JobLog> logs(plan.jobs.size());
  for (size_t j = 0; j < logs.size(); ++j) {
    logs[j].channels.resize(plan.jobs[j].schedule.channels.size());
    logs[j].ranks.resize(plan.jobs[j].schedule.rank_count());
  }
  return logs;
}

}  // namespace railyard::lab
