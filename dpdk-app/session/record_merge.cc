// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/record_merge.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "traffic/pattern/schedule/run_log.h"
#include "traffic/record/record_file.h"
#include "traffic/run/ideal_times.h"

namespace railyard::lab {
namespace {

using Done = tl::expected<void, std::string>;

struct Halves {
  const control::MessageHalf* sent = nullptr;
  double sender_drift = 0;
  SimTime received = SimTime::never();
};

SimTime without_drift(SimTime time, double drift_ppm) {
  if (time == SimTime::never()) return time;
  return {time.ps - std::llround(static_cast<double>(time.ps) * drift_ppm * 1e-6)};
}

class Merger {
 public:
  explicit Merger(const CompiledRun& run) : run_(run), ideals_(run) {}

  tl::expected<MergedRecord, std::string> merge(const std::vector<MeasuredPart>& parts,
                                                const std::vector<record::Port>& switch_ports);

 private:
  void add_jobs();
  Done add_part(const MeasuredPart& part);
  Done add_half(const MeasuredPart& part, const control::MessageHalf& half);
  void add_record(const record::Record& part, double drift);
  void add_ports(const record::Record& part, double drift);
  void add_messages();
  record::Message message_of(uint32_t job, uint32_t channel, const Halves& halves);
  void order_spans();
  void order_ports();
  void order_rates();
  void count_iterations();

  const schedule::Schedule& schedule_of(uint32_t job) const { return *run_.jobs->jobs[job].schedule; }

  const CompiledRun& run_;
  const IdealTimes ideals_;
  std::vector<uint32_t> first_operation_;  // by job
  // By job and channel: messages in their order.
  std::vector<std::vector<std::map<uint32_t, Halves>>> halves_;
  MergedRecord merged_;
};

void Merger::add_jobs() {
  record::Record& record = merged_.record;
  record.scenario = run_.input.scenario;
  record.setting = run_.input.setting;
  record.seed = run_.input.seed;
  schedule::add_jobs(*run_.jobs, record);
  uint32_t operations = 0;
  for (const schedule::PlayedJob& job : run_.jobs->jobs) {
    first_operation_.push_back(operations);
    operations += job.schedule->operation_count();
    halves_.emplace_back(job.schedule->channel_count());
  }
}

Done Merger::add_part(const MeasuredPart& part) {
  const auto contradicts = [&part](const std::string& what) {
    return tl::make_unexpected(fmt::format(
        "what '{}' measured does not fit its plan: {}; run the same Railyard everywhere", part.player, what));
  };
  if (!part.measurements->record().empty()) {
    const auto record = record::decode_record(part.measurements->record(), "its record");
    if (!record) return contradicts(record.error());
    if (!record->operations.empty() && record->operations.size() != merged_.record.operations.size())
      return contradicts(
          fmt::format("{} operations, not {}", record->operations.size(), merged_.record.operations.size()));
    if (!record->jobs.empty() && record->jobs.size() != merged_.record.jobs.size())
      return contradicts(fmt::format("{} jobs, not {}", record->jobs.size(), merged_.record.jobs.size()));
    add_record(*record, part.drift_ppm);
  }
  for (const control::MessageHalf& half : part.measurements->messages())
    if (auto added = add_half(part, half); !added) return contradicts(added.error());
  return {};
}

Done Merger::add_half(const MeasuredPart& part, const control::MessageHalf& half) {
  if (half.job() >= halves_.size() || half.channel() >= halves_[half.job()].size())
    return tl::make_unexpected(fmt::format("a message on channel {} of job {}", half.channel(), half.job()));
  if (half.sent() && half.operation() >= schedule_of(half.job()).operation_count())
    return tl::make_unexpected(fmt::format("operation {} of job {}", half.operation(), half.job()));
  Halves& halves = halves_[half.job()][half.channel()][half.ordinal()];
  if (half.sent()) {
    if (halves.sent != nullptr) ++merged_.gaps.twice;
    if (halves.sent == nullptr) {
      halves.sent = &half;
      halves.sender_drift = part.drift_ppm;
    }
  }
  // Below 0 where the sender began before us.
  const bool received = half.received_ps() != 0 && half.received_ps() != SimTime::never().ps;
  if (received) {
    if (halves.received != SimTime::never()) ++merged_.gaps.twice;
    if (halves.received == SimTime::never())
      halves.received = without_drift({half.received_ps()}, part.drift_ppm);
  }
  return {};
}

void Merger::add_record(const record::Record& part, double drift) {
  record::Record& record = merged_.record;
  record.duration = std::max(record.duration, without_drift(part.duration, drift));
  for (record::Span span : part.spans) {
    span.start = without_drift(span.start, drift);
    span.end = without_drift(span.end, drift);
    record.spans.push_back(span);
  }
  for (record::Iteration iteration : part.iterations) {
    iteration.start = without_drift(iteration.start, drift);
    iteration.end = without_drift(iteration.end, drift);
    record.iterations.push_back(iteration);
  }
  add_ports(part, drift);
  record.totals.retransmitted += part.totals.retransmitted;
  record.totals.nacks += part.totals.nacks;
  record.totals.cnps += part.totals.cnps;
  record.totals.timeouts += part.totals.timeouts;
}

void Merger::add_ports(const record::Record& part, double drift) {
  record::Record& record = merged_.record;
  const auto first = static_cast<uint32_t>(record.ports.size());
  for (const record::Port& port : part.ports) {
    record.ports.push_back(port);
    record.totals.packet_hops += port.tx_packets;
    record.totals.data_hops += port.tx_data_packets;
  }
  for (record::QueueSamples samples : part.queues) {
    samples.port += first;
    record.queues.push_back(std::move(samples));
  }
  for (record::RateSamples samples : part.rates) {
    samples.port += first;
    record.rates.push_back(std::move(samples));
  }
  for (record::Pause pause : part.pauses) {
    pause.port += first;
    pause.start = without_drift(pause.start, drift);
    pause.end = without_drift(pause.end, drift);
    record.pauses.push_back(pause);
  }
}

record::Message Merger::message_of(uint32_t job, uint32_t channel, const Halves& halves) {
  const control::MessageHalf& sent = *halves.sent;
  const schedule::Channel ends = schedule_of(job).channel(channel);
  record::Message message;
  message.operation = first_operation_[job] + sent.operation();
  message.iteration = sent.iteration();
  message.src_rank = ends.src_rank;
  message.dst_rank = ends.dst_rank;
  message.bytes = sent.bytes();
  message.posted = without_drift({sent.posted_ps()}, halves.sender_drift);
  message.received = halves.received;
  const bool acked = sent.acked_ps() > 0 && sent.acked_ps() != SimTime::never().ps;
  message.acked = acked ? without_drift({sent.acked_ps()}, halves.sender_drift) : SimTime::never();
  message.ideal = ideals_.of(job, channel, Bytes{sent.bytes()});
  message.others = sent.others();
  if (message.received == SimTime::never()) ++merged_.gaps.not_received;
  if (message.received < message.posted) {
    MergeGaps& gaps = merged_.gaps;
    ++gaps.before_posted;
    gaps.most_before_posted = std::max(gaps.most_before_posted, message.posted - message.received);
    message.received = message.posted;
  }
  return message;
}

void Merger::add_messages() {
  for (uint32_t job = 0; job < halves_.size(); ++job)
    for (uint32_t c = 0; c < halves_[job].size(); ++c)
      for (const auto& [ordinal, halves] : halves_[job][c]) {
        if (halves.sent != nullptr)
          merged_.record.messages.push_back(message_of(job, c, halves));
        else
          ++merged_.gaps.never_sent;
      }
}

// As the simulator's record has it: rank after rank.
void Merger::order_spans() {
  record::Record& record = merged_.record;
  const auto job_of = [&](const record::Span& span) { return record.operations[span.operation].job; };
  std::stable_sort(record.spans.begin(), record.spans.end(),
                   [&](const record::Span& a, const record::Span& b) {
                     return std::make_pair(job_of(a), a.rank) < std::make_pair(job_of(b), b.rank);
                   });
  std::stable_sort(record.iterations.begin(), record.iterations.end(),
                   [](const record::Iteration& a, const record::Iteration& b) {
                     return std::make_pair(a.job, a.rank) < std::make_pair(b.job, b.rank);
                   });
}

// As the fabric numbers them; a port that the fabric has not comes last.
void Merger::order_ports() {
  record::Record& record = merged_.record;
  std::map<std::string, size_t> place;
  for (size_t i = 0; i < run_.fabric->nodes.size(); ++i) place[run_.fabric->nodes[i].name] = i;
  const auto key = [&place](const record::Port& port) {
    const auto node = place.find(port.node);
    return std::make_tuple(node == place.end() ? place.size() : node->second, port.name.size(), port.name);
  };
  std::vector<uint32_t> from(record.ports.size());
  for (uint32_t i = 0; i < from.size(); ++i) from[i] = i;
  std::stable_sort(from.begin(), from.end(),
                   [&](uint32_t a, uint32_t b) { return key(record.ports[a]) < key(record.ports[b]); });
  std::vector<record::Port> ports;
  std::vector<uint32_t> to(from.size());
  for (uint32_t i = 0; i < from.size(); ++i) {
    to[from[i]] = i;
    ports.push_back(record.ports[from[i]]);
  }
  record.ports = std::move(ports);
  for (record::QueueSamples& samples : record.queues) samples.port = to[samples.port];
  for (record::RateSamples& samples : record.rates) samples.port = to[samples.port];
  for (record::Pause& pause : record.pauses) pause.port = to[pause.port];
}

// As the run numbers queue pairs. An agent goes on sampling until the last one has ended.
void Merger::order_rates() {
  record::Record& record = merged_.record;
  std::stable_sort(record.rates.begin(), record.rates.end(),
                   [](const auto& a, const auto& b) { return a.queue_pair < b.queue_pair; });
  for (record::RateSamples& samples : record.rates) {
    const auto within = static_cast<size_t>(record.duration / samples.interval);
    for (auto* values : {&samples.rate_bps, &samples.window_bytes})
      values->resize(std::min(values->size(), within));
  }
}

// A job has completed as many iterations as its slowest rank; a rank that nobody reports completed none.
void Merger::count_iterations() {
  record::Record& record = merged_.record;
  std::vector<std::vector<uint32_t>> completed;
  for (const record::Job& job : record.jobs) completed.emplace_back(job.rank_count);
  for (const record::Iteration& iteration : record.iterations) ++completed[iteration.job][iteration.rank];
  for (size_t job = 0; job < completed.size(); ++job)
    record.jobs[job].iterations = *std::min_element(completed[job].begin(), completed[job].end());
}

tl::expected<MergedRecord, std::string> Merger::merge(const std::vector<MeasuredPart>& parts,
                                                      const std::vector<record::Port>& switch_ports) {
  add_jobs();
  for (const MeasuredPart& part : parts)
    if (auto added = add_part(part); !added) return tl::make_unexpected(added.error());
  add_messages();
  for (const record::Port& port : switch_ports) {
    merged_.record.ports.push_back(port);
    merged_.record.totals.packet_hops += port.tx_packets;
  }
  if (auto sound = record::validate(merged_.record); !sound) return tl::make_unexpected(sound.error());
  order_spans();
  order_ports();
  order_rates();
  count_iterations();
  return std::move(merged_);
}

}  // namespace

tl::expected<MergedRecord, std::string> merge(const CompiledRun& run, const std::vector<MeasuredPart>& parts,
                                              const std::vector<record::Port>& switch_ports) {
  return Merger(run).merge(parts, switch_ports);
}

}  // namespace railyard::lab
