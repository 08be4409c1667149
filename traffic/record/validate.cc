// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include "traffic/record/record_file.h"

namespace railyard::record {
namespace {

using Error = tl::unexpected<std::string>;

tl::unexpected<std::string> bad(const char* list, size_t i, const char* what, uint64_t value,
                                uint64_t limit) {
  return Error(fmt::format("{}[{}] refers to {} {}, but there are {}", list, i, what, value, limit));
}

// Iterations, spans and messages name a job by way of an operation, and ranks of it.
tl::expected<void, std::string> validate_activity(const Record& r) {
  for (size_t i = 0; i < r.operations.size(); ++i)
    if (r.operations[i].job >= r.jobs.size())
      return bad("operations", i, "job", r.operations[i].job, r.jobs.size());
  const auto ranks = [&](uint32_t operation) { return r.jobs[r.operations[operation].job].rank_count; };
  for (size_t i = 0; i < r.iterations.size(); ++i) {
    const Iteration& it = r.iterations[i];
    if (it.job >= r.jobs.size()) return bad("iterations", i, "job", it.job, r.jobs.size());
    if (it.rank >= r.jobs[it.job].rank_count)
      return bad("iterations", i, "rank", it.rank, r.jobs[it.job].rank_count);
  }
  for (size_t i = 0; i < r.spans.size(); ++i) {
    const Span& span = r.spans[i];
    if (span.operation >= r.operations.size())
      return bad("spans", i, "operation", span.operation, r.operations.size());
    if (span.rank >= ranks(span.operation)) return bad("spans", i, "rank", span.rank, ranks(span.operation));
  }
  const auto ends = [&](uint32_t operation) {
    return ranks(operation) + r.jobs[r.operations[operation].job].reducers;
  };
  for (size_t i = 0; i < r.messages.size(); ++i) {
    const Message& m = r.messages[i];
    if (m.operation >= r.operations.size())
      return bad("messages", i, "operation", m.operation, r.operations.size());
    for (const uint32_t rank : {m.src_rank, m.dst_rank})
      if (rank >= ends(m.operation)) return bad("messages", i, "rank", rank, ends(m.operation));
  }
  return {};
}

tl::expected<void, std::string> validate_rates(const Record& r) {
  for (size_t i = 0; i < r.rates.size(); ++i) {
    const RateSamples& rates = r.rates[i];
    if (rates.job >= r.jobs.size()) return bad("rates", i, "job", rates.job, r.jobs.size());
    const uint32_t ends = r.jobs[rates.job].rank_count + r.jobs[rates.job].reducers;
    for (const uint32_t rank : {rates.src_rank, rates.dst_rank})
      if (rank >= ends) return bad("rates", i, "rank", rank, ends);
    if (rates.port >= r.ports.size()) return bad("rates", i, "port", rates.port, r.ports.size());
    if (rates.interval.ps <= 0)
      return Error(fmt::format("rates[{}] has an interval that is not positive", i));
    if (rates.window_bytes.size() != rates.rate_bps.size())
      return Error(fmt::format("rates[{}] has {} windows to {} rates", i, rates.window_bytes.size(),
                               rates.rate_bps.size()));
  }
  return {};
}

}  // namespace

tl::expected<void, std::string> validate(const Record& r) {
  if (auto activity = validate_activity(r); !activity) return activity;
  if (auto rates = validate_rates(r); !rates) return rates;
  for (size_t i = 0; i < r.queues.size(); ++i) {
    if (r.queues[i].port >= r.ports.size()) return bad("queues", i, "port", r.queues[i].port, r.ports.size());
    if (r.queues[i].interval.ps <= 0)
      return Error(fmt::format("queues[{}] has an interval that is not positive", i));
  }
  for (size_t i = 0; i < r.pauses.size(); ++i)
    if (r.pauses[i].port >= r.ports.size()) return bad("pauses", i, "port", r.pauses[i].port, r.ports.size());
  return {};
}

}  // namespace railyard::record
