// SPDX-License-Identifier: BSD-3-Clause
// NicPort: what came in, and what it changes.
#include "dpdk-app/agent/nic_port.h"

#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"

namespace railyard::lab {

void NicPort::on_frame(const uint8_t* frame, size_t size, SimTime now, SimTime arrived) {
  arrived_ = arrived;
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
  // A connection has one peer: whoever else knows its number changes nothing of it.
  const uint32_t peer =
      is_data ? receivers_[ours[flow]].address.source_ip : senders_[ours[flow]].address.destination_ip;
  if (decoded->address.source_ip != peer) {
    ++counters_.foreign_peer;
    return;
  }
  ++counters_.rx_packets;
  counters_.rx_bytes += decoded->frame_bytes;
  if (is_data)
    on_data(*decoded, flow, now);
  else
    on_reply(*decoded, flow, now);
}

void NicPort::on_pause(const uint8_t* frame, size_t size, SimTime now) {
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
  measured_.pause_sources.add(pause->source);
  if (!config_.obey_pfc) return;
  PauseEnvironment environment{*this};
  receive_pause(environment, {pause->enable_vector, pause->quanta}, now);
}

void NicPort::PauseEnvironment::pause_started(uint32_t queue, uint32_t priority, SimTime now) {
  ++nic.counters_.pauses[priority];
  nic.open_pause_[queue] = static_cast<uint32_t>(nic.measured_.pauses.size());
  nic.measured_.pauses.push_back({static_cast<uint8_t>(queue), now, SimTime::never()});
}

void NicPort::PauseEnvironment::pause_ended(uint32_t queue, SimTime at) {
  nic.resumed_at_[queue] = at;
  PauseInterval& ended = nic.measured_.pauses[nic.open_pause_[queue]];
  ended.end = at;
  nic.measured_.pause.add((ended.end - ended.start).ps);
}

void NicPort::on_data(const DecodedFrame& frame, uint32_t flow, SimTime now) {
  Environment nic{*this};
  Receiver& r = nic.receiver(flow);
  ++counters_.rx_data_packets;
  counters_.ce_seen += (frame.tos & ecn::kMask) == ecn::kCe ? 1 : 0;
  count_sequence(r, frame.ip_identification);
  Packet p{};
  p.flow = flow;
  p.psn = extend_psn(frame.psn, r.queue.expected_psn);
  p.frame_bytes = static_cast<uint16_t>(frame.frame_bytes);
  p.tos = frame.tos;
  p.flags = frame.flags;
  counters_.duplicates += psn_before(p.psn, r.queue.expected_psn) ? 1 : 0;
  receive_data(nic, r, p, now);
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

void NicPort::on_reply(const DecodedFrame& frame, uint32_t flow, SimTime now) {
  Environment nic{*this};
  Sender& s = nic.sender(flow);
  if (frame.kind == PacketKind::Cnp) {
    ++counters_.cnps_received;
    return receive_cnp(s, now);
  }
  const uint32_t psn = extend_psn(frame.psn, s.queue.next_psn);
  if (frame.kind == PacketKind::Nak) {
    ++counters_.naks_received;
    receive_nak(nic, s, psn, frame.flags, now);
  } else {
    ++counters_.acks_received;
    receive_ack(nic, s, psn, frame.flags, now);
  }
}

}  // namespace railyard::lab
