// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/rank_builder.h"

#include <string>
#include <utility>

namespace railyard::trace {

RankBuilder::Index RankBuilder::append(Operation operation, const Indices& after) {
  const Index index = size();
  operation.clear_after();
  for (const Index earlier : after) operation.add_after(index - earlier);
  *rank_.add_operations() = std::move(operation);
  return index;
}

RankBuilder::Index RankBuilder::compute(std::string_view name, uint64_t duration_ns, const Indices& after) {
  Operation operation;
  operation.set_name(std::string(name));
  operation.mutable_compute()->set_duration_ns(duration_ns);
  return append(std::move(operation), after);
}

RankBuilder::Index RankBuilder::wait(std::string_view name, uint64_t duration_ns, const Indices& after) {
  const Index index = compute(name, duration_ns, after);
  rank_.mutable_operations(static_cast<int>(index))->mutable_compute()->set_wait(true);
  return index;
}

RankBuilder::Index RankBuilder::collective(std::string_view name, CollectiveKind kind, uint32_t group,
                                           uint64_t bytes, const Indices& after) {
  Operation operation;
  operation.set_name(std::string(name));
  Collective& c = *operation.mutable_collective();
  c.set_kind(kind);
  c.set_group(group);
  c.set_bytes(bytes);
  return append(std::move(operation), after);
}

RankBuilder::Index RankBuilder::send(uint32_t peer, uint64_t bytes, uint32_t tag, const Indices& after) {
  Operation operation;
  operation.set_name("send");
  operation.mutable_send()->set_peer(peer);
  operation.mutable_send()->set_bytes(bytes);
  operation.mutable_send()->set_tag(tag);
  return append(std::move(operation), after);
}

RankBuilder::Index RankBuilder::receive(uint32_t peer, uint64_t bytes, uint32_t tag, const Indices& after) {
  Operation operation;
  operation.set_name("receive");
  operation.mutable_receive()->set_peer(peer);
  operation.mutable_receive()->set_bytes(bytes);
  operation.mutable_receive()->set_tag(tag);
  return append(std::move(operation), after);
}

}  // namespace railyard::trace
