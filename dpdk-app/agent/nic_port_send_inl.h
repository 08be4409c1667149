// SPDX-License-Identifier: BSD-3-Clause
// NicPort: what goes out, and when.
#pragma once

#include "dpdk-app/agent/nic_port.h"

namespace railyard::lab {

template <class Emit>
uint32_t NicPort::poll(int64_t now, uint32_t budget, Emit&& emit) {
  run_timers(now);
  uint32_t sent = 0;
  while (sent < budget && busy_until_ <= now) {
    const uint32_t sendable = sendable_answers();
    if (sendable == 0 && sendable_data() == 0) break;
    const uint32_t queue = sendable == 0 ? 0 : highest(sendable);
    if (sendable != 0 && goes_before_data(answers_[queue].front())) {
      send_answer(queue, now, emit);
      ++sent;
    } else {
      sent += send_data(now, emit) ? 1 : 0;
    }
  }
  return sent;
}

template <class Emit>
void NicPort::send_answer(uint32_t queue, int64_t now, Emit& emit) {
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
template <class Emit>
bool NicPort::send_data(int64_t now, Emit& emit) {
  const uint32_t index = turn_.pop(highest(sendable_data()), next_in_turn());
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
  q.take_packet(p, config_.mtu, s.data_tos, now);

  const int64_t due = account(p.frame_bytes, s.ready_at, s.data_queue, now);
  ++counters_.tx_data_packets;
  s.sampled_bytes += p.frame_bytes;
  s.rate.sent(p.frame_bytes, SimTime{now});
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

}  // namespace railyard::lab
