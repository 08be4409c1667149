// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/transport/nic_parameters.h"

namespace railyard {
namespace {

using S = NicSettings;

constexpr double kMillisecond = 1e9;  // in picoseconds
constexpr double kDscps = 63;
constexpr std::string_view kOurs = "Railyard's default";
constexpr std::string_view kHabit = "NVIDIA, Cisco and Juniper RoCE guides: DSCP 26 for data, 48 for CNPs";

}  // namespace

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> rows = {
      {"mtu", &S::mtu, 64, 8192,
       "RoCE payload of a full packet, in bytes; adapters offer 256, 512, 1024, 2048 and 4096",
       "IBTA 1.4 section 9.3.3, path MTU"},
      {"ack_every", &S::ack_every, 1, 65'535,
       "The receiver acknowledges every n-th packet, the last of every message and each that fills its "
       "sender's window",
       kOurs},
      {"dscp", &S::dscp, 0, kDscps, "DSCP of data packets", kHabit},
      {"ack_dscp", &S::ack_dscp, 0, kDscps, "DSCP of ACKs and NAKs; adapters answer in the class of the data",
       kHabit},
      {"cnp_dscp", &S::cnp_dscp, 0, kDscps, "DSCP of CNPs", kHabit},
      {"ack_timeout", &S::ack_timeout, 0, 31,
       "Time without an ACK after which a queue pair sends again is 4.096 us * 2^n; 0 waits for ever",
       "IBTA 1.4 section 9.7.6.1.3"},
      {"retry_cnt", &S::retry_cnt, 0, 7, "Time-outs and NAKs without progress before a queue pair fails",
       "IBTA 1.4 section 9.7.5.2.8"},
      {"nic_latency", &S::nic_latency, 0, kMillisecond, "From a frame's last bit received to its queue pair",
       kOurs},
      {"pfc_response_time", &S::pfc_response_time, 0, kMillisecond,
       "From a PFC frame's last bit received to the transmitter's pause; not less than nic_latency",
       "IEEE 802.1Q-2018 annex N"},
      {"congestion_control", &S::congestion_control, 0,
       static_cast<double>(congestion_algorithms().size() - 1),
       "Which algorithm sets the rate of each queue pair", kOurs, congestion_algorithm_names()},
  };
  return rows;
}

}  // namespace railyard
