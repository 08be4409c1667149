// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/measure.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "traffic/record/statistics.h"

namespace railyard::validation {
namespace {

using record::Message;
using record::Record;
using record::Unit;

constexpr double kBitsPerByte = 8;
// A captured step may name hundreds of operations; report.html has them all.
constexpr size_t kMostOperations = 12;

bool counts(const Record& record, const Message& message) {
  return record::is_flow(message) && record::was_received(message) &&
         !record.jobs[record.operations[message.operation].job].background;
}

// `seconds` is the time that the value is, or follows from; 0 where it follows from none.
void add(Measured& measured, Figure figure, double value, double seconds) {
  measured.values[figure.name] = value;
  measured.seconds[figure.name] = seconds;
  measured.figures.push_back(std::move(figure));
}

void add_jobs(const PlayedRun& run, Measured& measured) {
  for (const record::JobSummary& job : run.summary.jobs)
    if (!job.background && job.iterations > 0)
      add(measured, {"iteration." + job.name, "iteration of " + job.name, Kind::Duration, Unit::Time, true},
          job.iteration_p50, job.iteration_p50);
}

void add_operations(const PlayedRun& run, Measured& measured) {
  std::set<std::string> seen;
  for (const record::CollectiveSummary& summary : run.summary.collectives) {
    const record::Operation& operation = run.record.operations[summary.operation];
    const record::Job& job = run.record.jobs[operation.job];
    const std::string name = fmt::format("{}.{}.{}", job.name, operation.name, operation.bytes);
    if (job.background || summary.time <= 0 || seen.size() == kMostOperations || !seen.insert(name).second)
      continue;
    const std::string label = fmt::format("{} of {}", operation.name, job.name);
    add(measured, {"operation." + name, label, Kind::Duration, Unit::Time, true}, summary.time, summary.time);
    add(measured, {"busbw." + name, "busbw, " + label, Kind::Rate, Unit::Rate, true}, summary.busbw,
        summary.time);
  }
}

void add_completions(const Record& record, Measured& measured) {
  for (const Message& message : record.messages)
    if (counts(record, message)) measured.completions.push_back(record::completion_seconds(message));
  std::sort(measured.completions.begin(), measured.completions.end());
  if (measured.completions.empty()) return;
  for (const auto& [name, p] : {std::pair("p50", 0.5), {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}}) {
    const double value = record::nearest_rank(measured.completions, p);
    add(measured,
        {fmt::format("fct.{}", name), fmt::format("completion, {}", name), Kind::Duration, Unit::Time,
         p == 0.5, false, p},
        value, value);
  }
}

// From the first message posted to the last received.
void add_throughput(const Record& record, Measured& measured) {
  struct Sender {
    double bits = 0;
    SimTime first = SimTime::never(), last;
    void take(const Message& message) {
      bits += static_cast<double>(message.bytes) * kBitsPerByte;
      first = std::min(first, message.posted);
      last = std::max(last, message.received);
    }
    double seconds() const { return last > first ? (last - first).to_seconds() : 0; }
    double bps() const { return seconds() > 0 ? bits / seconds() : 0; }
  };
  Sender all;
  std::map<std::pair<uint32_t, uint32_t>, Sender> senders;
  for (const Message& message : record.messages) {
    if (!counts(record, message)) continue;
    all.take(message);
    senders[{record.operations[message.operation].job, message.src_rank}].take(message);
  }
  if (all.bps() <= 0) return;
  add(measured, {"throughput", "throughput", Kind::Rate, Unit::Rate, true}, all.bps(), all.seconds());
  std::vector<double> shares;
  for (const auto& [who, sender] : senders) shares.push_back(sender.bps());
  if (shares.size() > 1)
    add(measured, {"jain", "Jain of senders", Kind::Fairness, Unit::Ratio}, record::jain_index(shares),
        all.seconds());
}

void add_counts(const PlayedRun& run, Measured& measured) {
  struct Row {
    const char *metric, *label;
    Kind kind;
    bool decides, of_switch;
  };
  for (const Row& row : {Row{"ecn_marks", "CE marks", Kind::Presence, true, true},
                         {"cnps", "CNPs", Kind::Presence, false, false},
                         {"pfc.pauses", "PFC pauses", Kind::Presence, true, true},
                         {"drops", "drops", Kind::Presence, true, true},
                         {"retransmitted", "retransmitted", Kind::Count, false, false},
                         {"timeouts", "timeouts", Kind::Count, false, false}})
    if (const auto found = run.summary.metrics.find(row.metric); found != run.summary.metrics.end())
      add(measured, {row.metric, row.label, row.kind, Unit::Count, row.decides, row.of_switch},
          found->second.value, 0);
}

}  // namespace

Measured measure(const PlayedRun& run) {
  Measured measured;
  measured.has_switch = std::any_of(run.record.ports.begin(), run.record.ports.end(),
                                    [](const record::Port& port) { return port.is_switch; });
  add_jobs(run, measured);
  add_operations(run, measured);
  add_completions(run.record, measured);
  add_throughput(run.record, measured);
  add_counts(run, measured);
  return measured;
}

std::vector<double> throughput_over_time(const Record& record, double span_seconds, size_t buckets) {
  std::vector<double> bps(buckets);
  const double width = span_seconds / static_cast<double>(buckets);
  if (width <= 0) return bps;
  for (const Message& message : record.messages) {
    if (!counts(record, message)) continue;
    const double start = message.posted.to_seconds(), end = message.received.to_seconds();
    const double bits = static_cast<double>(message.bytes) * kBitsPerByte;
    const auto first = static_cast<size_t>(start / width);
    for (size_t i = first; i < buckets && static_cast<double>(i) * width < end; ++i) {
      const double from = std::max(start, static_cast<double>(i) * width);
      const double to = std::min(end, static_cast<double>(i + 1) * width);
      const double share = end > start ? (to - from) / (end - start) : 1;
      bps[i] += bits * share / width;
    }
  }
  return bps;
}

}  // namespace railyard::validation
