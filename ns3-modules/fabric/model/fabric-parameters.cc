// SPDX-License-Identifier: BSD-3-Clause
#include "ns3-modules/fabric/model/fabric-parameters.h"

namespace ns3
{
namespace
{

using S = FabricSettings;

constexpr std::string_view OURS = "Railyard's default";
constexpr double FASTEST_LINK = 1.6e12;     // IEEE 802.3dj, bits a second
constexpr double FASTEST_SCALE_UP = 100e12; // bits a second
constexpr double MILLISECOND = 1e9;         // in picoseconds

} // namespace

const std::vector<railyard::Parameter<S>>&
parameters_of(const S*)
{
    static const std::vector<railyard::Parameter<S>> rows = {
        {"kind",
         &S::kind,
         0,
         3,
         "Topology",
         OURS,
         {"fat-tree", "leaf-spine", "rail-optimized", "single-switch"}},
        {"k",
         &S::k,
         2,
         64,
         "fat-tree: ports of a switch, an even number; k^3/4 hosts where hosts_per_leaf is 0",
         "Al-Fares et al., SIGCOMM 2008"},
        {"leaves",
         &S::leaves,
         1,
         1024,
         "leaf-spine: leaves; rail-optimized: leaves of each rail",
         OURS},
        {"spines", &S::spines, 0, 1024, "leaf-spine and rail-optimized: spines", OURS},
        {"hosts_per_leaf",
         &S::hostsPerLeaf,
         0,
         1024,
         "Hosts of a leaf, or of the single switch; fat-tree: 0 means k/2, more oversubscribes",
         OURS},
        {"nics_per_host",
         &S::nicsPerHost,
         1,
         64,
         "NICs of a host; rail-optimized: the number of rails",
         OURS},
        {"gpus_per_host",
         &S::gpusPerHost,
         1,
         64,
         "GPUs of a host; GPU g sends by NIC g mod nics_per_host",
         OURS},
        {"leaf_spine_links",
         &S::leafSpineLinks,
         1,
         64,
         "Parallel links between a leaf and a spine",
         OURS},
        {"link_rate",
         &S::linkRate,
         1e6,
         FASTEST_LINK,
         "Rate of a link between a host and its leaf",
         OURS},
        {"uplink_rate",
         &S::uplinkRate,
         0,
         FASTEST_LINK,
         "Rate of a link between switches; 0 means link_rate",
         OURS},
        {"link_delay",
         &S::linkDelay,
         0,
         MILLISECOND,
         "Propagation delay of a link",
         "5 ns a metre of fibre: 100 m"},
        {"scale_up_rate",
         &S::scaleUpRate,
         0,
         FASTEST_SCALE_UP,
         "Rate of each GPU's link to the GPUs of its host; 0 means none, so that the NICs carry it",
         "NVLink 4: 450 GB/s each way"},
        {"scale_up_latency",
         &S::scaleUpLatency,
         0,
         MILLISECOND,
         "Latency between the GPUs of a host",
         OURS},
    };
    return rows;
}

} // namespace ns3
