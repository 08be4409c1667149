// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/rate_comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "traffic/record/statistics.h"

namespace railyard::validation {
namespace {

using record::RateSamples;
using record::Record;

// What both players call a queue pair: job, ranks, number.
using Name = std::tuple<std::string, uint32_t, uint32_t, uint32_t>;
using Series = std::map<Name, const RateSamples*>;

// A row a repetition; a column a sample time or a queue pair.
using Table = std::vector<std::vector<double>>;

Series series_of(const Record& record) {
  Series series;
  for (const RateSamples& s : record.rates)
    series[{record.jobs[s.job].name, s.src_rank, s.dst_rank, s.queue_pair}] = &s;
  return series;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// At which of `samples` instants, the first after one interval, the ranks of `s` have a message under way.
std::vector<bool> sending(const Record& record, const RateSamples& s, SimTime interval, size_t samples) {
  std::vector<int64_t> change(samples + 1);
  const auto from = [&](SimTime t) {  // the first instant at or after t
    const int64_t count = (t.ps + interval.ps - 1) / interval.ps;
    return std::min(static_cast<size_t>(std::max<int64_t>(count - 1, 0)), samples);
  };
  for (const record::Message& m : record.messages) {
    if (record.operations[m.operation].job != s.job || m.src_rank != s.src_rank || m.dst_rank != s.dst_rank)
      continue;
    ++change[from(m.posted)];
    --change[from(std::min(m.acked, record.duration))];
  }
  std::vector<bool> sends;
  int64_t under_way = 0;
  for (size_t i = 0; i < samples; ++i) sends.push_back((under_way += change[i]) > 0);
  return sends;
}

// The queue pairs of all runs, sample by sample.
class Comparison {
 public:
  Comparison(const std::vector<const PlayedRun*>& sim, const std::vector<const PlayedRun*>& lab)
      : simulated_(sim.size()) {
    for (const auto* runs : {&sim, &lab})
      for (const PlayedRun* run : *runs) {
        records_.push_back(&run->record);
        series_.push_back(series_of(run->record));
      }
  }

  RateComparison compare();

 private:
  std::string find_common();
  void find_sending();
  double rate(size_t run, size_t pair, size_t sample) const;
  bool sends(size_t pair, size_t sample) const { return sending_[pair][sample]; }
  Table over_time(RateComparison& c) const;
  Table by_queue_pair() const;
  Distances distances(const Table& table) const;
  void add_paths(const Table& table, RateComparison& c) const;

  const size_t simulated_;  // the first so many runs
  std::vector<const Record*> records_;
  std::vector<Series> series_;              // by run
  std::vector<Name> pairs_;                 // in every run
  SimTime interval_;                        // the coarsest
  size_t samples_ = 0;                      // that every run has
  std::vector<std::vector<bool>> sending_;  // by queue pair, then sample: in every run
};

// Why there is nothing in common, or nothing.
std::string Comparison::find_common() {
  for (const auto& entry : series_.front()) {
    const Name& name = entry.first;
    if (std::all_of(series_.begin(), series_.end(), [&](const Series& s) { return s.count(name) != 0; }))
      pairs_.push_back(name);
  }
  if (pairs_.empty()) return "no queue pair was sampled in all runs of both";
  for (const Series& series : series_)
    for (const Name& name : pairs_) interval_ = std::max(interval_, series.at(name)->interval);
  samples_ = SIZE_MAX;
  for (const Series& series : series_)
    for (const Name& name : pairs_) {
      const RateSamples& s = *series.at(name);
      const int64_t step = interval_ / s.interval;
      if (s.interval * step != interval_)
        return fmt::format("samples every {} and every {} are not of the same instants", format(s.interval),
                           format(interval_));
      samples_ = std::min(samples_, s.rate_bps.size() / static_cast<size_t>(step));
    }
  return "";
}

void Comparison::find_sending() {
  for (const Name& name : pairs_) {
    std::vector<bool>& all = sending_.emplace_back(samples_, true);
    for (size_t run = 0; run < records_.size(); ++run) {
      const auto one = sending(*records_[run], *series_[run].at(name), interval_, samples_);
      for (size_t i = 0; i < samples_; ++i) all[i] = all[i] && one[i];
    }
  }
}

double Comparison::rate(size_t run, size_t pair, size_t sample) const {
  const RateSamples& s = *series_[run].at(pairs_[pair]);
  const auto step = static_cast<size_t>(interval_ / s.interval);
  return static_cast<double>(s.rate_bps[(sample + 1) * step - 1]) /
         static_cast<double>(records_[run]->ports[s.port].rate.bps);
}

// Means over the queue pairs that send, at the times when any does.
Table Comparison::over_time(RateComparison& c) const {
  Table table(records_.size());
  for (size_t i = 0; i < samples_; ++i) {
    std::vector<double> sums(records_.size());
    size_t count = 0;
    for (size_t pair = 0; pair < pairs_.size(); ++pair) {
      if (!sends(pair, i)) continue;
      ++count;
      for (size_t run = 0; run < sums.size(); ++run) sums[run] += rate(run, pair, i);
    }
    if (count == 0) continue;
    c.seconds.push_back((interval_ * static_cast<int64_t>(i + 1)).to_seconds());
    for (size_t run = 0; run < sums.size(); ++run)
      table[run].push_back(sums[run] / static_cast<double>(count));
  }
  return table;
}

// Means over the times at which it sends, of each queue pair that ever does.
Table Comparison::by_queue_pair() const {
  Table table(records_.size());
  for (size_t pair = 0; pair < pairs_.size(); ++pair) {
    const auto count = std::count(sending_[pair].begin(), sending_[pair].end(), true);
    for (size_t run = 0; run < table.size() && count > 0; ++run) {
      double sum = 0;
      for (size_t i = 0; i < samples_; ++i)
        if (sends(pair, i)) sum += rate(run, pair, i);
      table[run].push_back(sum / static_cast<double>(count));
    }
  }
  return table;
}

Distances Comparison::distances(const Table& table) const {
  Distances d;
  for (size_t run = 0; run < table.size(); ++run) {
    std::vector<const std::vector<double>*> others;
    for (size_t other = 0; other < simulated_; ++other)
      if (other != run) others.push_back(&table[other]);
    if (others.empty()) continue;
    std::vector<double> apart;
    for (size_t i = 0; i < table[run].size(); ++i) {
      double sum = 0;
      for (const auto* other : others) sum += (*other)[i];
      apart.push_back(std::abs(table[run][i] - sum / static_cast<double>(others.size())));
    }
    (run < simulated_ ? d.sim : d.lab).push_back(record::spread_of(std::move(apart)).median);
  }
  return d;
}

void Comparison::add_paths(const Table& table, RateComparison& c) const {
  for (size_t i = 0; i < c.seconds.size(); ++i) {
    std::vector<double> sim, lab;
    for (size_t run = 0; run < table.size(); ++run) (run < simulated_ ? sim : lab).push_back(table[run][i]);
    c.sim.push_back(mean(sim));
    c.sim_least.push_back(*std::min_element(sim.begin(), sim.end()));
    c.sim_most.push_back(*std::max_element(sim.begin(), sim.end()));
    c.lab.push_back(mean(lab));
  }
}

RateComparison Comparison::compare() {
  RateComparison c;
  c.impossible = find_common();
  if (!c.impossible.empty()) return c;
  find_sending();
  c.queue_pairs = pairs_.size();
  c.interval = interval_;
  const Table times = over_time(c);
  if (c.seconds.empty()) {
    c.impossible = fmt::format("no queue pair sends at one of the samples, every {}, in all runs of both",
                               format(interval_));
    return c;
  }
  for (size_t run = 0; run < times.size(); ++run)
    (run < simulated_ ? c.sim_means : c.lab_means).push_back(mean(times[run]));
  c.over_time = distances(times);
  c.by_queue_pair = distances(by_queue_pair());
  add_paths(times, c);
  for (const std::vector<double>& run : times)
    c.restrained = c.restrained || std::any_of(run.begin(), run.end(), [](double part) { return part < 1; });
  return c;
}

}  // namespace

RateComparison compare_rates(const std::vector<const PlayedRun*>& sim,
                             const std::vector<const PlayedRun*>& lab) {
  return Comparison(sim, lab).compare();
}

}  // namespace railyard::validation
