// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn_presets.h"

namespace railyard {
namespace {

DcqcnSettings connectx() {
  DcqcnSettings s;
  s.dce_tcp_g = 1019;
  s.dce_tcp_rtt = SimTime::microseconds(1);
  s.alpha_update = AlphaUpdate::Period;
  s.initial_alpha_value = 1023;
  s.rpg_gd = 11;
  s.rpg_min_dec_fac = 50;
  s.rate_reduce_monitor_period = SimTime::microseconds(4);
  s.rpg_min_rate = BitRate::megabits(1);
  s.rate_to_set_on_first_cnp = {0};
  s.clamp_tgt_rate = false;
  s.clamp_tgt_rate_after_time_inc = true;
  s.rpg_time_reset = SimTime::microseconds(300);
  s.rpg_byte_reset = {uint64_t{32'767} * 64};  // the adapter counts blocks of 64 bytes
  s.rpg_threshold = 1;
  s.rpg_ai_rate = BitRate::megabits(5);
  s.rpg_hai_rate = BitRate::megabits(50);
  s.min_time_between_cnps = SimTime::microseconds(4);
  s.cnp_pacing = CnpPacing::Port;
  s.cnp_remember_marks = false;  // the documents speak only of a least time between CNPs
  return s;
}

// The paper's times. Values for 100 Gb/s, found on incasts of 64 at 100 to 800 Gb/s: docs/validation.md, J2.
// Without a floor to the rate, the cuts that end such an incast's beginning leave rates that are too low to
// come back before it ends.
DcqcnSettings scaled() {
  DcqcnSettings s;
  s.reference_rate = BitRate::gigabits(100);
  s.rpg_min_rate = BitRate::gigabits(1);
  s.rpg_ai_rate = BitRate::megabits(40);
  s.rpg_hai_rate = BitRate::megabits(400);
  return s;
}

}  // namespace

const std::vector<DcqcnPreset>& dcqcn_presets() {
  static const std::vector<DcqcnPreset> presets = {
      {"dcqcn-paper", "the constants of the DCQCN paper (SIGCOMM 2015)", DcqcnSettings{}},
      {"dcqcn-connectx", "the defaults of ConnectX adapters", connectx()},
      {"scaled",
       "rates and switch thresholds in proportion to each link's rate, for 100 to 800 Gb/s",
       scaled(),
       {{"green_reference_rate", "100Gbps"},
        {"green_min_threshold", "100kB"},
        {"green_max_threshold", "400kB"},
        {"green_drop_probability", "20"}}},
  };
  return presets;
}

std::optional<DcqcnSettings> dcqcn_preset(std::string_view name) {
  for (const DcqcnPreset& preset : dcqcn_presets())
    if (preset.name == name) return preset.settings;
  return std::nullopt;
}

}  // namespace railyard
