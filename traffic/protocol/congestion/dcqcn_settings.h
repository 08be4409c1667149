// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "traffic/units/quantity.h"

namespace railyard {

// When alpha changes.
enum class AlphaUpdate : uint8_t {
  Cnp,     // up at each CNP; down in each dce_tcp_rtt since the last one [SIGCOMM 2015, figure 7]
  Period,  // in each dce_tcp_rtt once: up where a CNP came, otherwise down [Mellanox DOC-2790]
};

// What CNPs are paced over.
enum class CnpPacing : uint8_t { QueuePair, Peer, Port };

// DCQCN's reaction point and notification point, under the names that ConnectX NICs use. One model covers the
// paper (Zhu et al., "Congestion Control for Large-Scale RDMA Deployments", SIGCOMM 2015) and the NIC; they
// differ in values. A default-constructed object is the paper's; dcqcn_presets.h has both.
struct DcqcnSettings {
  // Reaction point: decrease.
  uint32_t dce_tcp_g = 1020;                        // 1/1024: alpha keeps this share per update
  SimTime dce_tcp_rtt = SimTime::microseconds(55);  // alpha's update period
  AlphaUpdate alpha_update = AlphaUpdate::Cnp;
  uint32_t initial_alpha_value = 1023;                            // 1/1024
  uint32_t rpg_gd = 11;                                           // log2: rate falls by alpha * 1024 / 2^gd
  uint32_t rpg_min_dec_fac = 50;                                  // %: a decrease keeps at least this much
  SimTime rate_reduce_monitor_period = SimTime::microseconds(0);  // at most one decrease in this time
  BitRate rpg_min_rate = BitRate::megabits(1);
  BitRate rate_to_set_on_first_cnp = {0};     // 0: off
  bool clamp_tgt_rate = true;                 // every decrease sets the target to the current rate ...
  bool clamp_tgt_rate_after_time_inc = true;  // ... or only one after an increase, by the timer too
  bool roce_slow_restart = false;             // a NAK acts as a CNP does
  // Reaction point: increase.
  SimTime rpg_time_reset = SimTime::microseconds(55);
  Bytes rpg_byte_reset = {10'000'000};
  uint32_t rpg_threshold = 5;  // stages of fast recovery, "F"
  BitRate rpg_ai_rate = BitRate::megabits(40);
  BitRate rpg_hai_rate = BitRate::megabits(400);
  // Not 0: the link's rate that the rates and bytes above are for. A queue pair has as many times as much as
  // its link is faster.
  BitRate reference_rate = {0};
  // Notification point.
  SimTime min_time_between_cnps = SimTime::microseconds(50);
  CnpPacing cnp_pacing = CnpPacing::QueuePair;
  bool cnp_remember_marks = true;  // that come sooner
};

}  // namespace railyard
