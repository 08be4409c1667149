// SPDX-License-Identifier: BSD-3-Clause
// The sending half of a reliable-connected queue pair: RDMA WRITE messages cut into packets, acknowledged
// cumulatively, repaired by go-back-N. [IBTA 1.4, sections 9.4, 9.7]
//
// It is told the time and asks for nothing: the NIC asks it for the next packet when it may send.
#pragma once

#include <cstdint>

#include "traffic/protocol/transport/nic_settings.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/units/growing_ring.h"

namespace railyard {

// PSNs count up without end here; on the wire they have 24 bits (roce_frame.h). Comparisons allow for
// wrapping.
constexpr bool psn_before(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b) < 0;
}

// A message that is not yet acknowledged in full.
struct UnackedMessage {
  uint32_t first_psn;
  uint32_t end_psn;       // one past its last packet
  uint32_t last_payload;  // bytes in its last packet
  uint64_t offset;        // bytes of all messages before it
};

struct SendQueue {
  uint32_t flow = 0;
  uint32_t dst = 0;
  uint32_t entropy = 0;
  uint32_t next_psn = 0;  // to send next
  uint32_t una_psn = 0;   // oldest that is not acknowledged
  uint32_t current_end_psn =
      0;  // of the message that next_psn belongs to; equal to next_psn when there is none
  uint32_t current_first_psn = 0;
  uint32_t current_last_payload = 0;
  uint32_t current_index = 0;  // of that message in `messages`
  uint32_t sent_end_psn = 0;   // one past the newest packet that was sent
  GrowingRing<UnackedMessage> messages;
  SimTime progress_at;         // last acknowledgement that moved una_psn, or first packet after silence
  uint32_t retries = 0;        // time-outs and NAKs since then
  uint32_t retransmitted = 0;  // packets sent again, or about to be
  uint64_t posted_bytes = 0;

  bool has_packet() const { return next_psn != current_end_psn; }
  bool in_flight() const { return una_psn != next_psn; }

  // Whether it is the last packet of all that was posted, of which something is not acknowledged.
  bool is_last_of_all(uint32_t psn) const { return psn + 1 == messages[messages.size() - 1].end_psn; }

  // Payload of the next packet; has_packet() must hold.
  uint32_t next_payload(uint32_t mtu) const {
    return next_psn + 1 == current_end_psn ? current_last_payload : mtu;
  }
  // Payload that was acknowledged, of all messages.
  uint64_t acknowledged_bytes(uint32_t mtu) const {
    if (messages.empty()) return posted_bytes;
    return messages[0].offset + uint64_t{una_psn - messages[0].first_psn} * mtu;
  }
  // Payload before next_psn that is not.
  uint64_t unacknowledged_bytes(uint32_t mtu) const {
    const uint64_t sent = has_packet()
                              ? messages[current_index].offset + uint64_t{next_psn - current_first_psn} * mtu
                              : posted_bytes;
    return sent - acknowledged_bytes(mtu);
  }

  // The first packet number, before anything is posted.
  void start_at(uint32_t psn) { next_psn = una_psn = current_end_psn = sent_end_psn = psn; }

  // Queues a message; a message of no bytes is one empty packet.
  void post(uint64_t bytes, uint32_t mtu) {
    const uint32_t packets = bytes == 0 ? 1 : static_cast<uint32_t>((bytes + mtu - 1) / mtu);
    const uint32_t first = messages.empty() ? una_psn : messages[messages.size() - 1].end_psn;
    const uint32_t last_payload = static_cast<uint32_t>(bytes - uint64_t{packets - 1} * mtu);
    messages.push({first, first + packets, last_payload, posted_bytes});
    posted_bytes += bytes;
    if (!has_packet() && next_psn == first) enter(messages.size() - 1);
  }

  // Writes the next packet, to be sent now; has_packet() must hold.
  void take_packet(Packet& p, uint32_t mtu, uint8_t tos, SimTime now) {
    if (!in_flight()) progress_at = now;
    const uint32_t psn = next_psn++;
    if (psn_before(sent_end_psn, next_psn)) sent_end_psn = next_psn;
    const bool first = psn == current_first_psn;
    const bool last = next_psn == current_end_psn;
    p.flow = flow;
    p.psn = psn;
    p.entropy = entropy;
    p.dst = dst;
    p.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(last ? current_last_payload : mtu, first));
    p.ingress = 0;
    p.tos = tos;
    p.kind = PacketKind::Data;
    p.flags = static_cast<uint8_t>((first ? packet_flag::kFirst : 0) |
                                   (last ? packet_flag::kLast | packet_flag::kAckRequest : 0));
    p.buffer_class = 0;
    if (last && current_index + 1 < messages.size()) enter(current_index + 1);
  }

  // All packets up to psn have arrived. Returns how many messages that completes.
  uint32_t on_ack(uint32_t psn, SimTime now) {
    const uint32_t acked_end = psn + 1;
    if (!psn_before(una_psn, acked_end) || psn_before(sent_end_psn, acked_end)) return 0;  // old, or not ours
    una_psn = acked_end;
    progress_at = now;
    retries = 0;
    uint32_t completed = 0;
    while (!messages.empty() && !psn_before(una_psn, messages[0].end_psn)) {
      messages.pop();
      ++completed;
    }
    current_index = current_index >= completed ? current_index - completed : 0;
    if (psn_before(next_psn, una_psn)) {
      // After going back: what arrived after all need not be sent again.
      retransmitted -= una_psn - next_psn;
      go_to(una_psn);
    }
    return completed;
  }

  // The receiver wants `psn` next, and on_ack() knows of all before it: goes back to it. False where that was
  // done already.
  bool on_nak(uint32_t psn) {
    if (psn != una_psn || !psn_before(psn, next_psn)) return false;
    go_back();
    return true;
  }

  // Sends again all that is not acknowledged.
  void go_back() {
    retransmitted += next_psn - una_psn;
    ++retries;
    go_to(una_psn);
  }

  // The queue pair has failed: nothing is sent any more, unless an acknowledgement arrives after all.
  void give_up() { current_end_psn = next_psn; }

 private:
  void enter(uint32_t index) {
    const UnackedMessage& m = messages[index];
    current_index = index;
    current_first_psn = m.first_psn;
    current_end_psn = m.end_psn;
    current_last_payload = m.last_payload;
  }

  void go_to(uint32_t psn) {
    next_psn = psn;
    for (uint32_t i = 0; i < messages.size(); ++i) {
      if (psn_before(psn, messages[i].end_psn)) return enter(i);
    }
    current_end_psn = psn;
  }
};

// How long a queue pair waits for an acknowledgement; never() where the exponent is 0. [IBTA 1.4, 9.7.6.1.3]
constexpr SimTime ack_timeout_of(const NicSettings& nic) {
  return nic.ack_timeout == 0 ? SimTime::never() : SimTime{4'096'000ll << nic.ack_timeout};
}

}  // namespace railyard
