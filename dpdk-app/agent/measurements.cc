// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/measurements.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/session/port_frames.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

// Pauses as far as they lie within the run.
std::vector<PauseInterval> pauses_of(const RunReport& report, const NicReport& nic) {
  std::vector<PauseInterval> within;
  for (const PauseInterval& pause : nic.measured.pauses) {
    const SimTime end = std::min(pause.end - report.start, report.duration);
    const SimTime start = std::max(pause.start - report.start, SimTime{});
    if (start < end) within.push_back({pause.queue, start, end});
  }
  return within;
}

void add_rates(const RunReport& report, const NicReport& nic, uint32_t port, record::Record& r) {
  for (record::RateSamples samples : nic.rates) {
    schedule::name_queue_pair(report.plan.played, samples);
    samples.port = port;
    r.rates.push_back(std::move(samples));
  }
}

void add_ports(const RunReport& report, record::Record& r) {
  for (const NicReport& nic : report.nics) {
    const LabEndpoint& endpoint = report.plan.endpoints[nic.endpoint];
    record::Port port;
    port.node = fmt::format("host{}", endpoint.host);
    port.name = endpoint.name();
    port.rate = endpoint.rate;
    port.tx_packets = nic.counters.tx_packets;
    port.tx_bytes = nic.counters.tx_bytes;
    port.tx_data_packets = nic.counters.tx_data_packets;
    port.drops[static_cast<size_t>(DropReason::BadIcrc)] =
        nic.counters.decode_errors[static_cast<size_t>(DecodeError::BadIcrc)];
    for (const uint64_t pauses : nic.counters.pauses) port.pfc_pauses_received += pauses;
    for (const PauseInterval& pause : pauses_of(report, nic)) {
      port.paused += pause.end - pause.start;
      r.pauses.push_back({static_cast<uint32_t>(r.ports.size()), pause.queue, pause.start, pause.end});
    }
    add_rates(report, nic, static_cast<uint32_t>(r.ports.size()), r);
    r.ports.push_back(std::move(port));
    r.totals.packet_hops += nic.counters.tx_packets;
    r.totals.data_hops += nic.counters.tx_data_packets;
    r.totals.retransmitted += nic.retransmitted;
    r.totals.nacks += nic.counters.naks_sent;
    r.totals.cnps += nic.counters.cnps_sent;
    r.totals.timeouts += nic.counters.timeouts;
  }
}

record::Record record_of(const RunReport& report) {
  record::Record r;
  r.scenario = report.plan.scenario;
  r.setting = report.plan.setting;
  r.seed = report.plan.seed;
  r.duration = report.duration;
  schedule::add_logs(report.plan.played, report.logs, r);
  add_ports(report, r);
  return r;
}

// The sender's half of every message that was posted here, the receiver's of every one that came.
void add_messages(const RunReport& report, control::Measurements& m) {
  for (uint32_t j = 0; j < report.logs.size(); ++j) {
    const auto add = [&](uint32_t c, const schedule::ChannelLog& log) {
      const size_t count = std::max(log.sent.size(), log.received.size());
      for (size_t i = 0; i < count; ++i) {
        control::MessageHalf& half = *m.add_messages();
        half.set_job(j);
        half.set_channel(c);
        half.set_ordinal(static_cast<uint32_t>(i));
        half.set_received_ps((i < log.received.size() ? log.received[i] : SimTime::never()).ps);
        if (i >= log.sent.size()) continue;
        half.set_sent(true);
        half.set_bytes(log.sent[i].bytes);
        half.set_operation(log.sent[i].operation);
        half.set_iteration(log.sent[i].iteration);
        half.set_posted_ps(log.sent[i].posted.ps);
        half.set_acked_ps((i < log.acked.size() ? log.acked[i] : SimTime::never()).ps);
        if (!log.others.empty()) half.set_others(log.others[i]);
      }
    };
    schedule::for_each_channel(*report.plan.played.jobs[j].schedule, report.logs[j], add);
  }
}

void add_histogram(const char* name, const Histogram& from, control::Measurements& m) {
  control::Histogram& to = *m.add_histograms();
  to.set_name(name);
  for (const uint64_t count : from.counts()) to.add_counts(count);
  to.set_minimum(from.minimum());
  to.set_maximum(from.maximum());
}

void add_counters(const RunReport& report, const NicReport& nic, control::Measurements& m) {
  const std::string port = report.plan.endpoints[nic.endpoint].name();
  const auto add = [&](const std::string& name, uint64_t value) {
    control::Value& counter = *m.add_counters();
    counter.set_name(port + "." + name);
    counter.set_text(std::to_string(value));
  };
  for (const NamedCount& count : named(nic.counters)) add(count.name, count.value);
  add("retransmitted", nic.retransmitted);
  std::array<SimTime, kPriorities> paused{};
  for (const PauseInterval& pause : pauses_of(report, nic)) paused[pause.queue] += pause.end - pause.start;
  for (size_t queue = 0; queue < paused.size(); ++queue)
    if (paused[queue] > SimTime{})
      add(fmt::format("paused_ps.{}", queue), static_cast<uint64_t>(paused[queue].ps));
  add("unreadable", nic.frames.unreadable);
  for (const NamedCount& count : nic.device) add("device." + count.name, count.value);
  for (const NamedCount& count : nic.kernel) add("kernel." + count.name, count.value);
}

void add_frames(const NicReport& nic, control::Measurements& m) {
  control::PortFrames& port = *m.mutable_frames()->add_ports();
  port.set_port(nic.port);
  port.set_sent(nic.frames.sent);
  port.set_received(nic.frames.received);
  port.set_accepted(nic.counters.rx_packets);
  port.set_flooded(nic.frames.flooded);
  port.set_foreign(nic.frames.foreign);
  describe(nic.measured.pause_sources, port);
  describe(nic.losses, port);
}

// Why what the NIC sent was not what the NIC was asked to send; empty where it was.
std::string lateness_finding(const RunReport& report, const NicReport& nic) {
  constexpr double kLatePercentile = 99;
  const SimTime p99{nic.measured.lateness.percentile(kLatePercentile)};
  const SimTime limit = report.plan.lateness_limit;
  if (limit.ps <= 0 || p99 <= limit) return {};
  return fmt::format(
      "{}: p99 of its frames' lateness is {}, more than lateness_limit = {}; give the agent "
      "cores of its own, or slow the scenario down with time_scale",
      report.plan.endpoints[nic.endpoint].name(), format(p99), format(limit));
}

}  // namespace

void add_queue(NicReport& nic, NicReport queue) {
  add_queue(nic.counters, queue.counters);
  nic.measured.rtt.merge(queue.measured.rtt);
  nic.measured.lateness.merge(queue.measured.lateness);
  nic.retransmitted += queue.retransmitted;
  std::move(queue.rates.begin(), queue.rates.end(), std::back_inserter(nic.rates));
  std::sort(nic.rates.begin(), nic.rates.end(),
            [](const auto& a, const auto& b) { return a.queue_pair < b.queue_pair; });
  for (size_t i = 0; i < nic.device.size(); ++i) nic.device[i].value += queue.device[i].value;
  BoundaryCounters& frames = nic.frames;
  frames.sent += queue.frames.sent;
  frames.received += queue.frames.received;
  frames.flooded += queue.frames.flooded;
  frames.foreign += queue.frames.foreign;
  frames.unreadable += queue.frames.unreadable;
}

tl::expected<control::Measurements, std::string> measurements_of(const RunReport& report) {
  control::Measurements m;
  auto bytes = record::encode_record(record_of(report));
  if (!bytes) return tl::unexpected(bytes.error());
  m.set_record(std::move(*bytes));
  add_messages(report, m);
  NicMeasurements all;
  std::string invalid = report.failure;
  for (const NicReport& nic : report.nics) {
    all.rtt.merge(nic.measured.rtt);
    all.lateness.merge(nic.measured.lateness);
    all.pause.merge(nic.measured.pause);
    add_counters(report, nic, m);
    add_frames(nic, m);
    if (invalid.empty()) invalid = lateness_finding(report, nic);
  }
  add_histogram("rtt", all.rtt, m);
  add_histogram("lateness", all.lateness, m);
  add_histogram("pause", all.pause, m);
  m.set_valid(invalid.empty());
  m.set_invalid_because(invalid);
  for (const std::string& event : report.events) m.add_events(event);
  return m;
}

}  // namespace railyard::lab
