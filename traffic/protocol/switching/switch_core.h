// SPDX-License-Identifier: BSD-3-Clause
// What a shared-buffer switch with strict-priority queues does with a frame: the one pipeline of every
// player.
//
// A frame is classified by its DSCP (VLAN priorities are not consulted), admitted against the buffer of its
// ingress priority group, marked by the depth of its egress queue (SwitchSettings::ecn_marking_point), and
// leaves at its port's rate. It is accounted for from the end of the pipeline until its transmission begins.
//
// A player lends the core an Environment: what a frame and a port are, and where frames lie. It is passed by
// value and may hold no more than references.
//   Frame: length(), dscp(), ecn_capable(), ingress(), priority_group(), store(port, class), mark()
//
//   Port: a Transmitter with an `index`
//
//   route(frame): the port it leaves by; null: there is none
//
//   port(index), depth(port, queue) in bytes that wait, front(port, queue)
//
//   pop(port, queue, frame): takes the first off
//
//   enqueue(port, queue, frame), enqueue_pause(port, PauseRequest) in the control queue
//
//   transmit(port, frame, now): begins a transmission
//
//   await_end(port): serve() is to be called at the end of the transmission
//
//   discard(frame): it was dropped
//
//   set_timer(port, kind, which, at): on_timer() is to be called then, with these
//
//   log(SwitchEvent, port, value, now), marked(port, frame, now)
//
// Within an instant players handle ends of transmissions, arrivals, timers, in this order. (A frame that a
// faulty link holds back is a timer in the simulator and an arrival in the lab.)
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "traffic/protocol/switching/drop_reason.h"
#include "traffic/protocol/switching/ecn_marker.h"
#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/switching/shared_buffer.h"
#include "traffic/protocol/switching/switch_event.h"
#include "traffic/protocol/switching/switch_settings.h"
#include "traffic/protocol/switching/transmitter.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/units/random_stream.h"

namespace railyard {

// Of a port, beyond what every transmitter counts.
struct SwitchCounters {
  uint64_t ecn_marked = 0;  // frames that this switch marked, those included that came with CE
  std::array<uint64_t, kDropReasons> drops{};
  uint64_t pauses_sent = 0;      // refreshes not counted
  uint64_t pfc_frames_sent = 0;  // with refreshes and resumes
};

class SwitchCore {
 public:
  // One headroom a port, for its lossless groups where SwitchSettings::xoff is 0.
  SwitchCore(const SwitchSettings& settings, const std::vector<Bytes>& headrooms, RandomStream random);

  // A frame is through the pipeline.
  template <class Environment>
  [[gnu::always_inline]] void arrive(Environment env, typename Environment::Port& in,
                                     typename Environment::Frame& frame, SimTime now);
  template <class Environment>
  void receive_pause(Environment env, typename Environment::Port& in, const PauseRequest& request,
                     SimTime now);
  // Pauses or resumes the peer of a port, whatever the buffer says.
  template <class Environment>
  [[gnu::noinline]] void send_pause(Environment env, typename Environment::Port& port,
                                    const PauseRequest& request, SimTime now);
  // A transmission has ended, or something may have become sendable while there was none.
  template <class Environment>
  void serve(Environment env, typename Environment::Port& port, SimTime now);
  template <class Environment>
  void on_timer(Environment env, typename Environment::Port& port, uint32_t kind, uint32_t which,
                SimTime now);

  // Asks for the memory that frames of all ports will need.
  void prefetch() const {
    for (const auto& groups : ingress_) __builtin_prefetch(&groups[usual_group_]);
  }

  // Counts from here on; pauses that stand are counted from now.
  void reset_counters(SimTime now);

  const BufferPool& pool() const { return pool_; }
  const PriorityGroup& group(uint32_t port, uint32_t group) const { return ingress_[port][group].held; }
  const SwitchCounters& counters(uint32_t port) const { return counters_[port]; }
  const PauseState& pauses(uint32_t port) const { return pauses_[port]; }

 private:
  // What the switch holds for one priority group of one port; one cache line.
  struct alignas(64) IngressGroup {
    PriorityGroup held;
    BufferProfile profile;
    SimTime refresh_at;  // when a pause of ours must be repeated
  };

  // A timer's kind: PauseTimer's, then our own.
  static constexpr uint32_t kRefreshPause = static_cast<uint32_t>(PauseTimer::Resumes) + 1;

  template <class Environment>
  struct PausedPort;

  // Pauses the sender and takes the frame into the headroom. False: it must be dropped.
  template <class Environment>
  [[gnu::noinline]] bool admit_beyond_limit(Environment env, typename Environment::Port& in, uint32_t group,
                                            uint32_t bytes, SimTime now);
  template <class Environment>
  [[gnu::noinline]] void drop(Environment env, typename Environment::Port& port, DropReason reason,
                              SimTime now);
  bool lossy_queue_takes(uint32_t depth, uint32_t bytes) const {
    return depth + bytes <= lossy_egress_threshold_.of(pool_.size - pool_.used);
  }
  template <class Environment>
  void mark(Environment env, typename Environment::Port& out, const EcnMarker& marker, uint32_t depth,
            typename Environment::Frame& frame, SimTime now);
  template <class Environment>
  void release_buffer(Environment env, const typename Environment::Frame& left, SimTime now);
  template <class Environment>
  void kick(Environment env, typename Environment::Port& port, SimTime now);
  template <class Environment>
  [[gnu::noinline]] void send_pause(Environment env, typename Environment::Port& port, uint32_t group,
                                    bool pause, SimTime now);

  std::array<uint8_t, 64> class_of_dscp_;  // as Packet::buffer_class
  BufferPool pool_;
  std::vector<std::array<IngressGroup, kPriorities>> ingress_;  // by port
  uint32_t usual_group_ = 0;  // the lowest that is lossless: where most frames are
  std::array<EcnMarker, kEgressQueues> enqueue_markers_, dequeue_markers_;  // by egress queue
  bool marks_at_dequeue_;
  bool marks_by_time_;  // thresholds are of the time that a queue takes to drain
  DynamicThreshold lossy_egress_threshold_;
  RandomStream random_;
  std::vector<SwitchCounters> counters_;  // by port
  std::array<uint8_t, kPriorities> pfc_of_group_;
  uint32_t pause_quanta_;
  PauseRules pause_rules_;          // response: beyond the pipeline's latency
  std::vector<PauseState> pauses_;  // by port
};

template <class Environment>
inline void SwitchCore::arrive(Environment env, typename Environment::Port& in,
                               typename Environment::Frame& frame, SimTime now) {
  auto* out = env.route(frame);
  if (__builtin_expect(out == nullptr, 0)) {
    drop(env, in, DropReason::NoRoute, now);
    env.discard(frame);
    return;
  }
  const uint8_t buffer_class = class_of_dscp_[frame.dscp()];
  const uint32_t queue = buffer_class >> 4;
  IngressGroup& group = ingress_[in.index][buffer_class & 0xf];
  const auto bytes = static_cast<int32_t>(frame.length());
  frame.store(in.index, buffer_class);
  if (__builtin_expect(fits(pool_, group.held, group.profile, bytes), 1)) {
    if (out->idle(queue, now) & !group.held.paused) {
      // It leaves as it comes: what it would hold of the buffer it would give back at once, and an empty
      // queue marks nothing.
      env.transmit(*out, frame, now);
      return;
    }
    hold(pool_, group.held, group.profile, bytes);
  } else if (!admit_beyond_limit(env, in, buffer_class & 0xf, frame.length(), now)) {
    env.discard(frame);
    return;
  }
  const uint32_t depth = env.depth(*out, queue);
  if (!group.profile.lossless && !lossy_queue_takes(depth, frame.length())) {
    drop(env, *out, DropReason::EgressFull, now);
    release_buffer(env, frame, now);
    env.discard(frame);
    return;
  }
  mark(env, *out, enqueue_markers_[queue], depth, frame, now);
  env.enqueue(*out, queue, frame);
  kick(env, *out, now);
}

template <class Environment>
bool SwitchCore::admit_beyond_limit(Environment env, typename Environment::Port& in, uint32_t group,
                                    uint32_t bytes, SimTime now) {
  IngressGroup& here = ingress_[in.index][group];
  const Admission admission = admit(pool_, here.held, here.profile, static_cast<int32_t>(bytes));
  if (admission.pause) {
    ++counters_[in.index].pauses_sent;
    env.log(SwitchEvent::PauseSent, in, pfc_of_group_[group], now);
    send_pause(env, in, group, true, now);
  }
  if (!admission.admitted) drop(env, in, admission.reason, now);
  return admission.admitted;
}

template <class Environment>
void SwitchCore::drop(Environment env, typename Environment::Port& port, DropReason reason, SimTime now) {
  ++counters_[port.index].drops[static_cast<size_t>(reason)];
  env.log(SwitchEvent::Dropped, port, static_cast<uint32_t>(reason), now);
}

template <class Environment>
inline void SwitchCore::mark(Environment env, typename Environment::Port& out, const EcnMarker& marker,
                             uint32_t depth, typename Environment::Frame& frame, SimTime now) {
  const uint64_t level = uint64_t{depth} * (marks_by_time_ ? static_cast<uint64_t>(out.ps_per_byte) : 1);
  if (__builtin_expect(!(frame.ecn_capable() & (level > marker.minimum)), 1) || !marker.marks(level, random_))
    return;
  // One that came marked is counted too: this queue was congested all the same.
  ++counters_[out.index].ecn_marked;
  frame.mark();
  env.marked(out, frame, now);
}

template <class Environment>
inline void SwitchCore::kick(Environment env, typename Environment::Port& port, SimTime now) {
  if (port.end_awaited) return;
  if (now >= port.busy_until) {
    serve(env, port, now);
  } else {
    env.await_end(port);
  }
}

template <class Environment>
inline void SwitchCore::serve(Environment env, typename Environment::Port& port, SimTime now) {
  const uint32_t eligible = port.eligible();
  if (eligible == 0) return;
  const uint32_t queue = 31u - static_cast<uint32_t>(__builtin_clz(eligible));
  auto frame = env.front(port, queue);
  if (__builtin_expect(marks_at_dequeue_, 0))
    mark(env, port, dequeue_markers_[queue], env.depth(port, queue) - frame.length(), frame, now);
  env.transmit(port, frame, now);
  env.pop(port, queue, frame);
  if (queue != kControlQueue) release_buffer(env, frame, now);
  if (port.eligible() != 0) env.await_end(port);
}

template <class Environment>
inline void SwitchCore::release_buffer(Environment env, const typename Environment::Frame& left,
                                       SimTime now) {
  const uint32_t group = left.priority_group();
  IngressGroup& from = ingress_[left.ingress()][group];
  if (!release(pool_, from.held, from.profile, static_cast<int32_t>(left.length()))) return;
  auto& in = env.port(left.ingress());
  env.log(SwitchEvent::ResumeSent, in, pfc_of_group_[group], now);
  send_pause(env, in, group, false, now);
}

template <class Environment>
void SwitchCore::send_pause(Environment env, typename Environment::Port& port, uint32_t group, bool pause,
                            SimTime now) {
  PauseRequest request;
  request.enable_vector = static_cast<uint8_t>(1u << pfc_of_group_[group]);
  if (pause) {
    request.quanta[pfc_of_group_[group]] = static_cast<uint16_t>(pause_quanta_);
    // Repeated at half time, so that the peer does not start again while we still need it to stand.
    SimTime& refresh_at = ingress_[port.index][group].refresh_at;
    refresh_at = now + pause_duration(pause_quanta_, port.ps_per_byte) / 2;
    env.set_timer(port, kRefreshPause, group, refresh_at);
  }
  send_pause(env, port, request, now);
}

template <class Environment>
void SwitchCore::send_pause(Environment env, typename Environment::Port& port, const PauseRequest& request,
                            SimTime now) {
  ++counters_[port.index].pfc_frames_sent;
  env.enqueue_pause(port, request);
  kick(env, port, now);
}

// A port, for railyard::receive_pause().
template <class Environment>
struct SwitchCore::PausedPort {
  SwitchCore& core;
  Environment env;
  typename Environment::Port& port;

  PauseState& pauses() { return core.pauses_[port.index]; }
  const PauseRules& pause_rules() const { return core.pause_rules_; }
  int64_t pause_ps_per_byte() const { return port.ps_per_byte; }
  void arm(PauseTimer what, uint32_t which, SimTime at) {
    env.set_timer(port, static_cast<uint32_t>(what), which, at);
  }
  void pause_started(uint32_t queue, uint32_t /* priority */, SimTime now) {
    port.paused |= static_cast<uint16_t>(1u << queue);
    env.log(SwitchEvent::PauseStarted, port, queue, now);
  }
  void pause_ended(uint32_t queue, SimTime now) {
    port.paused &= static_cast<uint16_t>(~(1u << queue));
    env.log(SwitchEvent::PauseEnded, port, queue, now);
    core.kick(env, port, now);
  }
};

template <class Environment>
void SwitchCore::receive_pause(Environment env, typename Environment::Port& in, const PauseRequest& request,
                               SimTime now) {
  PausedPort<Environment> port{*this, env, in};
  railyard::receive_pause(port, request, now);
}

template <class Environment>
void SwitchCore::on_timer(Environment env, typename Environment::Port& port, uint32_t kind, uint32_t which,
                          SimTime now) {
  if (kind != kRefreshPause) {
    PausedPort<Environment> paused{*this, env, port};
    on_pause_timer(paused, static_cast<PauseTimer>(kind), which, now);
    return;
  }
  const IngressGroup& group = ingress_[port.index][which];
  if (group.held.paused && group.refresh_at == now) send_pause(env, port, which, true, now);
}

}  // namespace railyard
