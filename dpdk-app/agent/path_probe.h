// SPDX-License-Identifier: BSD-3-Clause
// One endpoint's part in a control::Probe: the frames that it sends and counts, and the pauses that it asks
// for. Told the time, and free of DPDK.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "dpdk-app/agent/flow_table.h"
#include "dpdk-app/agent/nic_config.h"
#include "dpdk-app/session/lab_plan.h"
#include "dpdk-app/session/probe_limits.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {

namespace control {
class ProbeResult;
}

class PathProbe {
 public:
  // `plan` must outlive it; `probe` begins at `start`.
  PathProbe(const NicConfig& config, const LabPlan& plan, uint32_t endpoint, const control::Probe& probe,
            SimTime start);

  // Looks at a frame that came; true where it was a probe's, false where it is for others to handle.
  bool on_frame(const uint8_t* frame, size_t size, SimTime now);

  // Sends what is due but what `paused` queues hold back, at most `room` frames. hop(endpoint) is the MAC
  // address on the way to one, where that is known already; emit(fill) takes a frame, written by
  // fill(bytes, capacity), which returns its length.
  template <class Hop, class Emit>
  void poll(SimTime now, uint32_t paused, uint32_t room, Hop hop, Emit emit);
  SimTime next_due() const;

  // Endpoints that are sent to.
  std::vector<uint32_t> peers() const;
  void report(control::ProbeResult& to) const;

 private:
  struct Outgoing {
    uint32_t to = 0, kind = 0, queue = 0;
    uint8_t tos = 0;
    bool cnp = false;
    uint32_t payload = 0, left = 0, sent = 0;
    SimTime interval, next;
    bool waits = false;  // for a pause to end or an address to be known: nothing that a time tells
    std::vector<uint32_t> bins;
  };
  struct Arrived {
    uint32_t frames = 0, cut = 0, corrupt = 0, shortest = ~uint32_t{0};
    std::bitset<256> tos;
    std::vector<uint32_t> bins;
  };
  struct Pause {
    uint8_t priorities = 0;
    SimTime until, next;
    SimTime lasts_to = SimTime::never();  // what was sent of it
    bool over = false, lapsed = false;
  };

  size_t write(const Outgoing& stream, const MacAddress& hop, uint8_t* bytes, size_t capacity) const;
  size_t write_pause(Pause& pause, SimTime now, uint8_t* bytes, size_t capacity) const;
  void count(std::vector<uint32_t>& bins, SimTime now) const;
  void on_pause(const uint8_t* frame, size_t size);

  const NicConfig& config_;
  const LabPlan& plan_;
  const uint32_t endpoint_;
  const SimTime start_, end_, bin_;  // end_: of sending
  const SimTime refresh_;            // of a pause
  std::vector<Outgoing> outgoing_;
  std::vector<Pause> pauses_;
  std::map<uint32_t, Arrived> arrived_;         // by sender and kind: sender * kProbeKinds + kind
  std::array<uint64_t, kPriorities> paused_{};  // frames that pause us
};

template <class Hop, class Emit>
void PathProbe::poll(SimTime now, uint32_t paused, uint32_t room, Hop hop, Emit emit) {
  for (Pause& pause : pauses_) {
    if (pause.next > now || room == 0) continue;
    --room;
    emit([&](uint8_t* bytes, size_t capacity) { return write_pause(pause, now, bytes, capacity); });
  }
  for (Outgoing& stream : outgoing_) {
    while (stream.left > 0 && stream.next <= now && now < end_ && room > 0) {
      const auto next_hop = hop(stream.to);
      stream.waits = !next_hop || (paused >> stream.queue & 1) != 0;
      if (stream.waits) {
        stream.next = now;
        break;
      }
      --room, --stream.left;
      emit([&](uint8_t* bytes, size_t capacity) { return write(stream, *next_hop, bytes, capacity); });
      ++stream.sent;
      count(stream.bins, now);
      stream.next += stream.interval;
    }
  }
}

}  // namespace railyard::lab
