// SPDX-License-Identifier: BSD-3-Clause
// What a rank's compute stream does, one thing after another, and what goes on beside it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/workload/llm/layout.h"

namespace railyard::llm {

class Chain {
 public:
  using Indices = trace::RankBuilder::Indices;

  Chain(const Layout& layout, uint32_t rank, trace::RankBuilder& to)
      : layout_(layout), rank_(rank), to_(to) {}

  // What follows starts after these.
  const Indices& now() const { return now_; }
  void wait(const Indices& others) { now_.insert(now_.end(), others.begin(), others.end()); }

  void compute(std::string_view name, uint64_t duration_ns);

  // A collective with the rank's group of that kind, for which the chain waits. None where the group is the
  // rank alone or nothing is sent. Bytes are as trace::Collective's.
  void collective(std::string_view name, trace::CollectiveKind kind, With with, uint64_t bytes) {
    const Indices started = beside(name, kind, with, bytes, now_);
    if (!started.empty()) now_ = started;
  }
  // The same, but the chain goes on.
  Indices beside(std::string_view name, trace::CollectiveKind kind, With with, uint64_t bytes,
                 const Indices& after);
  // An all-to-all in uneven parts, one a member.
  void exchange(std::string_view name, With with, const std::vector<uint64_t>& split_bytes);

  // Sent when the chain has come here; the chain goes on.
  void send(std::string_view name, uint32_t peer, uint64_t bytes, uint32_t tag);
  // The chain waits for it, or goes on beside it.
  void receive(std::string_view name, uint32_t peer, uint64_t bytes, uint32_t tag) {
    wait(receive_beside(name, peer, bytes, tag));
  }
  Indices receive_beside(std::string_view name, uint32_t peer, uint64_t bytes, uint32_t tag);

 private:
  const Layout& layout_;
  uint32_t rank_;
  trace::RankBuilder& to_;
  Indices now_;
};

}  // namespace railyard::llm
