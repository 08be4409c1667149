// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/page_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tools/report/reduce.h"
#include "traffic/record/rate_sampler.h"

namespace railyard::report {
namespace {

using record::Record;

constexpr size_t kChartPorts = 12;
constexpr uint32_t kChartQueuePairs = 12;
// Of all charts of a kind together: about 700 kB of the page.
constexpr size_t kPoints = 100'000;
constexpr size_t kLeastPoints = 50;
constexpr size_t kMostPoints = 500;

// Of a setting, the charts show the first seed's run.
const Record* first_record(const Setting& setting) {
  return setting.runs.empty() ? nullptr : &setting.runs.front().record;
}

// The time of the longest of the runs that are drawn, in as many equal parts as so many charts may have
// points.
struct Slices {
  SimTime span;
  size_t count;

  Slices(const RunSet& runs, size_t charts)
      : count(std::clamp(kPoints / std::max<size_t>(1, charts * runs.settings.size()), kLeastPoints,
                         kMostPoints)) {
    for (const Setting& setting : runs.settings)
      if (const Record* record = first_record(setting)) span = std::max(span, record->duration);
  }

  // Their middles.
  Json times() const {
    Json json = Json::array();
    for (size_t i = 0; i < count; ++i)
      json.push_back(
          rounded(span.to_microseconds() * (static_cast<double>(i) + 0.5) / static_cast<double>(count)));
    return json;
  }
};

// Names of the ports with the deepest queues and of those that stood paused longest, under any setting.
std::vector<std::string> busiest_ports(const RunSet& runs) {
  std::map<std::string, uint64_t> depth;
  std::map<std::string, int64_t> paused;
  for (const Setting& setting : runs.settings) {
    const Record* record = first_record(setting);
    if (record == nullptr) continue;
    for (const record::QueueSamples& q : record->queues) {
      uint64_t& deepest = depth[record->ports[q.port].name];
      for (const uint32_t bytes : q.bytes) deepest = std::max<uint64_t>(deepest, bytes);
    }
    std::map<std::string, int64_t> here;
    for (const record::Pause& p : record->pauses) here[record->ports[p.port].name] += (p.end - p.start).ps;
    for (const auto& [name, time] : here) paused[name] = std::max(paused[name], time);
  }
  std::set<std::pair<int64_t, std::string>> by_depth;  // negated: the greatest first, then by name
  std::set<std::pair<int64_t, std::string>> by_pause;
  for (const auto& [name, bytes] : depth)
    if (bytes > 0) by_depth.emplace(-static_cast<int64_t>(bytes), name);
  for (const auto& [name, time] : paused) by_pause.emplace(-time, name);

  std::vector<std::string> names;
  const auto take = [&](const auto& ranking, size_t limit) {
    for (const auto& [rank, name] : ranking)
      if (names.size() < limit && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  };
  take(by_depth, kChartPorts / 2);
  take(by_pause, kChartPorts);
  take(by_depth, kChartPorts);
  return names;
}

Json queue_of(const Record& record, const std::string& port, const Slices& slices) {
  Json json = {{"peaks", nullptr}, {"pauses", Json::array()}};
  for (const record::QueueSamples& q : record.queues) {
    if (record.ports[q.port].name != port) continue;
    json["peaks"] = Json::array();
    for (const auto& peak : peaks(q, slices.span, slices.count))
      json["peaks"].push_back(peak ? Json(*peak) : Json(nullptr));
  }
  std::vector<Interval> paused;
  for (const record::Pause& p : record.pauses)
    if (record.ports[p.port].name == port) paused.emplace_back(p.start, std::min(p.end, record.duration));
  for (const auto& [start, end] :
       merged(std::move(paused), {slices.span.ps / static_cast<int64_t>(slices.count)}))
    json["pauses"].push_back({rounded(start.to_microseconds()), rounded(end.to_microseconds())});
  return json;
}

std::string name_of(const record::Job& job, uint32_t rank) {
  return rank < job.rank_count ? std::to_string(rank) : fmt::format("reducer {}", rank - job.rank_count);
}

std::string name_of(const Record& record, const record::RateSamples& samples) {
  const record::Job& job = record.jobs[samples.job];
  return fmt::format("{}: rank {} to {}, queue pair {}", job.name, name_of(job, samples.src_rank),
                     name_of(job, samples.dst_rank), samples.queue_pair);
}

// In the order of the first setting that has them.
std::vector<std::string> drawn_queue_pairs(const RunSet& runs) {
  std::vector<std::string> names;
  for (const Setting& setting : runs.settings) {
    const Record* record = first_record(setting);
    if (record == nullptr) continue;
    for (const record::RateSamples& samples : record->rates)
      if (std::string name = name_of(*record, samples);
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
  }
  std::vector<std::string> drawn;
  for (const uint32_t i : record::sampled_queue_pairs(static_cast<uint32_t>(names.size()), kChartQueuePairs))
    drawn.push_back(names[i]);
  return drawn;
}

Json rates_of(const Record& record, const std::string& queue_pair, const Slices& slices) {
  const auto found = std::find_if(record.rates.begin(), record.rates.end(), [&](const auto& samples) {
    return name_of(record, samples) == queue_pair;
  });
  if (found == record.rates.end()) return nullptr;
  const auto drawn = [&](const std::vector<uint64_t>& samples) {
    return rounded(means(samples, found->interval, slices.span, slices.count));
  };
  const bool has_window = std::any_of(found->window_bytes.begin(), found->window_bytes.end(),
                                      [](uint64_t bytes) { return bytes != kNoWindow; });
  return {{"bps", drawn(found->rate_bps)},
          {"window", has_window ? drawn(found->window_bytes) : Json(nullptr)}};
}

// {"times": middles, what: [{"name", "settings": drawn(record, name, slices) each}]}; nothing is drawn of a
// setting without runs.
template <class Drawn>
Json series(const RunSet& runs, const std::vector<std::string>& names, const char* what, Drawn drawn) {
  const Slices slices(runs, names.size());
  Json json = {{"times", Json::array()}, {what, Json::array()}};
  if (names.empty() || slices.span.ps <= 0) return json;
  json["times"] = slices.times();
  for (const std::string& name : names) {
    Json one = {{"name", name}, {"settings", Json::array()}};
    for (const Setting& setting : runs.settings) {
      const Record* record = first_record(setting);
      one["settings"].push_back(record != nullptr ? drawn(*record, name, slices) : Json(nullptr));
    }
    json[what].push_back(std::move(one));
  }
  return json;
}

}  // namespace

Json queue_series(const RunSet& runs) {
  return series(runs, busiest_ports(runs), "ports", queue_of);
}

Json rate_series(const RunSet& runs) {
  return series(runs, drawn_queue_pairs(runs), "pairs", rates_of);
}

}  // namespace railyard::report
