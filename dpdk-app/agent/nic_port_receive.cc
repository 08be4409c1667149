// SPDX-License-Identifier: BSD-3-Clause
// NicPort: what came in, and what it changes.
#include "dpdk-app/agent/nic_port.h"

#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"

namespace railyard::lab {

void NicPort::on_frame(const uint8_t* frame, size_t size, int64_t now) {
  const auto reject = [&](DecodeError error) { ++counters_.decode_errors[static_cast<size_t>(error)]; };
  if (size < ethernet::kHeader) return reject(DecodeError::Truncated);
  if (load_be16(frame + ethernet::kHeader - 2) == ethernet::kTypeMacControl)
    return on_pause(frame, size, now);
  if (!std::equal(config_.mac.begin(), config_.mac.end(), frame)) {
    ++counters_.other_destination;
    return;
  }
  const bool check = ++unchecked_ >= config_.icrc_sample;
  if (check) unchecked_ = 0;
  counters_.icrc_unchecked += check ? 0 : 1;
  const auto decoded = decode(frame, size, check ? IcrcCheck::Verify : IcrcCheck::Skip);
  if (!decoded) return reject(decoded.error());

  const uint32_t queue_pair = decoded->address.destination_qp;
  const uint32_t flow = flow_of_queue_pair(queue_pair);
  const bool is_data = decoded->kind == PacketKind::Data;
  const std::vector<uint32_t>& ours = is_data ? receiver_of_ : sender_of_;
  if (flow >= ours.size() || ours[flow] == kNobody || is_receiver(queue_pair) != is_data ||
      decoded->address.destination_ip != config_.ip) {
    ++counters_.unknown_queue_pair;
    return;
  }
  ++counters_.rx_packets;
  counters_.rx_bytes += decoded->frame_bytes;
  if (is_data)
    on_data(*decoded, ours[flow], now);
  else
    on_reply(*decoded, ours[flow], now);
}

void NicPort::on_pause(const uint8_t* frame, size_t size, int64_t now) {
  const auto pause = decode_pause(frame, size);
  if (!pause) {
    ++counters_.decode_errors[static_cast<size_t>(pause.error())];
    return;
  }
  if (!pause->per_priority) {
    ++counters_.link_pause_frames;
    return;
  }
  ++counters_.pfc_frames;
  if (!config_.obey_pfc) return;
  PauseEnvironment environment{*this};
  receive_pause(environment, {pause->enable_vector, pause->quanta}, SimTime{now});
}

void NicPort::PauseEnvironment::pause_started(uint32_t queue, uint32_t priority, SimTime now) {
  ++nic.counters_.pauses[priority];
  nic.open_pause_[queue] = static_cast<uint32_t>(nic.measured_.pauses.size());
  nic.measured_.pauses.push_back({static_cast<uint8_t>(queue), now.ps, SimTime::never().ps});
}

void NicPort::PauseEnvironment::pause_ended(uint32_t queue, SimTime at) {
  nic.resumed_at_[queue] = at.ps;
  PauseInterval& ended = nic.measured_.pauses[nic.open_pause_[queue]];
  ended.end = at.ps;
  nic.measured_.pause.add(ended.end - ended.start);
}

void NicPort::on_data(const DecodedFrame& frame, uint32_t index, int64_t now) {
  Receiver& r = receivers_[index];
  ++counters_.rx_data_packets;
  counters_.ce_seen += (frame.tos & ecn::kMask) == ecn::kCe ? 1 : 0;
  count_sequence(r, frame.ip_identification);
  Packet p{};
  p.psn = extend_psn(frame.psn, r.queue.expected_psn);
  p.tos = frame.tos;
  p.flags = frame.flags;
  counters_.duplicates += psn_before(p.psn, r.queue.expected_psn) ? 1 : 0;
  const ReceiveQueue::Verdict v = r.queue.on_data(p, config_.ack_every, config_.cnp_interval_ps, now);
  r.messages += v.message_complete ? 1 : 0;
  if (v.cnp) answer(index, PacketKind::Cnp, 0, now);
  if (v.ack) answer(index, PacketKind::Ack, r.queue.expected_psn - 1, now);
  if (v.nak) answer(index, PacketKind::Nak, r.queue.expected_psn, now);
  if (v.message_complete) events_.message_received(r.flow, now);
}

void NicPort::count_sequence(Receiver& r, uint16_t identification) {
  const auto ahead = static_cast<int16_t>(identification - r.next_arrival);
  if (ahead >= 0) {
    counters_.lost += static_cast<uint64_t>(ahead);
    r.next_arrival = static_cast<uint16_t>(identification + 1);
    return;
  }
  ++counters_.reordered;
  counters_.lost -= counters_.lost > 0 ? 1 : 0;
}

void NicPort::answer(uint32_t receiver, PacketKind kind, uint32_t psn, int64_t now) {
  const uint32_t queue = kind == PacketKind::Cnp ? config_.cnp_queue : config_.ack_queue;
  answers_[queue].push({now, receiver, psn, receivers_[receiver].messages & 0xffffff, kind});
  answering_ |= 1u << queue;
  uint64_t& sent = kind == PacketKind::Cnp   ? counters_.cnps_sent
                   : kind == PacketKind::Ack ? counters_.acks_sent
                                             : counters_.naks_sent;
  ++sent;
}

void NicPort::on_reply(const DecodedFrame& frame, uint32_t index, int64_t now) {
  Sender& s = senders_[index];
  if (frame.kind == PacketKind::Cnp) {
    ++counters_.cnps_received;
    s.rate.signalled(CongestionSignal::Cnp, SimTime{now});
    return;
  }
  acknowledge(s, frame.kind, extend_psn(frame.psn, s.queue.next_psn), now);
  if (frame.kind == PacketKind::Nak) resend(index, now);
}

void NicPort::acknowledge(Sender& s, PacketKind kind, uint32_t psn, int64_t now) {
  const uint32_t flow = s.queue.flow;
  const auto completed = [&] { events_.message_acked(flow, now); };
  if (kind == PacketKind::Nak) {
    ++counters_.naks_received;
    s.probe_sent = kNoProbe;
    s.queue.on_nak(psn, now, completed);
    return;
  }
  ++counters_.acks_received;
  if (s.probe_sent != kNoProbe && !psn_before(psn, s.probe_psn)) {
    measured_.rtt.add(now - s.probe_sent);
    s.probe_sent = kNoProbe;
  }
  s.queue.on_ack(psn, now, completed);
}

void NicPort::on_timeout(uint32_t index, int64_t now) {
  Sender& s = senders_[index];
  if (stopped_ || !s.queue.in_flight()) {
    s.timeout_armed = false;
    return;
  }
  int64_t due = s.queue.progress_ps + config_.ack_timeout_ps;
  if (due <= now) {
    ++counters_.timeouts;
    s.probe_sent = kNoProbe;
    s.queue.go_back();
    s.queue.progress_ps = now;
    due = now + config_.ack_timeout_ps;
    resend(index, now);
    if (s.queue.retries > config_.retry_cnt) {
      s.timeout_armed = false;
      return;
    }
  }
  timeouts_.insert(due, index);
}

void NicPort::resend(uint32_t index, int64_t now) {
  Sender& s = senders_[index];
  if (stopped_ || s.queue.retries > config_.retry_cnt) {
    s.queue.give_up();
    if (stopped_) return;
    ++counters_.failed_queue_pairs;
    events_.queue_pair_failed(s.queue.flow, now);
    return;
  }
  if (s.schedule != Schedule::Idle || !s.queue.has_packet()) return;
  s.ready_at = now;
  schedule_sender(index, now);
}

}  // namespace railyard::lab
