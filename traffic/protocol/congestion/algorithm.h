// SPDX-License-Identifier: BSD-3-Clause
// What a congestion-control algorithm is to a NIC: a sender that says how fast and how much, and a receiver
// that says what to tell the sender. Both are told the time and ask for nothing.
//
// An algorithm is a plain struct with typed state (dcqcn.h is one); algorithm_row.h makes the tables of
// functions below from it. A NIC calls through them a few times a packet at most; it knows no algorithm by
// name, and every queue pair may have its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/units/quantity.h"

namespace railyard {

class BoundParameter;

constexpr uint64_t kNoWindow = ~uint64_t{0};

// What a queue pair is made on.
struct SenderContext {
  BitRate line;      // of its port
  uint32_t mtu = 0;  // payload of a full packet
};

// What a queue pair may do until the algorithm is called again.
struct Allowance {
  double rate_bps = 0;                  // pace, of frames with preamble and gap
  uint64_t window_bytes = kNoWindow;    // payload that may be unacknowledged; one packet always may
  SimTime deadline = SimTime::never();  // when advance() changes this if nothing else happens
};

// What an ACK or NAK that moves the queue pair on says.
struct AckSample {
  uint32_t bytes = 0;      // payload that it newly acknowledges
  uint64_t in_flight = 0;  // payload that was sent and still is not
  SimTime rtt = {0};    // of the packet that it answers; 0: not known (that packet may have been sent twice)
  bool marked = false;  // what it answers came with CE; of algorithms with kEchoesMarks
};

enum class CongestionSignal : uint8_t { Cnp, Nak, Timeout };

// State is what `construct` made in `state_bytes` bytes (aligned as a double); settings are the algorithm's.
struct SenderFunctions {
  uint32_t state_bytes = 0;
  void (*construct)(void* state) = nullptr;
  void (*destroy)(void* state) = nullptr;
  void (*assign)(void* to, const void* from) = nullptr;
  // The queue pair is new.
  Allowance (*start)(void* state, const void* settings, const SenderContext&, SimTime now) = nullptr;
  // A data frame has left; null where the algorithm does not mind.
  void (*sent)(void* state, const void* settings, uint32_t frame_bytes, SimTime now, Allowance&) = nullptr;
  // Null where the algorithm does not mind.
  void (*acked)(void* state, const void* settings, const AckSample&, SimTime now, Allowance&) = nullptr;
  void (*signalled)(void* state, const void* settings, CongestionSignal, SimTime now, Allowance&) = nullptr;
  // Catches up with what was due by now; call it when Allowance::deadline has passed, before the others.
  void (*advance)(void* state, const void* settings, SimTime now, Allowance&) = nullptr;
};

constexpr uint32_t kNoQueuePair = ~uint32_t{0};

// A data frame that has arrived.
struct ArrivalSample {
  uint32_t queue_pair = 0;
  uint32_t frame_bytes = 0;
  bool marked = false;
};

// What a receiver wants after it was told something.
struct ReceiverReaction {
  bool notify = false;                  // a CNP, for the queue pair that it was told of
  uint32_t timer_for = kNoQueuePair;    // call timer() for this queue pair ...
  SimTime timer_at = SimTime::never();  // ... then
};

// What a receiver keeps: of the queue pair, of the NIC that sends to it, of the port that receives. As
// `construct_*` made them.
struct ReceiverState {
  void* queue_pair = nullptr;
  void* peer = nullptr;
  void* port = nullptr;
};

enum class ReceiverScope : uint8_t { QueuePair, Peer, Port, Count };

struct ReceiverFunctions {
  struct Scope {
    uint32_t state_bytes = 0;
    void (*construct)(void* state) = nullptr;
    void (*destroy)(void* state) = nullptr;
  };
  Scope scopes[static_cast<size_t>(ReceiverScope::Count)];
  bool marked_only = true;    // arrived() need not be called for frames without CE
  bool echoes_marks = false;  // ACKs and NAKs tell the sender of CE: AckSample::marked
  // The widest of these states that settings make it use: queue pairs that have it in common are one
  // thread's. Null, as the next three: where the receiver has nothing to say.
  ReceiverScope (*scope)(const void* settings) = nullptr;
  ReceiverReaction (*arrived)(ReceiverState, const void* settings, const ArrivalSample&,
                              SimTime now) = nullptr;
  ReceiverReaction (*timer)(ReceiverState, const void* settings, uint32_t queue_pair, SimTime now) = nullptr;
  // Whether the queue pair's own state says no more than a new one's.
  bool (*idle)(ReceiverState, SimTime now) = nullptr;
};

struct CongestionPreset {
  std::string_view name;  // "dcqcn-paper"
  std::string_view help;
  std::shared_ptr<const void> settings;
  // What goes with it at switches: parameters of SwitchSettings and their texts.
  std::vector<std::pair<std::string_view, std::string_view>> switches = {};
};

// N equal queue pairs, for ever, through one port.
struct ForecastInput {
  BitRate link;
  uint32_t frame_bytes = 0;  // of a full packet, with preamble and gap
  uint32_t flows = 1;
  SimTime delay;  // from a mark to the rate that it has changed
  // Where the queue's frames are marked: from there on with rising probability, up to this, then all.
  double marking_begins = 0, marking_ends = 0;  // bytes
  double marking_probability = 0;
};

// What theory says of them, before anything is simulated.
struct Forecast {
  std::optional<double> queue_bytes;           // at rest; none where marking's ramp holds no such point
  double lowest_bytes = 0, highest_bytes = 0;  // of the queue, in the long run
  double utilisation = 0;
  bool oscillates = false;
};

// An algorithm as everybody outside of this folder sees it: one row of congestion_algorithms().
struct CongestionAlgorithm {
  std::string_view
      name;  // of nic.congestion_control, of the scenario's section, of the ns-3 Attributes' prefix
  std::string_view help;  // one sentence, no full stop
  SenderFunctions sender;
  ReceiverFunctions receiver;
  std::vector<CongestionPreset> presets;

  // Null where there is no theory.
  Forecast (*forecast)(const void* settings, const ForecastInput&) = nullptr;

  // Settings: as a new scenario has them; `to` as `from`; their rows.
  std::shared_ptr<void> (*default_settings)() = nullptr;
  void (*assign_settings)(void* to, const void* from) = nullptr;
  std::vector<BoundParameter> (*bind_settings)(void* settings) = nullptr;
};

// In the order of algorithms.list: `none` first.
const std::vector<CongestionAlgorithm>& congestion_algorithms();
// Null where there is none of that name.
const CongestionAlgorithm* find_congestion_algorithm(std::string_view name);
// Its place in congestion_algorithms(); there must be one of that name.
uint32_t index_of_congestion_algorithm(std::string_view name);
// The place of that which NICs use where nothing is said.
uint32_t default_congestion_algorithm();
// Of all, in order.
std::vector<std::string_view> congestion_algorithm_names();

}  // namespace railyard
