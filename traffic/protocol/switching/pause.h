// SPDX-License-Identifier: BSD-3-Clause
// Priority-based flow control at the transmitter: what a port does about the PFC frames that come in. [IEEE
// 802.1Q-2018 clause 36] Hosts and switches obey by it, in every player.
#pragma once

#include <array>
#include <cstdint>

#include "traffic/units/priority_set.h"
#include "traffic/units/quantity.h"

namespace railyard {

// A quantum is the time of 512 bits at the link's rate. [IEEE 802.1Q-2018, 36.1.3.2]
constexpr uint32_t kPauseQuantumBytes = 512 / 8;
constexpr uint16_t kLongestPause = 0xffff;  // quanta

constexpr SimTime pause_duration(uint32_t quanta, int64_t ps_per_byte) {
  return SimTime{int64_t{quanta} * kPauseQuantumBytes * ps_per_byte};
}

// What a PFC frame asks for.
struct PauseRequest {
  uint8_t enable_vector = 0;                   // bit p: quanta[p] is meant
  std::array<uint16_t, kPriorities> quanta{};  // 0 resumes
};

// How a node obeys; its ports have this in common.
struct PauseRules {
  std::array<uint8_t, kPriorities> queue_of_pfc{};
  SimTime response_time;  // from when a frame is looked at to the transmitter's pause
};

// What a port is to be woken for.
enum class PauseTimer : uint32_t {
  RunsOut,      // of a queue; a refresh may have come meanwhile
  TakesEffect,  // of a PFC priority: the pause that was announced
  Resumes,      // of a PFC priority
};

// Of one port, by queue: until when it is paused, and how long it has been.
class PauseState {
 public:
  bool paused(uint32_t queue) const { return (queues_ >> queue & 1) != 0; }
  uint32_t paused_queues() const { return queues_; }  // bit q: queue q is paused
  SimTime until(uint32_t queue) const { return until_[queue]; }
  SimTime since(uint32_t queue) const { return since_[queue]; }

  // A pause (again): true when the queue was not paused before.
  bool pause(uint32_t queue, SimTime until, SimTime now) {
    until_[queue] = until;
    if (paused(queue)) return false;
    queues_ |= 1u << queue;
    since_[queue] = now;
    ++pauses_;
    return true;
  }

  // A resume frame, or the pause has run out: true when the queue was paused.
  bool resume(uint32_t queue, SimTime now) {
    if (!paused(queue)) return false;
    queues_ &= ~(1u << queue);
    total_ += now - since_[queue];
    return true;
  }

  // Quanta of a PFC priority's pause that takes effect later.
  void announce(uint32_t priority, uint16_t quanta) { announced_[priority] = quanta; }
  uint16_t announced(uint32_t priority) const { return announced_[priority]; }

  // Counts from here on; pauses that stand are counted from now.
  void reset_counters(SimTime now) {
    total_ = {};
    pauses_ = static_cast<uint64_t>(__builtin_popcount(queues_));
    since_.fill(now);
  }

  // How often it stopped.
  uint64_t count() const { return pauses_; }

  // Summed over the queues, up to now.
  SimTime total(SimTime now) const {
    SimTime total = total_;
    for (uint32_t queue = 0; queue < kPriorities; ++queue)
      if (paused(queue)) total += now - since_[queue];
    return total;
  }

 private:
  uint32_t queues_ = 0;
  std::array<uint16_t, kPriorities> announced_{};
  std::array<SimTime, kPriorities> until_{}, since_{};
  SimTime total_;
  uint64_t pauses_ = 0;
};

// An environment is one port of its player:
//   PauseState& pauses(); const PauseRules& pause_rules(); int64_t pause_ps_per_byte()  of the link
//   arm(PauseTimer, uint32_t which, SimTime at)    has on_pause_timer() called then
//   pause_started(queue, priority, now)            the queue must not be served from here on
//   pause_ended(queue, now)                        it may be served again
namespace pause_detail {

template <class Environment>
void start(Environment& port, uint32_t priority, uint32_t quanta, SimTime now) {
  const uint32_t queue = port.pause_rules().queue_of_pfc[priority];
  const SimTime until = now + pause_duration(quanta, port.pause_ps_per_byte());
  port.arm(PauseTimer::RunsOut, queue, until);
  if (port.pauses().pause(queue, until, now)) port.pause_started(queue, priority, now);
}

template <class Environment>
void end(Environment& port, uint32_t queue, SimTime now) {
  if (port.pauses().resume(queue, now)) port.pause_ended(queue, now);
}

}  // namespace pause_detail

// A PFC frame has come in.
template <class Environment>
void receive_pause(Environment& port, const PauseRequest& request, SimTime now) {
  const PauseRules& rules = port.pause_rules();
  for (uint32_t priority = 0; priority < kPriorities; ++priority) {
    if ((request.enable_vector >> priority & 1) == 0) continue;
    const uint16_t quanta = request.quanta[priority];
    if (rules.response_time > SimTime{}) {
      if (quanta != 0) port.pauses().announce(priority, quanta);
      const PauseTimer what = quanta != 0 ? PauseTimer::TakesEffect : PauseTimer::Resumes;
      port.arm(what, priority, now + rules.response_time);
    } else if (quanta != 0) {
      pause_detail::start(port, priority, quanta, now);
    } else {
      pause_detail::end(port, rules.queue_of_pfc[priority], now);
    }
  }
}

// `which` is a queue or a priority, as `what` says. A player that looks when it can, calls it late, with the
// time for which it was armed.
template <class Environment>
void on_pause_timer(Environment& port, PauseTimer what, uint32_t which, SimTime now) {
  switch (what) {
    case PauseTimer::RunsOut:
      if (now >= port.pauses().until(which)) pause_detail::end(port, which, now);
      break;
    case PauseTimer::TakesEffect:
      pause_detail::start(port, which, port.pauses().announced(which), now);
      break;
    case PauseTimer::Resumes:
      pause_detail::end(port, port.pause_rules().queue_of_pfc[which], now);
      break;
  }
}

}  // namespace railyard
