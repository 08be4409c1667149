// SPDX-License-Identifier: BSD-3-Clause
// The figures by which runs are judged, computed from a record. docs/report.md says where each formula comes
// from. A record passes validate() (record_file.h) first.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/record/metric_catalogue.h"
#include "traffic/record/record.h"
#include "traffic/units/quantity.h"

namespace railyard::record {

// nccl-tests' factor from algorithm bandwidth to bus bandwidth (PERFORMANCE.md): all_reduce 2(n-1)/n;
// all_gather, reduce_scatter, all_to_all, gather, scatter (n-1)/n; everything else 1.
double bus_factor(std::string_view kind, uint32_t group_size);

// Operations in which no rank can finish before every rank has come, since each contributes. In others, such
// as a broadcast, everything may have arrived before the last receiver looks.
bool all_contribute(std::string_view kind);

// Whether the message crossed the fabric; within a host it has no ideal time and is no flow.
inline bool is_flow(const Message& message) {
  return message.ideal.ps > 0;
}
// From the hand-over to the queue pair to the last byte at the receiver, in seconds. For messages that were
// received.
double completion_seconds(const Message& message);
inline bool was_received(const Message& message) {
  return message.received != SimTime::never();
}

struct JobSummary {
  std::string name;
  bool background = false;
  uint32_t rank_count = 0;
  uint32_t iterations = 0;                      // that every rank completed; the times below are theirs
  double iteration_p50 = 0, iteration_max = 0;  // seconds; 0 when there are none
};

// An operation of a trace over all executions that every member completed.
struct CollectiveSummary {
  uint32_t operation = 0;  // index in Record::operations
  uint64_t executions = 0;
  // Mean seconds from the last rank's arrival to the last rank's end: waiting for a late rank is not
  // transfer. Of operations to which not every rank contributes (broadcast, send): from the first message
  // posted to the last received, since a late receiver delays nobody.
  double time = 0;
  double time_from_first_start = 0;  // the same from the first rank's arrival
  double busbw = 0;                  // bits per second, by `time`
  double busbw_from_first_start = 0;
};

struct Percentiles {
  double p50 = 0, p99 = 0, max = 0;  // nearest rank
};

struct FlowSummary {
  uint64_t finished = 0, unfinished = 0;
  // All 0 when no flow finished.
  Percentiles completion;  // seconds
  Percentiles slowdown;    // completion / ideal
  double mean_slowdown = 0;
  double jain = 0;  // of the flows' throughputs, each relative to what an idle fabric gives it
};

// Sends, as far as they finished, of at most `most` bytes and more than a tenth of it; the first also has all
// smaller ones.
struct SizeSummary {
  Bytes most;
  uint64_t finished = 0;
  double mean_slowdown = 0, slowdown_p99 = 0;
};

struct MetricValue {
  double value = 0;  // in the unit's base: seconds, bits per second, bytes, a number
  Unit unit = Unit::Count;
};

struct Summary {
  std::vector<JobSummary> jobs;  // as Record::jobs
  std::vector<CollectiveSummary>
      collectives;  // as Record::operations, those that were completed at least once
  FlowSummary foreground, background;
  std::vector<SizeSummary> sizes;  // of the foreground's sends, the small ones first; by powers of ten
  // By the names of metric_catalogue(); a metric that this run cannot have (such as fct.p99 without a flow)
  // is absent.
  std::map<std::string, MetricValue> metrics;
};

Summary summarise(const Record& record);

// Adds interference.<job>: the job's median iteration time over that in `alone`, the summary of a run of the
// same jobs in which only it plays. Nothing where either has no iteration.
void add_interference(Summary& summary, size_t job, const Summary& alone);

}  // namespace railyard::record
