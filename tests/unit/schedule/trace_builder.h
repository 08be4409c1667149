// SPDX-License-Identifier: BSD-3-Clause
// Short ways to write a trace in a test.
#pragma once

#include <string>
#include <vector>

#include "traffic/pattern/trace/trace.pb.h"

namespace railyard::schedule {

class TraceBuilder {
 public:
  // Group 0, "world", holds all ranks.
  explicit TraceBuilder(uint32_t ranks) {
    trace_.mutable_header()->set_rank_count(ranks);
    std::vector<uint32_t> world;
    for (uint32_t r = 0; r < ranks; ++r) {
      trace_.add_ranks()->set_rank(r);
      world.push_back(r);
    }
    add_group("world", world);
  }

  uint32_t add_group(const std::string& name, const std::vector<uint32_t>& ranks) {
    trace::Group& group = *trace_.mutable_header()->add_groups();
    group.set_name(name);
    for (uint32_t r : ranks) group.add_ranks(r);
    return static_cast<uint32_t>(trace_.header().groups_size() - 1);
  }

  // `after`: distances back in the rank's list.
  trace::Operation& add(uint32_t rank, const std::string& name, const std::vector<uint32_t>& after = {}) {
    trace::Operation& operation = *trace_.mutable_ranks(static_cast<int>(rank))->add_operations();
    operation.set_name(name);
    for (uint32_t distance : after) operation.add_after(distance);
    return operation;
  }

  void compute(uint32_t rank, uint64_t ns, const std::vector<uint32_t>& after = {}) {
    add(rank, "compute", after).mutable_compute()->set_duration_ns(ns);
  }

  void send(uint32_t rank, uint32_t peer, uint64_t bytes, const std::vector<uint32_t>& after = {},
            uint32_t tag = 0) {
    trace::Send& send = *add(rank, "send", after).mutable_send();
    send.set_peer(peer);
    send.set_bytes(bytes);
    send.set_tag(tag);
  }

  void receive(uint32_t rank, uint32_t peer, uint64_t bytes, const std::vector<uint32_t>& after = {},
               uint32_t tag = 0) {
    trace::Receive& receive = *add(rank, "receive", after).mutable_receive();
    receive.set_peer(peer);
    receive.set_bytes(bytes);
    receive.set_tag(tag);
  }

  trace::Collective& collective(uint32_t rank, trace::CollectiveKind kind, uint64_t bytes,
                                const std::vector<uint32_t>& after = {}, uint32_t group = 0) {
    trace::Collective& call = *add(rank, "collective", after).mutable_collective();
    call.set_kind(kind);
    call.set_bytes(bytes);
    call.set_group(group);
    return call;
  }

  void collective_of_all(trace::CollectiveKind kind, uint64_t bytes) {
    for (uint32_t r = 0; r < trace_.header().rank_count(); ++r) collective(r, kind, bytes);
  }

  trace::Trace& trace() { return trace_; }

 private:
  trace::Trace trace_;
};

}  // namespace railyard::schedule
