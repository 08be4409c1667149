// SPDX-License-Identifier: BSD-3-Clause
// The receiving half of a reliable-connected queue pair, and DCQCN's notification point.
// [IBTA 1.4, section 9.7.5; Zhu et al., SIGCOMM 2015, section 3.1 "NP algorithm"]
#pragma once

#include <cstdint>
#include <limits>

#include "traffic/protocol/transport/send_queue.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {

struct ReceiveQueue {
  // What to do about a packet. Ack carries the last PSN in order, Nak the first that is missing.
  struct Verdict {
    bool ack = false;
    bool nak = false;
    bool cnp = false;
    bool message_complete = false;
  };

  uint32_t expected_psn = 0;
  uint32_t unacknowledged = 0;  // packets since the last ACK
  bool nak_sent = false;        // one NAK a gap
  int64_t last_cnp_ps = std::numeric_limits<int64_t>::min() / 2;

  Verdict on_data(const Packet& p, uint32_t ack_every, int64_t cnp_interval_ps, int64_t now) {
    Verdict v;
    if ((p.tos & ecn::kMask) == ecn::kCe && now - last_cnp_ps >= cnp_interval_ps) {
      v.cnp = true;
      last_cnp_ps = now;
    }
    if (p.psn == expected_psn) {
      ++expected_psn;
      nak_sent = false;
      v.message_complete = (p.flags & packet_flag::kLast) != 0;
      if (++unacknowledged >= ack_every || v.message_complete) v.ack = true;
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
