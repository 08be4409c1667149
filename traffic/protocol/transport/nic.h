// SPDX-License-Identifier: BSD-3-Clause
// What a RoCE NIC does: whose turn it is, pacing, windows, time-outs, answers, and sending again. One set of
// rules for the simulator and the lab; told the time.
//
// Answers (ACK, NAK, CNP) go first, by priority, then the queue pairs that may send, by priority of their
// egress queues and within one in turn. A queue pair that its rate or its window holds back waits outside of
// the turn: no packet costs a scan over queue pairs.
//
// An environment is one NIC of its player; it costs nothing where its functions are inline:
//   const NicRules& rules()
//   Turn& turn(); SendingQueuePair& sender(uint32_t flow); ReceivingQueuePair& receiver(uint32_t flow)
//   uint32_t paused_queues(), answering_queues()       masks of egress queues
//   SimTime busy_until()                               of the transmitter
//   SimTime resumed_at(uint32_t queue)                 when its last pause ended
//   bool answer_goes_first(uint32_t queue, data_due)   whether its first answer was there by data_due()
//   void send_answer(uint32_t queue, SimTime now)
//   Packet& next_packet(SendingQueuePair&)             to be written: its next one
//   Transmission transmit(SendingQueuePair&, Packet&, SimTime now)   that packet, now
//   void answer(ReceivingQueuePair&, uint32_t flow, PacketKind, uint32_t psn, uint8_t flags, SimTime now)
//   void arm(NicTimer, uint32_t flow, SimTime at)      has on_nic_timer() called then
//   void kick(SimTime now)                             something may have become sendable
//   void message_received(uint32_t flow, SimTime now), message_acked(...), queue_pair_failed(...)
//   void timed_out(), rtt_measured(SimTime)            for its counters
//   static constexpr bool kMeasuresRtt                 of every queue pair
//   SimTime arrived(SimTime now)                       when the frame in hand did, where that was before now
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "traffic/protocol/transport/queue_pair.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

// How answers of a kind travel.
struct AnswerClass {
  uint8_t tos = 0;
  uint8_t queue = 0;  // egress queue, which a pause stops
};

// What a NIC's settings become: nic_layout.h.
struct NicRules {
  uint32_t mtu = 0;
  uint32_t ack_every = 1;
  uint32_t retry_cnt = 0;
  SimTime ack_timeout = SimTime::never();
  AnswerClass ack, cnp;

  const AnswerClass& class_of(PacketKind answer) const { return answer == PacketKind::Cnp ? cnp : ack; }
};

// When a frame begins and ends on the link; begin is earlier than now where the player is late and makes up
// for it.
struct Transmission {
  SimTime begin, end;
};

enum class NicTimer : uint8_t { Pace, AckTimeout, Receiver, Window };

namespace nic {

using Schedule = SendingQueuePair::Schedule;

constexpr uint32_t highest(uint32_t queues) {
  return 31 - static_cast<uint32_t>(__builtin_clz(queues));
}

template <class Environment>
auto links(Environment& env) {
  return [&env](uint32_t flow) -> uint32_t& { return env.sender(flow).next_in_turn; };
}

// Pacing: when the rate allows the next packet.
inline SimTime eligible_at(const SendingQueuePair& s) {
  constexpr double kBitPicoseconds = 8e12;
  return s.paced_from + SimTime{static_cast<int64_t>(s.paced_bytes * kBitPicoseconds / s.rate.rate_bps())};
}

// A packet that had to wait for the port may make up for one packet's time, so that sharing the port does not
// lower the rate.
inline void pace(SendingQueuePair& s, uint32_t frame_bytes, const Transmission& t) {
  s.paced_from = std::max(eligible_at(s), t.begin - (t.end - t.begin));
  s.paced_bytes = frame_bytes + wire::kPreambleAndGap;
}

// Window: one packet always may be under way.
inline bool window_is_open(const SendingQueuePair& s, uint32_t mtu) {
  const uint64_t window = s.rate.window_bytes();
  return window == kNoWindow || !s.queue.in_flight() ||
         s.queue.unacknowledged_bytes(mtu) + s.queue.next_payload(mtu) <= window;
}

// The window is closed: an acknowledgement opens it, or time does.
template <class Environment>
void block(Environment& env, SendingQueuePair& s) {
  s.schedule = Schedule::Blocked;
  const SimTime widens = s.rate.deadline();
  if (widens >= s.window_timer) return;  // looked at before then, or never
  s.window_timer = widens;
  env.arm(NicTimer::Window, s.queue.flow, widens);
}

// Puts a queue pair that has packets where it belongs: in the turn if it may send by `by`.
template <class Environment>
void schedule(Environment& env, SendingQueuePair& s, SimTime by) {
  if (!window_is_open(s, env.rules().mtu)) return block(env, s);
  const SimTime eligible = eligible_at(s);
  if (eligible <= by) {
    s.schedule = Schedule::Ready;
    s.ready_at = std::max(s.ready_at, eligible);
    env.turn().push(s.data_queue, s.queue.flow, links(env));
    return;
  }
  s.schedule = Schedule::Waiting;
  // The rate may rise before the packet is due at today's rate.
  env.arm(NicTimer::Pace, s.queue.flow, std::min(eligible, s.rate.deadline()));
}

template <class Environment>
void schedule_now(Environment& env, SendingQueuePair& s, SimTime now) {
  s.ready_at = now;
  schedule(env, s, now);
  env.kick(now);
}

inline bool outside_of_turn(const SendingQueuePair& s) {
  return s.schedule == Schedule::Idle || s.schedule == Schedule::Blocked;
}

// A packet that is sent for the first time. Where one probe is to do, it is of a packet that is answered at
// once.
template <class Environment>
void start_probe(SendingQueuePair& s, const Packet& p, const NicRules& rules, SimTime now) {
  if (s.rate.minds_acks()) return s.probes.start(p.psn, now, RttProbes::kOfEveryAck);
  const bool answered = rules.ack_every == 1 || (p.flags & packet_flag::kAckRequest) != 0;
  if (Environment::kMeasuresRtt && answered) s.probes.start(p.psn, now, RttProbes::kToWatch);
}

template <class Environment>
void send_data(Environment& env, uint32_t queue, SimTime now) {
  SendingQueuePair& s = env.sender(env.turn().pop(queue, links(env)));
  s.schedule = Schedule::Idle;
  if (!s.queue.has_packet()) return;  // acknowledged meanwhile, after going back
  const NicRules& rules = env.rules();
  if (!window_is_open(s, rules.mtu)) return block(env, s);
  const bool sent_before = psn_before(s.queue.next_psn, s.queue.sent_end_psn);
  Packet& packet = env.next_packet(s);
  s.queue.take_packet(packet, rules.mtu, s.data_tos, now);
  // Nothing follows until this is acknowledged, and the receiver may be waiting for more to acknowledge at
  // once.
  if (s.queue.has_packet() && !window_is_open(s, rules.mtu)) packet.flags |= packet_flag::kAckRequest;
  const Transmission t = env.transmit(s, packet, now);
  s.rate.sent(packet.frame_bytes, now);
  pace(s, packet.frame_bytes, t);
  if (!sent_before) start_probe<Environment>(s, packet, rules, now);
  if (!s.timeout_armed && rules.ack_timeout != SimTime::never()) {
    s.timeout_armed = true;
    env.arm(NicTimer::AckTimeout, packet.flow, now + rules.ack_timeout);
  }
  if (s.queue.has_packet()) schedule(env, s, t.end);
}

// The queue pair goes back to what is not acknowledged, or gives up.
template <class Environment>
void send_again(Environment& env, SendingQueuePair& s, SimTime now) {
  if (s.closed) return s.queue.give_up();
  if (s.queue.retries > env.rules().retry_cnt) {
    s.queue.give_up();
    if (!std::exchange(s.failed, true)) env.queue_pair_failed(s.queue.flow, now);
    return;
  }
  s.failed = false;
  if (outside_of_turn(s) && s.queue.has_packet()) schedule_now(env, s, now);
}

template <class Environment>
void on_ack_timer(Environment& env, SendingQueuePair& s, SimTime now) {
  s.timeout_armed = false;
  if (s.closed || !s.queue.in_flight()) return;
  const SimTime timeout = env.rules().ack_timeout;
  SimTime due = s.queue.progress_at + timeout;
  if (due <= now) {
    env.timed_out();
    s.probes.forget();
    s.queue.go_back();
    s.queue.progress_at = now;
    due = now + timeout;
    s.rate.signalled(CongestionSignal::Timeout, now);
    send_again(env, s, now);
    if (s.queue.retries > env.rules().retry_cnt) return;
  }
  s.timeout_armed = true;
  env.arm(NicTimer::AckTimeout, s.queue.flow, due);
}

// One that the window held back looks again. Timers of deadlines that have changed since find nothing to do.
template <class Environment>
void on_window_timer(Environment& env, SendingQueuePair& s, SimTime at, SimTime now) {
  if (at != s.window_timer) return;
  s.window_timer = SimTime::never();
  if (s.schedule != Schedule::Blocked) return;
  s.rate.advance(now);
  s.ready_at = at;
  schedule(env, s, now);
  env.kick(now);
}

template <class Environment>
void react(Environment& env, ReceivingQueuePair& r, uint32_t flow, const ReceiverReaction& reaction,
           SimTime now) {
  if (reaction.notify) env.answer(r, flow, PacketKind::Cnp, 0, 0, now);
  if (reaction.timer_for != kNoQueuePair) env.arm(NicTimer::Receiver, reaction.timer_for, reaction.timer_at);
}

// The round-trip time of the packet that an ACK answers; 0 where it is not known.
template <class Environment>
SimTime end_probe(Environment& env, SendingQueuePair& s, uint32_t acked_psn, SimTime now) {
  const SimTime sent = s.probes.end(acked_psn);
  if (sent == SimTime::never()) return {};
  // A stamp of the arrival may be as coarse as a microsecond; 0 would say that it is not known.
  const SimTime rtt = std::max(env.arrived(now) - sent, SimTime{1});
  env.rtt_measured(rtt);
  return rtt;
}

// All before `end_psn` has arrived, an answer says: the algorithm hears of it first. Returns how many
// messages that completes.
template <class Environment>
uint32_t acknowledge(Environment& env, SendingQueuePair& s, uint32_t end_psn, AckSample sample, SimTime now) {
  if (!s.rate.minds_acks()) return s.queue.on_ack(end_psn - 1, now);
  const uint32_t mtu = env.rules().mtu, una = s.queue.una_psn;
  const uint64_t before = s.queue.acknowledged_bytes(mtu);
  const uint32_t completed = s.queue.on_ack(end_psn - 1, now);
  if (s.queue.una_psn == una) return completed;
  sample.bytes = static_cast<uint32_t>(s.queue.acknowledged_bytes(mtu) - before);
  sample.in_flight = s.queue.unacknowledged_bytes(mtu);
  s.rate.acked(sample, now);
  return completed;
}

template <class Environment>
void tell_acked(Environment& env, uint32_t flow, uint32_t messages, SimTime now) {
  for (; messages > 0; --messages) env.message_acked(flow, now);
}

}  // namespace nic

// A message on a flow that starts here.
template <class Environment>
void post_message(Environment& env, SendingQueuePair& s, uint64_t bytes, SimTime now) {
  if (!std::exchange(s.started, true)) s.rate.start(env.rules().mtu, now);
  s.queue.post(bytes, env.rules().mtu);
  if (s.schedule != nic::Schedule::Idle) return;
  s.rate.advance(now);
  nic::schedule_now(env, s, now);
}

// Egress queues of which something may go, of a NIC with answers in queues `answering`.
inline uint32_t sendable_queues(uint32_t answering, const Turn& turn, uint32_t paused) {
  return (answering | turn.queues()) & ~paused;
}

// Sends the next frame, if there is one; the transmitter must be free. False where nothing may go. One whose
// turn it is may have nothing to send any more: true, though nothing is sent.
template <class Environment>
bool send_next(Environment& env, SimTime now) {
  const uint32_t may = ~env.paused_queues();
  const uint32_t answers = env.answering_queues() & may, data = env.turn().queues() & may;
  if (answers != 0) {
    const uint32_t queue = nic::highest(answers);
    // An answer goes before data unless the data was due before the answer was there: after a stall the data
    // would else lose its share of the link for good.
    const auto data_due = [&] {
      const uint32_t of = nic::highest(data);
      return std::max({env.busy_until(), env.sender(env.turn().front(of)).ready_at, env.resumed_at(of)});
    };
    if (data == 0 || env.answer_goes_first(queue, data_due)) {
      env.send_answer(queue, now);
      return true;
    }
  }
  if (data == 0) return false;
  nic::send_data(env, nic::highest(data), now);
  return true;
}

// `p` needs its flow, PSN, flags, length and TOS only.
template <class Environment>
[[gnu::always_inline]] inline void receive_data(Environment& env, ReceivingQueuePair& r, const Packet& p,
                                                SimTime now) {
  const bool marked = (p.tos & ecn::kMask) == ecn::kCe;
  if (r.control.minds(marked))
    nic::react(env, r, p.flow, r.control.arrived({p.flow, p.frame_bytes, marked}, now), now);
  if (marked && r.control.echoes_marks()) r.echo = packet_flag::kEcnEcho;
  const ReceiveQueue::Verdict v = r.queue.on_data(p, env.rules().ack_every);
  if (v.ack || v.nak) {
    const uint32_t psn = v.ack ? r.queue.expected_psn - 1 : r.queue.expected_psn;
    env.answer(r, p.flow, v.ack ? PacketKind::Ack : PacketKind::Nak, psn, std::exchange(r.echo, 0), now);
  }
  if (v.message_complete) env.message_received(p.flow, now);
  env.kick(now);
}

// `flags` are the answer's.
template <class Environment>
void receive_ack(Environment& env, SendingQueuePair& s, uint32_t psn, uint8_t flags, SimTime now) {
  const uint32_t flow = s.queue.flow;
  AckSample sample;
  sample.rtt = nic::end_probe(env, s, psn, now);
  sample.marked = (flags & packet_flag::kEcnEcho) != 0;
  const uint32_t completed = nic::acknowledge(env, s, psn + 1, sample, now);
  if (s.schedule == nic::Schedule::Blocked && s.queue.has_packet() && !s.closed)
    nic::schedule_now(env, s, now);
  nic::tell_acked(env, flow, completed, now);
}

template <class Environment>
void receive_nak(Environment& env, SendingQueuePair& s, uint32_t psn, uint8_t flags, SimTime now) {
  const uint32_t flow = s.queue.flow;
  s.probes.forget();
  AckSample sample;
  sample.marked = (flags & packet_flag::kEcnEcho) != 0;
  const uint32_t completed = nic::acknowledge(env, s, psn, sample, now);
  if (s.queue.on_nak(psn)) s.rate.signalled(CongestionSignal::Nak, now);
  nic::send_again(env, s, now);
  nic::tell_acked(env, flow, completed, now);
}

inline void receive_cnp(SendingQueuePair& s, SimTime now) {
  if (!s.started) return;  // answers nothing of ours
  s.rate.signalled(CongestionSignal::Cnp, now);
}

// What was armed for `at` has come; `now` is later where the player looks when it can.
template <class Environment>
void on_nic_timer(Environment& env, NicTimer what, uint32_t flow, SimTime at, SimTime now) {
  switch (what) {
    case NicTimer::Pace: {
      SendingQueuePair& s = env.sender(flow);
      s.rate.advance(now);
      s.ready_at = at;  // if the rate has risen, it might have gone earlier, but nobody knew
      nic::schedule(env, s, now);
      env.kick(now);
      break;
    }
    case NicTimer::AckTimeout:
      nic::on_ack_timer(env, env.sender(flow), now);
      break;
    case NicTimer::Window:
      nic::on_window_timer(env, env.sender(flow), at, now);
      break;
    case NicTimer::Receiver: {
      ReceivingQueuePair& r = env.receiver(flow);
      nic::react(env, r, flow, r.control.timer(flow, at), at);
      env.kick(now);
      break;
    }
  }
}

// No more data; answers go on.
inline void close(SendingQueuePair& s) {
  s.closed = true;
  s.queue.give_up();
}

}  // namespace railyard
