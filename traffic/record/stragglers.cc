// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/stragglers.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "traffic/record/metrics.h"

namespace railyard::record {
namespace {

using RankOfJob = std::pair<uint32_t, uint32_t>;

struct Arrival {
  uint32_t rank = 0;
  SimTime start;
  SimTime own;  // since the rank's last collective ended, or its iteration began
};

// Since when a rank may have been on its way to what it begins at `start`.
class FreeSince {
 public:
  explicit FreeSince(const Record& record) {
    for (const Iteration& it : record.iterations) since_[{it.job, it.rank}].push_back(it.start);
    for (const Span& span : record.spans)
      if (span.end != SimTime::never())
        since_[{record.operations[span.operation].job, span.rank}].push_back(span.end);
    for (auto& [rank, instants] : since_) std::sort(instants.begin(), instants.end());
  }

  SimTime before(const RankOfJob& rank, SimTime start) const {
    const auto found = since_.find(rank);
    if (found == since_.end()) return SimTime{};
    const auto after = std::upper_bound(found->second.begin(), found->second.end(), start);
    return after == found->second.begin() ? SimTime{} : *(after - 1);
  }

 private:
  std::map<RankOfJob, std::vector<SimTime>> since_;
};

// The arrivals at each execution, by operation and iteration.
std::map<std::pair<uint32_t, uint32_t>, std::vector<Arrival>> arrivals_of(const Record& record) {
  const FreeSince free(record);
  std::map<std::pair<uint32_t, uint32_t>, std::vector<Arrival>> arrivals;
  for (const Span& span : record.spans) {
    const Operation& operation = record.operations[span.operation];
    if (record.jobs[operation.job].background || !all_contribute(operation.kind)) continue;
    if (span.end == SimTime::never()) continue;
    const SimTime since = free.before({operation.job, span.rank}, span.start);
    arrivals[{span.operation, span.iteration}].push_back({span.rank, span.start, span.start - since});
  }
  return arrivals;
}

// The middle one's time on its way; of two, the shorter.
SimTime middle(const std::vector<Arrival>& arrivals) {
  std::vector<SimTime> own;
  for (const Arrival& arrival : arrivals) own.push_back(arrival.own);
  const auto at = own.begin() + static_cast<std::ptrdiff_t>((own.size() - 1) / 2);
  std::nth_element(own.begin(), at, own.end());
  return *at;
}

// Seconds of all executions; `waited` over all others.
void blame_last(const std::vector<Arrival>& arrivals, uint32_t job,
                std::map<RankOfJob, Straggler>& stragglers) {
  const auto last = std::max_element(arrivals.begin(), arrivals.end(),
                                     [](const Arrival& a, const Arrival& b) { return a.start < b.start; });
  for (const Arrival& arrival : arrivals) ++stragglers[{job, arrival.rank}].collectives;
  const SimTime late = last->own - middle(arrivals);
  if (late <= SimTime{}) return;
  Straggler& straggler = stragglers[{job, last->rank}];
  ++straggler.last;
  straggler.late += late.to_seconds();
  for (const Arrival& arrival : arrivals)
    straggler.waited += std::min(late, last->start - arrival.start).to_seconds();
}

}  // namespace

std::vector<Straggler> find_stragglers(const Record& record) {
  std::map<RankOfJob, Straggler> stragglers;
  for (const auto& [execution, arrivals] : arrivals_of(record)) {
    const Operation& operation = record.operations[execution.first];
    if (arrivals.size() == operation.group_size && arrivals.size() > 1)
      blame_last(arrivals, operation.job, stragglers);
  }
  std::vector<Straggler> worst(record.jobs.size());
  for (auto& [who, straggler] : stragglers) {
    std::tie(straggler.job, straggler.rank) = who;
    if (straggler.waited > worst[who.first].waited) worst[who.first] = straggler;
  }
  worst.erase(std::remove_if(worst.begin(), worst.end(), [](const Straggler& s) { return s.waited == 0; }),
              worst.end());
  for (Straggler& straggler : worst) {
    const Job& job = record.jobs[straggler.job];
    const double iterations = std::max<uint32_t>(job.iterations, 1);
    straggler.late /= iterations;
    straggler.waited /= iterations * (job.rank_count - 1);
  }
  return worst;
}

}  // namespace railyard::record
