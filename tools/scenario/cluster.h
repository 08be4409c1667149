// SPDX-License-Identifier: BSD-3-Clause
// What jobs are placed on: a fabric's hosts by leaf and pod, and the names that a scheduler has for them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/fabric/fabric_plan.h"
#include "traffic/fabric/fabric_settings.h"
#include "traffic/pattern/schedule/placement.h"

namespace railyard {

// Hosts are on the leaf of their first NIC. Leaves that a switch of the next tier joins are of one pod.
schedule::Cluster cluster_of(const FabricPlan& plan, const FabricSettings& fabric);

// The nodes under each leaf switch, in the order of the file.
struct ClusterTopology {
  struct Leaf {
    std::string name;
    std::vector<std::string> nodes;
  };
  std::vector<Leaf> leaves;
};

// Slurm's topology.conf (topology/tree: lines with SwitchName and Nodes), or what `kubectl get nodes -o json`
// (or yaml) prints of nodes that bear Topograph's label of their leaf, network.topology.nvidia.com/leaf or
// fabric.topograph.run/tier-0. Errors name the file and the remedy.
tl::expected<ClusterTopology, std::string> read_cluster_topology(const std::filesystem::path& file);

// "tux[0-3,12],b7" of Slurm's hostlists, name by name. The error is one sentence.
tl::expected<std::vector<std::string>, std::string> expand_hostlist(std::string_view list);

// The hosts of these nodes, as Placement::hosts has them; all nodes where `names` is empty. The file's nth
// leaf is the fabric's nth, and its nodes are that leaf's hosts in order. Errors: more leaves or nodes than
// the fabric has, a name that the file does not have.
tl::expected<std::string, std::string> hosts_by_name(const ClusterTopology& topology, std::string_view names,
                                                     const schedule::Cluster& cluster);

}  // namespace railyard
