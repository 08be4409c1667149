// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/fabric/fabric_parameters.h"

namespace railyard {
namespace {

using S = FabricSettings;

constexpr std::string_view kOurs = "Railyard's default";
constexpr double kFastestLink = 1.6e12;     // IEEE 802.3dj, bits a second
constexpr double kFastestScaleUp = 100e12;  // bits a second
constexpr double kMillisecond = 1e9;        // in picoseconds

}  // namespace

const std::vector<Parameter<S>>& parameters_of(const S*) {
  static const std::vector<Parameter<S>> rows = {
      {"kind", &S::kind, "Topology", kOurs, {"fat-tree", "leaf-spine", "rail-optimized", "single-switch"}},
      {"k", &S::k, 2, 64,
       "fat-tree: ports of a switch, an even number; k^3/4 hosts where hosts_per_leaf is 0",
       "Al-Fares et al., SIGCOMM 2008"},
      {"leaves", &S::leaves, 1, 1024, "leaf-spine: leaves; rail-optimized: leaves of each rail", kOurs},
      {"spines", &S::spines, 0, 1024, "leaf-spine and rail-optimized: spines", kOurs},
      {"hosts_per_leaf", &S::hosts_per_leaf, 0, 1024,
       "Hosts of a leaf, or of the single switch; fat-tree: 0 means k/2, more oversubscribes", kOurs},
      {"nics_per_host", &S::nics_per_host, 1, 64, "NICs of a host; rail-optimized: the number of rails",
       kOurs},
      {"gpus_per_host", &S::gpus_per_host, 1, 64, "GPUs of a host; GPU g sends by NIC g mod nics_per_host",
       kOurs},
      {"leaf_spine_links", &S::leaf_spine_links, 1, 64, "Parallel links between a leaf and a spine", kOurs},
      {"link_rate", &S::link_rate, 1e6, kFastestLink, "Rate of a link between a host and its leaf", kOurs},
      {"uplink_rate", &S::uplink_rate, 0, kFastestLink,
       "Rate of a link between switches; link_rate where it is not given", kOurs},
      {"link_delay", &S::link_delay, 0, kMillisecond, "Propagation delay of a link",
       "5 ns a metre of fibre: 100 m"},
      {"scale_up_rate", &S::scale_up_rate, 0, kFastestScaleUp,
       "Rate of each GPU's link to the GPUs of its host; 0 means none, so that the NICs carry it",
       "NVLink 4: 450 GB/s each way"},
      {"scale_up_latency", &S::scale_up_latency, 0, kMillisecond, "Latency between the GPUs of a host",
       kOurs},
      {"pcie_rate", &S::pcie_rate, 0, kFastestScaleUp,
       "Rate at which a NIC reads a GPU's memory, as achieved; 0 means that it never waits for it", kOurs},
      {"in_network_reduction",
       &S::in_network_reduction,
       "What can add up data on its way, for all_reduce: in-network: the fabric's switches (SHARP), the "
       "hosts' "
       "scale-up switches (NVLS), or both",
       kOurs,
       {"none", "switches", "scale-up", "both"}},
      {"reduction_latency", &S::reduction_latency, 0, kMillisecond,
       "What a switch takes to reduce, beside a NIC's latency and its own pipeline", kOurs},
  };
  return rows;
}

}  // namespace railyard
