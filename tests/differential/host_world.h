// SPDX-License-Identifier: BSD-3-Clause
// Hosts with ranks, and a network between them that only says when a message arrives: what both players of a
// schedule are put into, so that all that can differ is what a host does.
#pragma once

#include <cstdint>
#include <set>
#include <tuple>
#include <vector>

#include "traffic/fabric/fabric_settings.h"
#include "traffic/record/record.h"
#include "traffic/run/run_input.h"

namespace railyard {

struct HostPost {
  uint32_t flow = 0;
  uint64_t bytes = 0;
};

// One player's hosts. After each call, what the host wants of the network is in `posts`.
class PlayedHosts {
 public:
  virtual ~PlayedHosts() = default;
  virtual bool has_ranks(uint32_t host) const = 0;
  virtual void wake(uint32_t host, SimTime now) = 0;
  virtual void received(uint32_t host, uint32_t flow, SimTime now) = 0;
  virtual void acked(uint32_t host, uint32_t flow, SimTime now) = 0;
  // The host's next wake-up; never() where it has none.
  virtual SimTime next_wake(uint32_t host) const = 0;
  // Ranks of the host that have ended.
  virtual uint32_t finished(uint32_t host) const = 0;
  // The ranks' spans, iterations and messages, as the player logged them.
  virtual record::Record log() const = 0;

  std::vector<HostPost> posts;
};

struct HostStep {
  enum What : uint8_t { Wake, Post, Finish } what = Wake;
  SimTime time;
  uint32_t host = 0, flow = 0;
  uint64_t bytes = 0;

  friend bool operator==(const HostStep& a, const HostStep& b) {
    return std::tie(a.what, a.time, a.host, a.flow, a.bytes) ==
           std::tie(b.what, b.time, b.host, b.flow, b.bytes);
  }
};

// Where a flow starts and ends.
struct FlowEnds {
  uint32_t source_host = 0, destination_host = 0;
};

// Plays until nothing is left to happen, or `until`. Message n of a flow takes a time that depends on the
// seed, flow and n alone, and none overtakes another; its acknowledgement follows.
std::vector<HostStep> play(PlayedHosts& hosts, uint32_t host_count, const std::vector<FlowEnds>& flows,
                           uint64_t seed, SimTime until);

}  // namespace railyard
