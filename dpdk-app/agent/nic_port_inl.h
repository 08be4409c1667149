// SPDX-License-Identifier: BSD-3-Clause
// NicPort to the rules of a NIC, and what goes out.
#pragma once

#include "dpdk-app/agent/nic_port.h"

namespace railyard::lab {

struct NicPort::Environment {
  static constexpr bool kMeasuresRtt = true;

  NicPort& nic;

  const NicRules& rules() const { return nic.config_.rules; }
  Turn& turn() { return nic.turn_; }
  Sender& sender(uint32_t flow) { return nic.senders_[nic.sender_of_[flow]]; }
  Receiver& receiver(uint32_t flow) { return nic.receivers_[nic.receiver_of_[flow]]; }
  uint32_t paused_queues() const { return nic.pauses_.paused_queues(); }
  uint32_t answering_queues() const { return nic.answering_; }

  SimTime arrived(SimTime) const { return nic.arrived_; }
  void answer(ReceivingQueuePair& r, uint32_t flow, PacketKind kind, uint32_t psn, uint8_t flags,
              SimTime now) {
    const uint32_t queue = rules().class_of(kind).queue;
    nic.answers_[queue].push({now, flow, psn, r.queue.messages & 0xffffff, kind, flags});
    nic.answering_ |= 1u << queue;
    NicCounters& count = nic.counters_;
    ++(kind == PacketKind::Cnp   ? count.cnps_sent
       : kind == PacketKind::Ack ? count.acks_sent
                                 : count.naks_sent);
  }

  void arm(NicTimer what, uint32_t flow, SimTime at) {
    switch (what) {
      case NicTimer::Pace:
        return nic.pacer_.schedule(flow, at);
      case NicTimer::AckTimeout:
        return nic.timeouts_.insert(at, flow);
      case NicTimer::Receiver:
        return nic.notifications_.insert(at, flow);
      case NicTimer::Window:
        return nic.windows_.insert(at, flow);
    }
  }
  void kick(SimTime) {}  // it is polled

  void message_received(uint32_t flow, SimTime now) { nic.events_.message_received(flow, now); }
  void message_acked(uint32_t flow, SimTime now) { nic.events_.message_acked(flow, now); }
  void queue_pair_failed(uint32_t flow, SimTime now) {
    ++nic.counters_.failed_queue_pairs;
    nic.events_.queue_pair_failed(flow, now);
  }
  void timed_out() { ++nic.counters_.timeouts; }
  void rtt_measured(SimTime rtt) { nic.measured_.rtt.add(rtt.ps); }
};

template <class Emit>
struct NicPort::Emitting : Environment {
  Emit& emit;
  Packet packet;
  FrameBody body;

  Emitting(NicPort& nic, Emit& emit) : Environment{nic}, emit(emit) {}

  SimTime busy_until() const { return nic.busy_until_; }
  SimTime resumed_at(uint32_t queue) const { return nic.resumed_at_[queue]; }
  template <class DataDue>
  bool answer_goes_first(uint32_t queue, DataDue data_due) const {
    return nic.answers_[queue].front().ready_at <= data_due();
  }

  void send_answer(uint32_t queue, SimTime now) {
    const Answer a = nic.answers_[queue].front();
    nic.answers_[queue].pop();
    if (nic.answers_[queue].empty()) nic.answering_ &= ~(1u << queue);
    Packet p{};
    p.flow = a.flow;
    p.psn = a.psn;
    p.frame_bytes = wire::answer_frame_bytes(a.kind);
    p.tos = rules().class_of(a.kind).tos;
    p.kind = a.kind;
    p.flags = a.flags;
    FrameBody answer;
    answer.msn = a.msn;
    nic.account(p.frame_bytes, a.ready_at, queue, now);
    emit(p, receiver(a.flow).address, answer);
  }

  Packet& next_packet(SendingQueuePair& to) {
    const SendQueue& q = to.queue;
    body = FrameBody{};
    body.payload_size = q.next_payload(rules().mtu);
    if (q.next_psn == q.current_first_psn)
      body.reth.dma_length =
          (q.current_end_psn - q.current_first_psn - 1) * rules().mtu + q.current_last_payload;
    body.identification = static_cast<Sender&>(to).transmissions++;
    return packet;
  }
  Transmission transmit(SendingQueuePair& to, Packet& p, SimTime now) {
    auto& s = static_cast<Sender&>(to);
    const Transmission t = nic.account(p.frame_bytes, s.ready_at, s.data_queue, now);
    ++nic.counters_.tx_data_packets;
    emit(p, s.address, body);
    return t;
  }
};

template <class Emit>
uint32_t NicPort::poll(SimTime now, uint32_t budget, Emit&& emit) {
  run_timers(now);
  return transmit(now, budget, emit);
}

template <class Emit>
uint32_t NicPort::transmit(SimTime now, uint32_t budget, Emit&& emit) {
  Emitting<std::remove_reference_t<Emit>> nic(*this, emit);
  const uint64_t packets = counters_.tx_packets, bytes = counters_.tx_bytes;
  const auto sent = [&] { return counters_.tx_packets - packets; };
  if (link_.shared() && sendable() != 0) busy_until_ = link_.begin();
  while (sent() < budget && busy_until_ <= now && send_next(nic, now)) {
  }
  if (link_.shared()) {
    const uint64_t link_bytes = counters_.tx_bytes - bytes + sent() * wire::kPreambleAndGap;
    const SimTime used{static_cast<int64_t>(link_bytes) * config_.ps_per_byte};
    busy_until_ = link_.end(busy_until_, used, sendable() != 0 && busy_until_ > now);
  }
  return static_cast<uint32_t>(sent());
}

}  // namespace railyard::lab
