// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/switching/switch_parameters.h"

#include "traffic/protocol/switching/pause.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

using S = SwitchSettings;
using M = QosMaps;

constexpr double kMillisecond = 1e9;  // in picoseconds
// A group may hold its guaranteed bytes and the pool, which together must fit 31 bits.
constexpr double kLargestBuffer = 512.0 * 1024 * 1024;
constexpr double kFastestPort = 1.6e12;  // IEEE 802.3dj
constexpr std::string_view kPool = "SONiC BUFFER_POOL, Tomahawk 2 in the T1 role";
constexpr std::string_view kProfile = "SONiC BUFFER_PROFILE, Tomahawk 2 at 100 Gb/s";
constexpr std::string_view kWred = "SONiC WRED_PROFILE; DCQCN paper: Kmin 5 kB, Kmax 200 kB, Pmax 1 %";
constexpr std::string_view kMaps = "SONiC PORT_QOS_MAP";
constexpr double kHighestPriority = kPriorities - 1;
// Every priority group may repeat its pause when half of it has passed: shorter ones would fill the link with
// pause frames, 84 bytes of link time each.
constexpr uint32_t kFewestQuanta =
    2 *
    ((kPriorities * (wire::kPfcFrame + wire::kPreambleAndGap) + kPauseQuantumBytes - 1) / kPauseQuantumBytes);

}  // namespace

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> rows = {
      {"pool_size", &S::pool_size, 1, kLargestBuffer, "Shared buffer of a switch, without the headroom pool",
       kPool},
      {"pool_xoff", &S::pool_xoff, 0, kLargestBuffer,
       "Headroom that all lossless priority groups share, in addition to pool_size; 0: as much as they need "
       "together, over over_subscribe_ratio",
       kPool},
      {"over_subscribe_ratio", &S::over_subscribe_ratio, 1, 64,
       "See pool_xoff; above 1 the headroom holds only while not all groups need theirs at once",
       "SONiC DEFAULT_LOSSLESS_BUFFER_PARAMETER; 1 is lossless"},
      {"mmu_size", &S::mmu_size, 1, kLargestBuffer,
       "Buffer of a switch in all; beside headroom and guaranteed bytes, pool_size is at most what is left",
       "SONiC BUFFER_MAX_PARAM_TABLE; pool_size and pool_xoff of a Tomahawk 2"},
      {"size", &S::size, 0, kLargestBuffer, "Buffer guaranteed to each lossless priority group", kProfile},
      {"dynamic_th", &S::dynamic_th, -8, 7,
       "A lossless priority group may use 2^n of what is free in the pool before it pauses its sender",
       kProfile},
      {"static_th", &S::static_th, 0, kLargestBuffer,
       "Fixed limit of a lossless priority group, in place of dynamic_th; 0 uses dynamic_th", kProfile},
      {"xon", &S::xon, 0, kLargestBuffer, "A paused group resumes below max(xon, its limit - xon_offset)",
       kProfile},
      {"xon_offset", &S::xon_offset, 0, kLargestBuffer, "See xon", kProfile},
      {"xoff", &S::xoff, 0, kLargestBuffer,
       "Headroom of a lossless priority group; 0 computes it from the link's rate and length and the MTU",
       kProfile},
      {"lossy_dynamic_th", &S::lossy_dynamic_th, -8, 7,
       "A lossy egress queue may use 2^n of what is free in the pool before it drops",
       "SONiC BUFFER_PROFILE"},
      {"ecn", &S::ecn, 0, 1, "Mark packets by the WRED thresholds where the queue is one of wred_queues",
       kWred},
      {"wred_queues", &S::wred_queues, 0, 0, "Egress queues that mark", "SONiC QUEUE wred_profile"},
      {"green_min_threshold", &S::green_min_threshold, 0, kLargestBuffer,
       "Egress queue depth from which packets are marked with rising probability (Kmin)", kWred},
      {"green_max_threshold", &S::green_max_threshold, 0, kLargestBuffer,
       "Egress queue depth above which every packet is marked (Kmax)", kWred},
      {"green_drop_probability", &S::green_drop_probability, 0, 100,
       "Marking probability at green_max_threshold, in percent (Pmax)", kWred},
      {"green_reference_rate", &S::green_reference_rate, 0, kFastestPort,
       "Port rate that green_min_threshold and green_max_threshold are for; each port scales them by its own "
       "rate; 0 takes them as they are",
       "Railyard's default"},
      {"ecn_marking_point",
       &S::ecn_marking_point,
       "Whether a frame is marked by the depth of its egress queue when it joins, or by what it leaves "
       "behind",
       "DCQCN paper, figure 5: enqueue; Wu et al., Tuning ECN for data center networks, CoNEXT 2012, and "
       "HPCC's simulator: dequeue",
       {"enqueue", "dequeue"}},
      {"pfc_enable", &S::pfc_enable, 0, 0, "Priorities that are lossless: paused by PFC, never dropped",
       kMaps},
      {"pause_quanta", &S::pause_quanta, kFewestQuanta, 65'535,
       "Duration a PFC frame asks for, in 512 bit times; it is refreshed when half of it has passed",
       "IEEE 802.1Q-2018 clause 36"},
      {"pipeline_latency", &S::pipeline_latency, 0, kMillisecond,
       "From a frame's last bit received to its egress queue", "Railyard's default"},
      {"pfc_response_time", &S::pfc_response_time, 0, kMillisecond,
       "From a PFC frame's last bit received to the transmitter's pause; not less than pipeline_latency",
       "IEEE 802.1Q-2018 annex N"},
  };
  return rows;
}

const std::vector<Parameter<M>>& parameters_of(const M*) {
  static const std::vector<Parameter<M>> rows = {
      {"dscp_to_tc_map", &M::dscp_to_tc, 0, kHighestPriority, "Traffic class of each DSCP",
       "SONiC DSCP_TO_TC_MAP; Arista EOS and NVIDIA Cumulus defaults"},
      {"tc_to_queue_map", &M::tc_to_queue, 0, kHighestPriority, "Egress queue of each traffic class",
       "SONiC TC_TO_QUEUE_MAP"},
      {"tc_to_pg_map", &M::tc_to_pg, 0, kHighestPriority, "Ingress priority group of each traffic class",
       "SONiC TC_TO_PRIORITY_GROUP_MAP"},
      {"pfc_to_queue_map", &M::pfc_to_queue, 0, kHighestPriority,
       "Egress queue that a pause of each PFC priority stops", "SONiC MAP_PFC_PRIORITY_TO_QUEUE"},
      {"pg_to_pfc_map", &M::pg_to_pfc, 0, kHighestPriority,
       "PFC priority that each priority group names in the pauses it sends",
       "SONiC PFC_PRIORITY_TO_PRIORITY_GROUP_MAP, inverted"},
  };
  return rows;
}

}  // namespace railyard
