// SPDX-License-Identifier: BSD-3-Clause
// From a trace to a schedule, rank by rank: nobody need hold the trace whole. What could not progress when it
// runs is refused here, naming rank, operation and peer: a trace that compiles ends on every fabric that
// delivers its messages.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/collective/collective_settings.h"
#include "traffic/pattern/schedule/host_shape.h"
#include "traffic/pattern/schedule/schedule.h"
#include "traffic/pattern/trace/rank_source.h"

namespace railyard::schedule {

struct CompileOptions {
  CollectiveSettings collectives;
  // 2^30 packets of the smallest MTU, 64 bytes: packet numbers have 32 bits and are compared modulo 2^32.
  Bytes largest_message{uint64_t{64} << 30};
  // What grows with the square of a trace's groups, and is told apart by a few bytes of it: channels, and the
  // splits of uneven all-to-alls. What has more of them is refused before they are made.
  uint64_t most_pairs = std::numeric_limits<uint64_t>::max();
  // Looked at now and then: once it holds, compile() gives up. None: it goes on to its end.
  const std::atomic<bool>* cancelled = nullptr;
  // Where the ranks are, one entry a rank. Null: nobody says; every group has one lane, in its own order.
  const std::vector<RankLocation>* placement = nullptr;
  HostShape hosts;  // that they are on
};

// Errors, each naming the rank, the operation (index and name) and the peer, and the remedy where there is
// one: a trace without operations, or with ranks missing, twice or out of range; a dependency that does not
// point back; a send without a receive and the reverse; sizes that differ at the two ends; a message of more
// than largest_message; more than most_pairs; members of a group that list different collectives (count,
// order, kind, bytes, root); operations that wait for each other, where collectives are taken as barriers of
// their group.
//
// A message of 0 bytes is kept, as 1 byte: its receiver depends on it. A collective of 0 bytes ends at once.
tl::expected<Schedule, std::string> compile(const trace::RankSource& source,
                                            const CompileOptions& options = {});
tl::expected<Schedule, std::string> compile(const trace::Trace& trace, const CompileOptions& options = {});

}  // namespace railyard::schedule
