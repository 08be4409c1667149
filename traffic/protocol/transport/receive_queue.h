// SPDX-License-Identifier: BSD-3-Clause
// The receiving half of a reliable-connected queue pair. [IBTA 1.4, section 9.7.5]
#pragma once

#include <cstdint>

#include "traffic/protocol/transport/send_queue.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

struct ReceiveQueue {
  // What to do about a packet. Ack carries the last PSN in order, Nak the first that is missing.
  struct Verdict {
    bool ack = false;
    bool nak = false;
    bool message_complete = false;
  };

  uint32_t expected_psn = 0;
  uint32_t unacknowledged = 0;  // packets since the last ACK
  uint32_t messages = 0;        // completed: the MSN
  bool nak_sent = false;        // one NAK a gap

  Verdict on_data(const Packet& p, uint32_t ack_every) {
    Verdict v;
    if (p.psn == expected_psn) {
      ++expected_psn;
      nak_sent = false;
      v.message_complete = (p.flags & packet_flag::kLast) != 0;
      messages += v.message_complete ? 1 : 0;
      const bool asked = (p.flags & packet_flag::kAckRequest) != 0;
      if (++unacknowledged >= ack_every || v.message_complete || asked) v.ack = true;
    } else if (psn_before(p.psn, expected_psn)) {
      v.ack = true;  // a duplicate: the acknowledgement was lost or the sender went back too far
    } else if (!nak_sent) {
      v.nak = nak_sent = true;
    }
    if (v.ack) unacknowledged = 0;
    return v;
  }
};

}  // namespace railyard
