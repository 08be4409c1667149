// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_port.h"

#include <algorithm>

namespace railyard::lab {

NicPort::NicPort(const NicConfig& config, MessageEvents& events)
    : config_(config),
      events_(events),
      sender_of_(config.flow_count, kNobody),
      receiver_of_(config.flow_count, kNobody),
      pacer_(config.flow_count),
      pause_rules_{config.maps.pfc_to_queue, SimTime{}} {}

void NicPort::add_sender(uint32_t flow, const FlowAddress& address) {
  add_sender(flow, address, config_.flow_class);
}

void NicPort::add_sender(uint32_t flow, const FlowAddress& address, const FlowClass& flow_class) {
  sender_of_[flow] = static_cast<uint32_t>(senders_.size());
  Sender& s = senders_.emplace_back();
  s.queue.flow = flow;
  s.address = address;
  s.data_tos = flow_class.data_tos;
  s.data_queue = flow_class.data_queue;
  s.rate.start(flow_class, states_, config_.rate, SimTime{});
}

void NicPort::add_receiver(uint32_t flow, const FlowAddress& reply_address) {
  receiver_of_[flow] = static_cast<uint32_t>(receivers_.size());
  Receiver& r = receivers_.emplace_back();
  r.flow = flow;
  r.address = reply_address;
}

void NicPort::post(uint32_t flow, uint64_t bytes, int64_t now) {
  if (stopped_) return;
  const uint32_t index = sender_of_[flow];
  Sender& s = senders_[index];
  s.queue.post(bytes, config_.mtu);
  if (s.schedule != Schedule::Idle) return;
  s.rate.advance(SimTime{now});
  s.ready_at = now;
  schedule_sender(index, now);
}

void NicPort::stop() {
  stopped_ = true;
  for (Sender& s : senders_) s.queue.give_up();
}

int64_t NicPort::next_due() const {
  int64_t due = std::min({pacer_.next_due_ps(), timeouts_.next(), next_sample_});
  if ((sendable_answers() | sendable_data()) != 0) due = std::min(due, busy_until_);
  for (uint32_t left = pauses_.paused_queues(); left != 0; left &= left - 1)
    due = std::min(due, pauses_.until(static_cast<uint32_t>(__builtin_ctz(left))).ps);
  return due;
}

void NicPort::run_timers(int64_t now) {
  PauseEnvironment environment{*this};
  for (uint32_t left = pauses_.paused_queues(); left != 0; left &= left - 1) {
    const auto queue = static_cast<uint32_t>(__builtin_ctz(left));
    const SimTime until = pauses_.until(queue);
    if (until.ps <= now) on_pause_timer(environment, PauseTimer::RunsOut, queue, until);
  }
  pacer_.poll(now, kWakeBudget, [&](uint32_t index, int64_t at) {
    Sender& s = senders_[index];
    s.ready_at = at;  // if the rate has risen, it might have gone earlier, but nobody knew
    s.rate.advance(SimTime{now});
    schedule_sender(index, now);
  });
  if (timeouts_.next() <= now)
    timeouts_.advance(now, [&](uint32_t index, int64_t) { on_timeout(index, now); });
  if (next_sample_ <= now) sample_rates(now);
}

void NicPort::sample_rates(int64_t now) {
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

int64_t NicPort::eligible_at(const Sender& s) const {
  constexpr double kBitPicoseconds = 8e12;
  return s.paced_from + static_cast<int64_t>(s.paced_bytes * kBitPicoseconds / s.rate.rate_bps());
}

void NicPort::schedule_sender(uint32_t index, int64_t by) {
  Sender& s = senders_[index];
  const int64_t eligible = eligible_at(s);
  if (eligible <= by) {
    s.schedule = Schedule::Ready;
    s.ready_at = std::max(s.ready_at, eligible);
    turn_.push(s.data_queue, index, next_in_turn());
    return;
  }
  s.schedule = Schedule::Waiting;
  // The rate may rise before the packet is due at today's rate.
  pacer_.schedule(index, std::min(eligible, s.rate.deadline().ps));
}

int64_t NicPort::account(uint32_t frame_bytes, int64_t ready_at, uint32_t queue, int64_t now) {
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

bool NicPort::goes_before_data(const Answer& answer) const {
  const uint32_t sendable = sendable_data();
  if (sendable == 0) return true;
  const uint32_t queue = highest(sendable);
  return answer.ready_at <=
         std::max({busy_until_, senders_[turn_.front(queue)].ready_at, resumed_at_[queue]});
}

// Only of packets sent for the first time: of others nobody knows which one the ACK is for [Karn and
// Partridge, "Improving Round-Trip Time Estimates in Reliable Transport Protocols", SIGCOMM 1987].
void NicPort::start_probe(Sender& s, const Packet& p, uint32_t sent_end, int64_t now) {
  if (psn_before(p.psn, sent_end) || s.probe_sent != kNoProbe || (p.flags & packet_flag::kAckRequest) == 0)
    return;
  s.probe_psn = p.psn;
  s.probe_sent = now;
}

uint64_t NicPort::retransmitted() const {
  uint64_t sum = 0;
  for (const Sender& s : senders_) sum += s.queue.retransmitted;
  return sum;
}

std::vector<RateSamples> NicPort::rates() const {
  std::vector<RateSamples> all;
  for (const Sender& s : senders_) all.push_back({s.queue.flow, s.samples});
  return all;
}

}  // namespace railyard::lab
