// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/metrics.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "traffic/record/statistics.h"

namespace railyard::record {
namespace {

// The ranks of one execution of something, folded into its corners.
struct Extent {
  uint32_t ranks = 0;
  SimTime first_start = SimTime::never();
  SimTime last_start{};
  SimTime last_end{};

  void add(SimTime start, SimTime end) {
    ++ranks;
    first_start = std::min(first_start, start);
    last_start = std::max(last_start, start);
    last_end = std::max(last_end, end);
  }
};

// (job or operation, iteration) -> its extent.
using Extents = std::map<std::pair<uint32_t, uint32_t>, Extent>;

std::vector<JobSummary> summarise_jobs(const Record& record) {
  Extents extents;
  for (const Iteration& it : record.iterations)
    if (it.end != SimTime::never()) extents[{it.job, it.iteration}].add(it.start, it.end);
  std::vector<std::vector<double>> times(record.jobs.size());
  for (const auto& [key, extent] : extents)
    if (extent.ranks == record.jobs[key.first].rank_count)
      times[key.first].push_back((extent.last_end - extent.first_start).to_seconds());

  std::vector<JobSummary> jobs;
  for (size_t i = 0; i < record.jobs.size(); ++i) {
    const Job& job = record.jobs[i];
    JobSummary s{job.name, job.background, job.rank_count, static_cast<uint32_t>(times[i].size()), 0, 0};
    if (!times[i].empty()) {
      std::sort(times[i].begin(), times[i].end());
      s.iteration_p50 = nearest_rank(times[i], 0.5);
      s.iteration_max = times[i].back();
    }
    jobs.push_back(std::move(s));
  }
  return jobs;
}

double ratio_or_zero(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : 0;
}

// From the first message posted to the last one received, of each execution of operations of the other kind.
Extents transfers(const Record& record) {
  Extents extents;
  for (const Message& m : record.messages)
    if (was_received(m) && !all_contribute(record.operations[m.operation].kind))
      extents[{m.operation, m.iteration}].add(m.posted, m.received);
  return extents;
}

std::vector<CollectiveSummary> summarise_collectives(const Record& record) {
  Extents extents;
  for (const Span& span : record.spans)
    if (span.end != SimTime::never()) extents[{span.operation, span.iteration}].add(span.start, span.end);
  const Extents transferred = transfers(record);

  std::vector<CollectiveSummary> all(record.operations.size());
  for (const auto& [key, extent] : extents) {
    if (extent.ranks < record.operations[key.first].group_size) continue;
    CollectiveSummary& s = all[key.first];
    ++s.executions;
    const auto transfer = transferred.find(key);
    s.time += (transfer == transferred.end() ? extent.last_end - extent.last_start
                                             : transfer->second.last_end - transfer->second.first_start)
                  .to_seconds();
    s.time_from_first_start += (extent.last_end - extent.first_start).to_seconds();
  }
  std::vector<CollectiveSummary> done;
  for (uint32_t i = 0; i < all.size(); ++i) {
    CollectiveSummary& s = all[i];
    if (s.executions == 0) continue;
    const Operation& operation = record.operations[i];
    s.operation = i;
    s.time /= static_cast<double>(s.executions);
    s.time_from_first_start /= static_cast<double>(s.executions);
    const double bus_bits =
        8 * static_cast<double>(operation.bytes) * bus_factor(operation.kind, operation.group_size);
    s.busbw = ratio_or_zero(bus_bits, s.time);
    s.busbw_from_first_start = ratio_or_zero(bus_bits, s.time_from_first_start);
    done.push_back(s);
  }
  return done;
}

Percentiles percentiles_of(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return {nearest_rank(values, 0.5), nearest_rank(values, 0.99), values.back()};
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

FlowSummary summarise_flows(const Record& record, bool background) {
  FlowSummary s;
  std::vector<double> completion;
  std::vector<double> slowdown;
  std::vector<double> share;  // of the throughput on an idle fabric: flows of different sizes can be compared
  for (const Message& m : record.messages) {
    if (!is_flow(m) || record.jobs[record.operations[m.operation].job].background != background) continue;
    if (!was_received(m)) {
      ++s.unfinished;
      continue;
    }
    completion.push_back(completion_seconds(m));
    slowdown.push_back(completion.back() / m.ideal.to_seconds());
    share.push_back(ratio_or_zero(1, slowdown.back()));
  }
  s.finished = completion.size();
  if (s.finished == 0) return s;
  s.completion = percentiles_of(completion);
  s.mean_slowdown = mean_of(slowdown);
  s.slowdown = percentiles_of(slowdown);
  s.jain = jain_index(share);
  return s;
}

constexpr uint64_t kSmallFlow = 1000;  // bytes: one packet, whatever smaller

std::vector<SizeSummary> summarise_sizes(const Record& record) {
  std::map<uint64_t, std::vector<double>> slowdowns;  // by the power of ten that the size does not exceed
  for (const Message& m : record.messages) {
    const Operation& operation = record.operations[m.operation];
    if (!is_flow(m) || !was_received(m) || operation.kind != "send" || record.jobs[operation.job].background)
      continue;
    uint64_t most = kSmallFlow;
    while (most < m.bytes) most *= 10;
    slowdowns[most].push_back(completion_seconds(m) / m.ideal.to_seconds());
  }
  std::vector<SizeSummary> sizes;
  for (auto& [most, values] : slowdowns)
    sizes.push_back({Bytes{most}, values.size(), mean_of(values), percentiles_of(values).p99});
  return sizes;
}

class MetricTable {
 public:
  explicit MetricTable(std::map<std::string, MetricValue>& out) : out_(out) {}
  void set(const std::string& name, double value) { out_[name] = {value, find_metric(name)->unit}; }
  void set(const std::string& name, uint64_t value) { set(name, static_cast<double>(value)); }

 private:
  std::map<std::string, MetricValue>& out_;
};

void set_job_metrics(const Summary& summary, MetricTable& table) {
  std::vector<const JobSummary*> measured;
  for (const JobSummary& job : summary.jobs)
    if (!job.background && job.iterations > 0) measured.push_back(&job);
  if (measured.empty()) return;
  double slowest = 0;
  double longest = 0;
  for (const JobSummary* job : measured) {
    slowest = std::max(slowest, job->iteration_p50);
    longest = std::max(longest, job->iteration_max);
    if (measured.size() > 1) table.set("iteration.time." + job->name, job->iteration_p50);
  }
  table.set("iteration.time", slowest);
  table.set("iteration.max", longest);
}

// Operations of one name are taken together, weighted by their time: so nccl-tests averages over its
// iterations.
void set_bandwidth_metrics(const Record& record, const Summary& summary, MetricTable& table) {
  std::map<std::string, std::pair<double, double>> bits_and_time;
  for (const CollectiveSummary& c : summary.collectives) {
    const Operation& operation = record.operations[c.operation];
    if (record.jobs[operation.job].background || c.busbw == 0) continue;
    auto& [bits, time] = bits_and_time[operation.name];
    const double total_time = c.time * static_cast<double>(c.executions);
    bits += c.busbw * total_time;
    time += total_time;
  }
  for (const auto& [name, sums] : bits_and_time) table.set("busbw." + name, sums.first / sums.second);
}

// By the names that the inference workload gives its operations.
void set_inference_metrics(const Record& record, const Summary& summary, MetricTable& table) {
  const auto counts = [&](const Operation& operation) { return !record.jobs[operation.job].background; };
  std::vector<double> first_token;
  for (const Message& m : record.messages) {
    const Operation& operation = record.operations[m.operation];
    if (was_received(m) && operation.name == "ttft" && counts(operation))
      first_token.push_back(completion_seconds(m));
  }
  if (!first_token.empty()) {
    const Percentiles percentiles = percentiles_of(first_token);
    table.set("ttft.network.p50", percentiles.p50);
    table.set("ttft.network.p99", percentiles.p99);
  }
  constexpr std::string_view kDecode = "inter-token ", kStep = "inter-token step";
  double seconds = 0, steps = 0;  // of each rank, summed over ranks
  for (const CollectiveSummary& c : summary.collectives) {
    const Operation& operation = record.operations[c.operation];
    if (!counts(operation)) continue;
    const double executions = static_cast<double>(c.executions) * operation.group_size;
    if (operation.name.compare(0, kDecode.size(), kDecode) == 0) seconds += c.time * executions;
    if (operation.name == kStep) steps += executions;
  }
  if (steps > 0) table.set("inter_token.network", seconds / steps);
}

void set_flow_metrics(const Summary& summary, MetricTable& table) {
  const FlowSummary& flows = summary.foreground;
  if (flows.finished > 0) {
    table.set("fct.p50", flows.completion.p50);
    table.set("fct.p99", flows.completion.p99);
    table.set("fct.max", flows.completion.max);
    table.set("slowdown.mean", flows.mean_slowdown);
    table.set("slowdown.p50", flows.slowdown.p50);
    table.set("slowdown.p99", flows.slowdown.p99);
    table.set("slowdown.max", flows.slowdown.max);
    table.set("fairness.jain", flows.jain);
  }
  // One size is all flows, which are above.
  if (summary.sizes.size() > 1)
    for (const SizeSummary& size : summary.sizes) {
      table.set("slowdown.mean." + format(size.most), size.mean_slowdown);
      table.set("slowdown.p99." + format(size.most), size.slowdown_p99);
    }
  table.set("flows.unfinished", flows.unfinished);
  if (summary.background.finished > 0) {
    table.set("background.fct.p50", summary.background.completion.p50);
    table.set("background.fct.p99", summary.background.completion.p99);
    table.set("background.slowdown.p99", summary.background.slowdown.p99);
  }
}

void set_fabric_metrics(const Record& record, MetricTable& table) {
  uint64_t pauses = 0, marks = 0, deepest = 0;
  SimTime paused;
  std::array<uint64_t, static_cast<size_t>(DropReason::Count)> drops{};
  for (const Port& port : record.ports) {
    pauses += port.pfc_pauses_sent;
    marks += port.ecn_marked;
    deepest = std::max(deepest, port.max_queue_bytes);
    paused += port.paused;
    for (size_t i = 0; i < drops.size(); ++i) drops[i] += port.drops[i];
  }
  table.set("pfc.pauses", pauses);
  table.set("pfc.paused_time", paused.to_seconds());
  table.set("ecn_marks", marks);
  table.set("cnps", record.totals.cnps);
  table.set("drops", std::accumulate(drops.begin(), drops.end(), uint64_t{0}));
  for (size_t i = 0; i < drops.size(); ++i) table.set(std::string("drops.") + kDropReasonNames[i], drops[i]);
  table.set("retransmitted", record.totals.retransmitted);
  table.set("timeouts", record.totals.timeouts);
  table.set("queue.max", deepest);
  table.set("packet_hops", record.totals.packet_hops);
}

}  // namespace

double bus_factor(std::string_view kind, uint32_t group_size) {
  if (group_size == 0) return 1;
  const double n = group_size;
  if (kind == "all_reduce") return 2 * (n - 1) / n;
  for (const char* partial : {"all_gather", "reduce_scatter", "all_to_all", "gather", "scatter"})
    if (kind == partial) return (n - 1) / n;
  return 1;
}

bool all_contribute(std::string_view kind) {
  return kind == "all_reduce" || kind == "all_gather" || kind == "reduce_scatter" || kind == "all_to_all" ||
         kind == "barrier";
}

double completion_seconds(const Message& message) {
  return (message.received - message.posted).to_seconds();
}

void add_interference(Summary& summary, size_t job, const Summary& alone) {
  const double beside = summary.jobs[job].iteration_p50, by_itself = alone.jobs[job].iteration_p50;
  if (beside == 0 || by_itself == 0) return;
  MetricTable(summary.metrics).set("interference." + summary.jobs[job].name, beside / by_itself);
}

Summary summarise(const Record& record) {
  Summary summary;
  summary.jobs = summarise_jobs(record);
  summary.collectives = summarise_collectives(record);
  summary.foreground = summarise_flows(record, false);
  summary.background = summarise_flows(record, true);
  summary.sizes = summarise_sizes(record);
  MetricTable table(summary.metrics);
  set_job_metrics(summary, table);
  set_bandwidth_metrics(record, summary, table);
  set_inference_metrics(record, summary, table);
  set_flow_metrics(summary, table);
  set_fabric_metrics(record, table);
  return summary;
}

}  // namespace railyard::record
