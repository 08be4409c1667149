// SPDX-License-Identifier: BSD-3-Clause
// NicPort: what goes out, and when.
#pragma once

#include "dpdk-app/agent/nic_port.h"

namespace railyard::lab {

template <class Congestion>
NicPort<Congestion>::NicPort(const NicConfig& config, const Settings& congestion, MessageEvents& events)
    : config_(config),
      congestion_(congestion),
      events_(events),
      sender_of_(config.flow_count, kNobody),
      receiver_of_(config.flow_count, kNobody),
      pacer_(config.flow_count),
      pause_rules_{config.maps.pfc_to_queue, SimTime{}} {}

template <class Congestion>
void NicPort<Congestion>::add_sender(uint32_t flow, const FlowAddress& address) {
  sender_of_[flow] = static_cast<uint32_t>(senders_.size());
  Sender& s = senders_.emplace_back();
  s.queue.flow = flow;
  s.address = address;
  Congestion::start(s.congestion, congestion_, config_.rate);
}

template <class Congestion>
void NicPort<Congestion>::add_receiver(uint32_t flow, const FlowAddress& reply_address) {
  receiver_of_[flow] = static_cast<uint32_t>(receivers_.size());
  Receiver& r = receivers_.emplace_back();
  r.flow = flow;
  r.address = reply_address;
}

template <class Congestion>
void NicPort<Congestion>::post(uint32_t flow, uint64_t bytes, int64_t now) {
  if (stopped_) return;
  const uint32_t index = sender_of_[flow];
  Sender& s = senders_[index];
  s.queue.post(bytes, config_.mtu);
  if (s.schedule != Schedule::Idle) return;
  Congestion::advance(s.congestion, congestion_, now);
  s.ready_at = now;
  schedule_sender(index, now);
}

template <class Congestion>
void NicPort<Congestion>::stop() {
  stopped_ = true;
  for (Sender& s : senders_) s.queue.give_up();
}

template <class Congestion>
template <class Emit>
uint32_t NicPort<Congestion>::poll(int64_t now, uint32_t budget, Emit&& emit) {
  run_timers(now);
  uint32_t sent = 0;
  while (sent < budget && busy_until_ <= now) {
    const uint32_t sendable = sendable_answers();
    if (sendable == 0 && !may_send_data()) break;
    const uint32_t queue = sendable == 0 ? 0 : 31 - static_cast<uint32_t>(__builtin_clz(sendable));
    if (sendable != 0 && goes_before_data(answers_[queue].front())) {
      send_answer(queue, now, emit);
      ++sent;
    } else {
      sent += send_data(now, emit) ? 1 : 0;
    }
  }
  return sent;
}

template <class Congestion>
int64_t NicPort<Congestion>::next_due() const {
  int64_t due = std::min({pacer_.next_due_ps(), timeouts_.next(), next_sample_});
  if (sendable_answers() != 0 || may_send_data()) due = std::min(due, busy_until_);
  for (uint32_t left = pauses_.paused_queues(); left != 0; left &= left - 1)
    due = std::min(due, pauses_.until(static_cast<uint32_t>(__builtin_ctz(left))).ps);
  return due;
}

template <class Congestion>
void NicPort<Congestion>::run_timers(int64_t now) {
  PauseEnvironment environment{*this};
  for (uint32_t left = pauses_.paused_queues(); left != 0; left &= left - 1) {
    const auto queue = static_cast<uint32_t>(__builtin_ctz(left));
    const SimTime until = pauses_.until(queue);
    if (until.ps <= now) on_pause_timer(environment, PauseTimer::RunsOut, queue, until);
  }
  pacer_.poll(now, kWakeBudget, [&](uint32_t index, int64_t at) {
    Sender& s = senders_[index];
    s.ready_at = at;  // if the rate has risen, it might have gone earlier, but nobody knew
    Congestion::advance(s.congestion, congestion_, now);
    schedule_sender(index, now);
  });
  if (timeouts_.next() <= now)
    timeouts_.advance(now, [&](uint32_t index, int64_t) { on_timeout(index, now); });
  if (next_sample_ <= now) sample_rates(now);
}

template <class Congestion>
void NicPort<Congestion>::sample_rates(int64_t now) {
  constexpr double kBitPicoseconds = 8e12;
  for (; next_sample_ <= now; next_sample_ += config_.sample_interval_ps) {
    for (Sender& s : senders_) {
      const double bps = static_cast<double>(s.sampled_bytes) * kBitPicoseconds /
                         static_cast<double>(config_.sample_interval_ps);
      s.samples.push_back(static_cast<uint64_t>(bps));
      s.sampled_bytes = 0;
    }
  }
}

template <class Congestion>
int64_t NicPort<Congestion>::eligible_at(const Sender& s) const {
  constexpr double kBitPicoseconds = 8e12;
  return s.paced_from +
         static_cast<int64_t>(s.paced_bytes * kBitPicoseconds / Congestion::rate_bps(s.congestion));
}

template <class Congestion>
void NicPort<Congestion>::schedule_sender(uint32_t index, int64_t by) {
  Sender& s = senders_[index];
  const int64_t eligible = eligible_at(s);
  if (eligible <= by) {
    s.schedule = Schedule::Ready;
    s.ready_at = std::max(s.ready_at, eligible);
    ready_.push(index);
    return;
  }
  s.schedule = Schedule::Waiting;
  // The rate may rise before the packet is due at today's rate.
  pacer_.schedule(index, std::min(eligible, Congestion::next_deadline(s.congestion, congestion_)));
}

template <class Congestion>
int64_t NicPort<Congestion>::account(uint32_t frame_bytes, int64_t ready_at, uint32_t queue, int64_t now) {
  int64_t due = std::max({busy_until_, ready_at, resumed_at_[queue]});
  measured_.lateness.add(now - due);
  if (const int64_t oldest = now - config_.maximum_debt_ps; due < oldest) {
    counters_.debt_forgiven_ps += static_cast<uint64_t>(oldest - due);
    due = oldest;
  }
  busy_until_ = due + serialisation_ps(frame_bytes, config_.ps_per_byte);
  ++counters_.tx_packets;
  counters_.tx_bytes += frame_bytes;
  return due;
}

template <class Congestion>
bool NicPort<Congestion>::goes_before_data(const Answer& answer) const {
  if (!may_send_data()) return true;
  return answer.ready_at <=
         std::max({busy_until_, senders_[ready_.front()].ready_at, resumed_at_[config_.data_queue]});
}

template <class Congestion>
template <class Emit>
void NicPort<Congestion>::send_answer(uint32_t queue, int64_t now, Emit& emit) {
  const Answer a = answers_[queue].front();
  answers_[queue].pop();
  if (answers_[queue].empty()) answering_ &= ~(1u << queue);
  const Receiver& r = receivers_[a.receiver];
  const bool is_cnp = a.kind == PacketKind::Cnp;
  Packet p{};
  p.flow = r.flow;
  p.psn = a.psn;
  p.frame_bytes = static_cast<uint16_t>(is_cnp ? wire::kCnpFrame : wire::kAckFrame);
  p.tos = is_cnp ? config_.cnp_tos : config_.ack_tos;
  p.kind = a.kind;
  FrameBody body;
  body.msn = a.msn;
  account(p.frame_bytes, a.ready_at, queue, now);
  emit(p, r.address, body);
}

// False where the one whose turn it was has nothing to send any more: its packets were acknowledged after it
// had gone back.
template <class Congestion>
template <class Emit>
bool NicPort<Congestion>::send_data(int64_t now, Emit& emit) {
  const uint32_t index = ready_.front();
  ready_.pop();
  Sender& s = senders_[index];
  s.schedule = Schedule::Idle;
  SendQueue& q = s.queue;
  if (!q.has_packet()) return false;
  FrameBody body;
  body.payload_size = q.next_psn + 1 == q.current_end_psn ? q.current_last_payload : config_.mtu;
  if (q.next_psn == q.current_first_psn)
    body.reth.dma_length =
        (q.current_end_psn - q.current_first_psn - 1) * config_.mtu + q.current_last_payload;
  body.identification = s.transmissions++;
  const uint32_t sent_end = q.sent_end_psn;  // before this packet
  Packet p;
  q.take_packet(p, config_.mtu, config_.data_tos, now);

  const int64_t due = account(p.frame_bytes, s.ready_at, config_.data_queue, now);
  ++counters_.tx_data_packets;
  s.sampled_bytes += p.frame_bytes;
  Congestion::advance(s.congestion, congestion_, now);
  Congestion::on_sent(s.congestion, congestion_, p.frame_bytes);
  // A packet that had to wait for the port may make up for one packet's time, so that sharing the port does
  // not lower the rate.
  s.paced_from = std::max(eligible_at(s), due - (busy_until_ - due));
  s.paced_bytes = p.frame_bytes + wire::kPreambleAndGap;
  start_probe(s, p, sent_end, now);
  if (!s.timeout_armed && config_.ack_timeout_ps != SimTime::never().ps) {
    s.timeout_armed = true;
    timeouts_.insert(now + config_.ack_timeout_ps, index);
  }
  if (q.has_packet()) schedule_sender(index, busy_until_);
  emit(p, s.address, body);
  return true;
}

// Only of packets sent for the first time: of others nobody knows which one the ACK is for [Karn and
// Partridge, "Improving Round-Trip Time Estimates in Reliable Transport Protocols", SIGCOMM 1987].
template <class Congestion>
void NicPort<Congestion>::start_probe(Sender& s, const Packet& p, uint32_t sent_end, int64_t now) {
  if (psn_before(p.psn, sent_end) || s.probe_sent != kNoProbe || (p.flags & packet_flag::kAckRequest) == 0)
    return;
  s.probe_psn = p.psn;
  s.probe_sent = now;
}

template <class Congestion>
uint64_t NicPort<Congestion>::retransmitted() const {
  uint64_t sum = 0;
  for (const Sender& s : senders_) sum += s.queue.retransmitted;
  return sum;
}

template <class Congestion>
std::vector<RateSamples> NicPort<Congestion>::rates() const {
  std::vector<RateSamples> all;
  for (const Sender& s : senders_) all.push_back({s.queue.flow, s.samples});
  return all;
}

}  // namespace railyard::lab
