// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "traffic/protocol/congestion/algorithm.h"
#include "traffic/units/quantity.h"

namespace railyard {

// How every NIC of a fabric sends and receives.
struct NicSettings {
  uint32_t mtu = 4096;     // RoCE payload of a full packet, bytes
  uint32_t ack_every = 1;  // the receiver acknowledges every n-th packet, and each that asks for it (AckReq):
                           // every message's last, and one that fills its sender's window
  uint32_t dscp = 26;      // data and read requests
  uint32_t ack_dscp = 26;  // real NICs answer in the queue pair's own class
  uint32_t cnp_dscp = 48;
  uint32_t ack_timeout = 14;  // exponent: 4.096 us * 2^n [IBTA 9.7.6.1.3]; 0 waits for ever
  uint32_t retry_cnt = 7;     // time-outs and NAKs without progress before a queue pair fails
  SimTime nic_latency = SimTime::nanoseconds(500);  // from the last bit received to the queue pair
  SimTime pfc_response_time =
      SimTime::nanoseconds(500);  // from a PFC frame's last bit to the paused transmitter
  uint32_t congestion_control = default_congestion_algorithm();  // index in congestion_algorithms()
};

}  // namespace railyard
