// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/shard_writer.h"

#include <algorithm>
#include <cmath>

namespace railyard::llm {

Chain::Indices ShardWriter::gather_beside(const Unit& unit) {
  Chain::Indices both =
      chain_.beside("dp all-gather", trace::ALL_GATHER, With::Data, unit.dense * kBf16Bytes, chain_.now());
  const Chain::Indices expert = chain_.beside("expert dp all-gather", trace::ALL_GATHER, With::ExpertReplicas,
                                              unit.expert * kBf16Bytes, chain_.now());
  both.insert(both.end(), expert.begin(), expert.end());
  return both;
}

void ShardWriter::need(const Unit& unit, const Unit* next) {
  const Chain::Indices mine = ahead_ ? *ahead_ : gather_beside(unit);
  ahead_.reset();
  if (plan_.settings().overlap && next != nullptr) ahead_ = gather_beside(*next);
  chain_.wait(mine);
}

void ShardWriter::reduce_beside(const Unit& unit) {
  const LlmSettings& s = plan_.settings();
  const bool scatter = s.zero != Zero::Nothing;
  const auto kind = scatter ? trace::REDUCE_SCATTER : trace::ALL_REDUCE;
  const auto send = [&](size_t stream, const char* name, With with, uint64_t parameters) {
    if (parameters == 0) return;
    const double bytes = static_cast<double>(parameters * s.gradient_bytes) / s.gradient_compression;
    Chain::Indices after = chain_.now();
    after.insert(after.end(), last_[stream].begin(), last_[stream].end());
    last_[stream] = chain_.beside(name, kind, with, std::max<uint64_t>(1, std::llround(bytes)), after);
  };
  send(0, scatter ? "dp reduce-scatter" : "dp all-reduce", With::Data, unit.dense);
  send(1, scatter ? "expert dp reduce-scatter" : "expert dp all-reduce", With::ExpertReplicas, unit.expert);
}

void ShardWriter::reduce(const Unit& unit) {
  if (!plan_.settings().overlap && plan_.settings().zero != Zero::Everything) {
    waiting_.push_back(&unit);
    return;
  }
  reduce_beside(unit);
  if (!plan_.settings().overlap) finish_reduction();
}

void ShardWriter::finish_reduction() {
  for (const Unit* unit : waiting_) reduce_beside(*unit);
  waiting_.clear();
  for (Chain::Indices& last : last_) {
    chain_.wait(last);
    last.clear();
  }
}

void ShardWriter::gather(const std::vector<const Unit*>& units) {
  for (const Unit* unit : units) chain_.wait(gather_beside(*unit));
}

}  // namespace railyard::llm
