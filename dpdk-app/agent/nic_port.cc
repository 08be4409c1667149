// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/nic_port.h"

#include <algorithm>

namespace railyard::lab {

NicPort::NicPort(const NicConfig& config, MessageEvents& events, LinkTurn link)
    : config_(config),
      events_(events),
      sender_of_(config.flow_count, kNobody),
      receiver_of_(config.flow_count, kNobody),
      pacer_(config.flow_count),
      link_(link),
      pause_rules_{config.maps.pfc_to_queue, SimTime{}} {}

void NicPort::add_sender(uint32_t flow, const FlowAddress& address, const FlowClass& flow_class,
                         uint32_t first_psn) {
  sender_of_[flow] = static_cast<uint32_t>(senders_.size());
  Sender& s = senders_.emplace_back();
  s.queue.flow = flow;
  s.queue.start_at(first_psn);
  s.address = address;
  s.lay_out(flow_class, sender_states_, config_.rate);
}

void NicPort::add_receiver(uint32_t flow, const FlowAddress& reply_address, const FlowClass& flow_class,
                           uint32_t first_psn) {
  receiver_of_[flow] = static_cast<uint32_t>(receivers_.size());
  Receiver& r = receivers_.emplace_back();
  r.queue.expected_psn = first_psn;
  r.address = reply_address;
  r.control.start(*flow_class.algorithm, flow_class.settings, reply_address.source_ip, receiver_states_);
}

void NicPort::post(uint32_t flow, uint64_t bytes, SimTime now) {
  if (stopped_) return;
  Environment nic{*this};
  post_message(nic, nic.sender(flow), bytes, now);
}

void NicPort::start_sampling(SimTime at) {
  std::vector<uint32_t> ours;
  for (const uint32_t flow : config_.sampled_flows)
    if (sender_of_[flow] != kNobody) ours.push_back(flow);
  sampler_ = record::RateSampler(ours, config_.sample_interval, at);
}

void NicPort::stop() {
  stopped_ = true;
  for (Sender& s : senders_) close(s);
}

SimTime NicPort::next_due() const {
  SimTime due = std::min(
      {pacer_.next_due(), timeouts_.next(), notifications_.next(), windows_.next(), sampler_.next()});
  if (sendable() != 0) due = std::min(due, busy_until_);
  for (uint32_t left = pauses_.paused_queues(); left != 0; left &= left - 1)
    due = std::min(due, pauses_.until(static_cast<uint32_t>(__builtin_ctz(left))));
  return due;
}

void NicPort::run_timers(SimTime now) {
  Environment nic{*this};
  while (sampler_.next() <= now)
    sampler_.sample([&nic](uint32_t flow, SimTime at) { return nic.sender(flow).rate.at(at); });
  PauseEnvironment environment{*this};
  for (uint32_t left = pauses_.paused_queues(); left != 0; left &= left - 1) {
    const auto queue = static_cast<uint32_t>(__builtin_ctz(left));
    const SimTime until = pauses_.until(queue);
    if (until <= now) on_pause_timer(environment, PauseTimer::RunsOut, queue, until);
  }
  const auto due = [&](NicTimer what) {
    return [&nic, what, now](uint32_t flow, SimTime at) { on_nic_timer(nic, what, flow, at, now); };
  };
  pacer_.poll(now, kWakeBudget, due(NicTimer::Pace));
  if (timeouts_.next() <= now) timeouts_.advance(now, due(NicTimer::AckTimeout));
  if (notifications_.next() <= now) notifications_.advance(now, due(NicTimer::Receiver));
  if (windows_.next() <= now) windows_.advance(now, due(NicTimer::Window));
}

Transmission NicPort::account(uint32_t frame_bytes, SimTime ready_at, uint32_t queue, SimTime now) {
  SimTime due = std::max({busy_until_, ready_at, resumed_at_[queue]});
  measured_.lateness.add((now - due).ps);
  if (const SimTime oldest = now - config_.maximum_debt; due < oldest) {
    counters_.debt_forgiven_ps += static_cast<uint64_t>((oldest - due).ps);
    due = oldest;
  }
  busy_until_ = due + serialisation_time(frame_bytes, config_.ps_per_byte);
  ++counters_.tx_packets;
  counters_.tx_bytes += frame_bytes;
  return {due, busy_until_};
}

uint64_t NicPort::retransmitted() const {
  uint64_t sum = 0;
  for (const Sender& s : senders_) sum += s.queue.retransmitted;
  return sum;
}

}  // namespace railyard::lab
