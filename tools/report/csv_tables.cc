// SPDX-License-Identifier: BSD-3-Clause
// CSV as RFC 4180 has it, with one line of column names that bear their units. Times are exact to the
// picosecond.
#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "tools/report/output_format.h"

namespace railyard::report {
namespace {

using record::Record;

constexpr int64_t kPicosecondsPerMicrosecond = 1'000'000;

// A field that holds a comma, a quote or a line break is quoted.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// Microseconds without rounding; empty for an instant that never came.
std::string us(SimTime t) {
  if (t == SimTime::never()) return "";
  const int64_t ps = std::abs(t.ps);
  return fmt::format("{}{}.{:06}", t.ps < 0 ? "-" : "", ps / kPicosecondsPerMicrosecond,
                     ps % kPicosecondsPerMicrosecond);
}

// Nine digits: more than any of these figures deserves, and the same on every machine.
std::string real(double value) {
  return fmt::format("{:.9g}", value);
}
std::string real(const std::optional<double>& value) {
  return value ? real(*value) : "";
}

const char* yes_or_no(bool value) {
  return value ? "yes" : "no";
}

// With a comma before each.
std::string difference_fields(const record::Difference& d) {
  if (d.outcome == record::Outcome::Unknown) return ",,,,";
  return fmt::format(",{},{},{},{}", real(d.mean), d.interval ? real(d.interval->low) : "",
                     d.interval ? real(d.interval->high) : "", real(d.p));
}

// Calls write(setting, run) for every run.
template <class Write>
void for_each_run(const RunSet& runs, Write write) {
  for (const Setting& setting : runs.settings)
    for (const Run& run : setting.runs) write(setting, run);
}

void write_message(std::ostream& out, const std::string& run, const Record& r, const record::Message& m) {
  const record::Operation& operation = r.operations[m.operation];
  const record::Job& job = r.jobs[operation.job];
  const bool received = record::was_received(m);
  out << fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", run, field(job.name), yes_or_no(job.background),
      field(operation.name), operation.kind, m.iteration, m.src_rank, m.dst_rank, m.others + 1, m.bytes,
      us(m.posted), us(m.received), us(m.acked), received ? us(m.received - m.posted) : "", us(m.ideal),
      received && record::is_flow(m) ? real(record::completion_seconds(m) / m.ideal.to_seconds()) : "");
}

std::string run_fields(const Setting& setting, const Run& run) {
  return fmt::format("{},{}", field(setting.name), run.seed);
}

}  // namespace

void write_comparison_csv(std::ostream& out, const Results& results) {
  out << "metric,unit,setting,seeds,mean,median,min,max,standard_deviation,ci95_low,ci95_high,best,"
         "beside_best,difference,difference_low,difference_high,p\n";
  for (const record::ComparedMetric& metric : results.comparison.metrics) {
    for (size_t i = 0; i < metric.spread.size(); ++i) {
      if (!metric.spread[i]) continue;
      const record::Spread& s = *metric.spread[i];
      std::string low;
      std::string high;
      if (s.half_interval95) {
        low = real(s.mean - *s.half_interval95);
        high = real(s.mean + *s.half_interval95);
      }
      const record::Difference& d = metric.from_best[i];
      out << fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}{}\n", field(metric.info.name),
                         record::base_unit(metric.info.unit), field(results.comparison.settings[i]), s.n,
                         real(s.mean), real(s.median), real(s.min), real(s.max), real(s.deviation), low, high,
                         yes_or_no(metric.best == i), record::name_of(d.outcome), difference_fields(d));
    }
  }
}

void write_flows_csv(std::ostream& out, const Results& results) {
  out << "setting,seed,job,background,operation,kind,iteration,src_rank,dst_rank,messages,bytes,posted_us,"
         "received_us,"
         "acked_us,completion_us,ideal_us,slowdown\n";
  for_each_run(results.runs, [&](const Setting& setting, const Run& run) {
    const std::string prefix = run_fields(setting, run);
    for (const record::Message& m : run.record.messages) write_message(out, prefix, run.record, m);
  });
}

void write_collectives_csv(std::ostream& out, const Results& results) {
  out << "setting,seed,job,background,operation,name,kind,bytes,ranks,executions,time_us,busbw_gbps,"
         "time_from_first_start_us,busbw_from_first_start_gbps\n";
  for_each_run(results.runs, [&](const Setting& setting, const Run& run) {
    for (const record::CollectiveSummary& c : run.summary.collectives) {
      const record::Operation& operation = run.record.operations[c.operation];
      const record::Job& job = run.record.jobs[operation.job];
      out << fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", run_fields(setting, run),
                         field(job.name), yes_or_no(job.background), c.operation, field(operation.name),
                         operation.kind, operation.bytes, operation.group_size, c.executions,
                         real(c.time * 1e6), real(c.busbw * 1e-9), real(c.time_from_first_start * 1e6),
                         real(c.busbw_from_first_start * 1e-9));
    }
  });
}

void write_ports_csv(std::ostream& out, const Results& results) {
  out << "setting,seed,node,port,switch,rate_gbps,tx_packets,tx_bytes,tx_data_packets,ecn_marked";
  for (const char* reason : kDropReasonNames) out << ",dropped_" << reason;
  out << ",pfc_pauses_sent,pfc_pauses_received,paused_us,max_queue_bytes\n";
  for_each_run(results.runs, [&](const Setting& setting, const Run& run) {
    for (const record::Port& p : run.record.ports) {
      out << fmt::format("{},{},{},{},{},{},{},{},{}", run_fields(setting, run), field(p.node), field(p.name),
                         yes_or_no(p.is_switch), real(static_cast<double>(p.rate.bps) * 1e-9), p.tx_packets,
                         p.tx_bytes, p.tx_data_packets, p.ecn_marked);
      for (const uint64_t drops : p.drops) out << ',' << drops;
      out << fmt::format(",{},{},{},{}\n", p.pfc_pauses_sent, p.pfc_pauses_received, us(p.paused),
                         p.max_queue_bytes);
    }
  });
}

void write_rates_csv(std::ostream& out, const Results& results) {
  out << "setting,seed,job,src_rank,dst_rank,queue_pair,port,time_us,rate_gbps,window_bytes\n";
  for_each_run(results.runs, [&](const Setting& setting, const Run& run) {
    const Record& r = run.record;
    for (const record::RateSamples& s : r.rates) {
      const std::string prefix =
          fmt::format("{},{},{},{},{},{}", run_fields(setting, run), field(r.jobs[s.job].name), s.src_rank,
                      s.dst_rank, s.queue_pair, field(r.ports[s.port].name));
      for (size_t i = 0; i < s.rate_bps.size(); ++i)
        out << fmt::format("{},{},{},{}\n", prefix, us(s.interval * static_cast<int64_t>(i + 1)),
                           real(static_cast<double>(s.rate_bps[i]) * 1e-9),
                           s.window_bytes[i] == kNoWindow ? "" : std::to_string(s.window_bytes[i]));
    }
  });
}

}  // namespace railyard::report
