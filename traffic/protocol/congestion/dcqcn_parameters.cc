// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/congestion/dcqcn_parameters.h"

namespace railyard {
namespace {

using S = DcqcnSettings;

constexpr std::string_view kDoca = "NVIDIA DOCA, DCQCN parameters";
constexpr std::string_view kOurs = "Railyard's default";
constexpr std::string_view kMlxconfig = "mlxconfig (mstflint)";
constexpr double kMicrosecond = 1e6;  // in picoseconds
constexpr double kSecond = 1e12;
constexpr double kFastestPort = 1.6e12;  // IEEE 802.3dj
constexpr double kAlphaUnit = 1024;      // alpha and g are fractions of this

}  // namespace

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> rows = {
      {"dce_tcp_g", &S::dce_tcp_g, 0, kAlphaUnit - 1,
       "Share of alpha, in 1/1024, that is kept at each update; 1024 (1 - g) in the paper's terms", kDoca},
      {"dce_tcp_rtt", &S::dce_tcp_rtt, 1, kSecond, "Period of alpha's updates", "DCQCN paper, K = 55 us"},
      {"alpha_update",
       &S::alpha_update,
       "cnp raises alpha at each CNP and lowers it in each dce_tcp_rtt since the last one; period raises it "
       "once in each dce_tcp_rtt in which a CNP came and lowers it in each other, and begins with the "
       "initial value whenever a flow leaves line rate",
       "DCQCN paper, figure 7; Mellanox DOC-2790, alpha update",
       {"cnp", "period"}},
      {"initial_alpha_value", &S::initial_alpha_value, 0, kAlphaUnit - 1,
       "Alpha, in 1/1024, at a flow's first CNP", kDoca},
      {"rpg_gd", &S::rpg_gd, 0, 31,
       "A CNP cuts the rate by alpha * 1024 / 2^rpg_gd; 11 halves it where alpha is 1", kDoca},
      {"rpg_min_dec_fac", &S::rpg_min_dec_fac, 0, 100,
       "Percentage of the rate that one decrease leaves at least", kDoca},
      {"rate_reduce_monitor_period", &S::rate_reduce_monitor_period, 0, kSecond,
       "At most one decrease happens in this time: a CNP that comes sooner cuts the rate when it is over; 0 "
       "cuts on every CNP",
       kMlxconfig},
      {"rpg_min_rate", &S::rpg_min_rate, 1, kFastestPort, "Lowest rate of a flow", kDoca},
      {"rate_to_set_on_first_cnp", &S::rate_to_set_on_first_cnp, 0, kFastestPort,
       "Current and target rate that a flow at line rate is set to by a CNP; 0 decreases it as any other "
       "does",
       kDoca},
      {"clamp_tgt_rate", &S::clamp_tgt_rate, 0, 1,
       "Every decrease sets the target rate to the current rate; otherwise one does where the last increase "
       "since the decrease before it was the byte counter's",
       "DCQCN paper: RT = RC at each CNP"},
      {"clamp_tgt_rate_after_time_inc", &S::clamp_tgt_rate_after_time_inc, 0, 1,
       "Without clamp_tgt_rate, a decrease also sets the target rate where that increase was the timer's",
       kMlxconfig},
      {"roce_slow_restart", &S::roce_slow_restart, 0, 1,
       "A NAK acts on the rate as a CNP does; ConnectX-5 and -6 can",
       "NVIDIA ROCE_ACCL, roce_slow_restart_en; Lumina (SIGCOMM 2023)"},
      {"rpg_time_reset", &S::rpg_time_reset, kMicrosecond, kSecond, "Period of the rate increase timer",
       "DCQCN paper, T = 55 us"},
      {"rpg_byte_reset", &S::rpg_byte_reset, 0, kUnlimited,
       "Bytes sent between two increases by the byte counter; 0 turns it off", "DCQCN paper, B = 10 MB"},
      {"rpg_threshold", &S::rpg_threshold, 0, 31,
       "Increases of fast recovery before additive increase begins", "DCQCN paper, F = 5"},
      {"rpg_ai_rate", &S::rpg_ai_rate, 0, kFastestPort, "Additive increase of the target rate",
       "DCQCN paper, R_AI = 40 Mb/s"},
      {"rpg_hai_rate", &S::rpg_hai_rate, 0, kFastestPort, "Hyper increase of the target rate",
       "the paper gives none: ten times rpg_ai_rate, as IEEE 802.1Q's rpgHaiRate is to rpgAiRate"},
      {"reference_rate", &S::reference_rate, 0, kFastestPort,
       "Link rate that rpg_min_rate, rate_to_set_on_first_cnp, rpg_byte_reset, rpg_ai_rate and rpg_hai_rate "
       "are for; each queue pair scales them by its own link's; 0 takes them as they are",
       kOurs},
      {"min_time_between_cnps", &S::min_time_between_cnps, 0, kSecond,
       "A receiver sends at most one CNP in this time, for what cnp_pacing says", "DCQCN paper, N = 50 us"},
      {"cnp_pacing",
       &S::cnp_pacing,
       "What the time between CNPs is kept for: each queue pair, each NIC that sends here, or the whole port",
       "DCQCN paper: per flow; NVIDIA, RoCE CC parameters: per port, per destination IP or per queue pair",
       {"queue_pair", "peer", "port"}},
      {"cnp_remember_marks", &S::cnp_remember_marks, 0, 1,
       "A mark that comes sooner than the next CNP may go is answered when it may; otherwise it is forgotten",
       "DCQCN paper, section 3.1, NP algorithm"},
  };
  return rows;
}

}  // namespace railyard
