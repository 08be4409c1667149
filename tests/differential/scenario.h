// SPDX-License-Identifier: BSD-3-Clause
// Queue pairs between two NICs, over one link with a tap in its middle: what each of the ways to play them is
// given, and what it must give back.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/differential/opening_window.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"
#include "traffic/protocol/congestion/window_settings.h"
#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/protocol/transport/rate_control.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/record/rate_sampler.h"
#include "traffic/units/quantity.h"

namespace railyard {

enum class Way : uint8_t { ToReceiver, ToSender };

// A PFC frame that the tap sends.
struct Pause {
  SimTime at;
  Way direction;  // of the packets that it stops
  uint32_t priority = 0;
  uint16_t quanta = 0;  // 0 resumes
};

// What the tap does to the packets it sees, counted from 1 in each direction.
struct Faults {
  std::set<uint32_t> dropped_data;
  std::set<uint32_t> dropped_answers;
  uint32_t first_marked = 0, last_marked = 0;  // data packets that get CE; none where 0
  std::vector<Pause> pauses;                   // in the order of their times
};

struct Scenario {
  std::string name;
  std::vector<std::vector<uint64_t>> messages;  // bytes, by queue pair; all posted at posted_at
  std::vector<uint32_t> dscps = {};             // of the data, by queue pair; where there is none, the NIC's
  NicSettings nic;
  std::string algorithm = "dcqcn";
  DcqcnSettings dcqcn;
  WindowSettings window;
  std::array<OpeningWindow::Settings, 3> opening;  // by queue pair
  SimTime posted_at;
  BitRate rate = BitRate::gigabits(100);
  SimTime propagation = SimTime::nanoseconds(500);  // from a host to the tap, and from the tap to a host
  uint32_t first_psn = 0;
  Faults faults;
  SimTime sample_interval;  // of what each queue pair is allowed; 0: none, and it runs to its end
  SimTime sampled_for = SimTime::never();

  uint32_t flows() const { return static_cast<uint32_t>(messages.size()); }
  // Its settings point into the scenario.
  FlowClass class_of(uint32_t flow) const {
    const uint32_t dscp = flow < dscps.size() ? dscps[flow] : nic.dscp;
    FlowClass of;
    of.data_tos = static_cast<uint8_t>(dscp << 2 | ecn::kEct0);
    of.data_queue = static_cast<uint8_t>(queue_of(of.data_tos));
    of.algorithm = algorithm == "opening" ? &opening_window() : find_congestion_algorithm(algorithm);
    of.settings = algorithm == "opening"  ? static_cast<const void*>(&opening[flow])
                  : algorithm == "window" ? static_cast<const void*>(&window)
                                          : &dcqcn;
    return of;
  }
  friend std::ostream& operator<<(std::ostream& out, const Scenario& s) { return out << s.name; }
  static uint32_t queue_of(uint8_t tos) { return tos >> 2 >> 3; }  // QosMaps' default
};

// A packet as the tap saw it.
struct Sighting {
  int64_t time_ps;
  Way direction;
  PacketKind kind;
  uint32_t flow;
  uint32_t psn;  // of CNPs 0
  uint8_t flags;
  uint16_t frame_bytes;
  uint8_t tos;  // as it came
  bool dropped;
  bool marked;

  auto fields() const {
    return std::tie(time_ps, direction, kind, flow, psn, flags, frame_bytes, tos, dropped, marked);
  }
  friend bool operator==(const Sighting& a, const Sighting& b) { return a.fields() == b.fields(); }
  friend std::ostream& operator<<(std::ostream& out, const Sighting& s) {
    constexpr const char* kKinds[] = {"data", "ack", "nak", "cnp", "pfc"};
    return out << s.time_ps << " ps " << kKinds[static_cast<size_t>(s.kind)] << ' ' << s.flow << ':' << s.psn
               << " flags " << int{s.flags} << ' ' << s.frame_bytes << " B tos " << int{s.tos}
               << (s.dropped ? " dropped" : "") << (s.marked ? " marked" : "");
  }
};

struct Transcript {
  std::vector<Sighting> packets;
  std::vector<std::vector<int64_t>> received_ps, acked_ps;  // by queue pair and message
  uint64_t retransmitted = 0;
  uint64_t timeouts = 0;
  std::vector<record::RateSamples> rates;
};

// The tap's judgement, the same whoever carries the packets.
class Wiretap {
 public:
  struct Verdict {
    bool drop = false;
    bool mark = false;
  };

  Wiretap(const Faults& faults, std::vector<Sighting>& seen) : faults_(faults), seen_(seen) {}

  const Faults& faults() const { return faults_; }

  Verdict see(Way direction, const Packet& p, int64_t now) {
    Verdict v;
    if (direction == Way::ToReceiver) {
      ++data_;
      v.drop = faults_.dropped_data.count(data_) != 0;
      v.mark = faults_.first_marked != 0 && data_ >= faults_.first_marked && data_ <= faults_.last_marked;
    } else {
      v.drop = faults_.dropped_answers.count(++answers_) != 0;
    }
    seen_.push_back({now, direction, p.kind, p.flow, p.psn, p.flags, p.frame_bytes, p.tos, v.drop, v.mark});
    return v;
  }

 private:
  const Faults& faults_;
  std::vector<Sighting>& seen_;
  uint32_t data_ = 0, answers_ = 0;
};

}  // namespace railyard
