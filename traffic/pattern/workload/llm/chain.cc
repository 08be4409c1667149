// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/llm/chain.h"

#include <numeric>
#include <string>
#include <utility>

#include "traffic/pattern/workload/empty_trace.h"

namespace railyard::llm {

void Chain::compute(std::string_view name, uint64_t duration_ns) {
  if (duration_ns > 0) now_ = {to_.compute(name, duration_ns, now_)};
}

Chain::Indices Chain::beside(std::string_view name, trace::CollectiveKind kind, With with, uint64_t bytes,
                             const Indices& after) {
  if (layout_.size_of(with) < 2 || bytes == 0) return {};
  return {to_.collective(name, kind, layout_.group_of(with, rank_), bytes, after)};
}

void Chain::exchange(std::string_view name, With with, const std::vector<uint64_t>& split_bytes) {
  if (layout_.size_of(with) < 2) return;
  trace::Operation operation;
  operation.set_name(std::string(name));
  trace::Collective& call = *operation.mutable_collective();
  call.set_kind(trace::ALL_TO_ALL);
  call.set_group(layout_.group_of(with, rank_));
  call.set_bytes(std::accumulate(split_bytes.begin(), split_bytes.end(), uint64_t{0}));
  call.mutable_split_bytes()->Add(split_bytes.begin(), split_bytes.end());
  now_ = {to_.append(std::move(operation), now_)};
}

void Chain::send(std::string_view name, uint32_t peer, uint64_t bytes, uint32_t tag) {
  workload::named_send(to_, name, peer, bytes, now_, tag);
}

Chain::Indices Chain::receive_beside(std::string_view name, uint32_t peer, uint64_t bytes, uint32_t tag) {
  trace::Operation operation;
  operation.set_name(std::string(name));
  operation.mutable_receive()->set_peer(peer);
  operation.mutable_receive()->set_bytes(bytes);
  operation.mutable_receive()->set_tag(tag);
  return {to_.append(std::move(operation), {})};
}

}  // namespace railyard::llm
