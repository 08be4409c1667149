// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/trace/temporary_folder.h"
#include "traffic/fabric/fabric_builder.h"

namespace railyard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

schedule::Cluster of_fabric(FabricKind kind) {
  FabricSettings fabric;
  fabric.kind = kind;
  fabric.k = 4;
  fabric.leaves = 2;
  fabric.hosts_per_leaf = 2;
  return cluster_of(build_fabric(fabric).value(), fabric);
}

TEST(Cluster, KnowsLeavesAndPods) {
  const schedule::Cluster leaf_spine = of_fabric(FabricKind::LeafSpine);
  EXPECT_THAT(leaf_spine.leaf_of, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(leaf_spine.pod_of, ElementsAre(0, 0, 0, 0));
  const schedule::Cluster fat_tree = of_fabric(FabricKind::FatTree);  // four pods of two leaves
  EXPECT_THAT(fat_tree.leaf_of, ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
  EXPECT_THAT(fat_tree.pod_of, ElementsAre(0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6));
}

TEST(Hostlist, IsExpandedAsSlurmDoes) {
  EXPECT_THAT(*expand_hostlist("tux[0-2,12],b7"), ElementsAre("tux0", "tux1", "tux2", "tux12", "b7"));
  EXPECT_THAT(*expand_hostlist("n[008-010]-x"), ElementsAre("n008-x", "n009-x", "n010-x"));
  EXPECT_THAT(expand_hostlist("n[0-").error(), HasSubstr("a bracket that is not closed"));
  EXPECT_THAT(expand_hostlist("n[3-1]").error(), HasSubstr("is not a list of numbers and ranges"));
}

class TopologyFile : public testing::Test {
 protected:
  std::string hosts(const std::string& text, const std::string& names) {
    std::ofstream(folder_.file("topology")) << text;
    const auto topology = read_cluster_topology(folder_.file("topology"));
    if (!topology) return topology.error();
    const auto found = hosts_by_name(*topology, names, of_fabric(FabricKind::LeafSpine));
    return found ? *found : found.error();
  }
  TemporaryFolder folder_;
};

constexpr const char* kSlurm =
    "# two leaves\nSwitchName=s1 Nodes=node[03-04] LinkSpeed=400\nswitchname=s0 nodes=node[01-02]\n"
    "SwitchName=top Switches=s[0-1]\n";

TEST_F(TopologyFile, OfSlurmNamesHostsByLeaf) {
  EXPECT_EQ(hosts(kSlurm, "node01,node[03-04]"), "2,0,1");
  EXPECT_EQ(hosts(kSlurm, ""), "0,1,2,3");
}

TEST_F(TopologyFile, OfKubernetesNamesHostsByLeaf) {
  const std::string text =
      R"({"kind": "List", "items": [
        {"metadata": {"name": "a", "labels": {"network.topology.nvidia.com/leaf": "s7"}}},
        {"metadata": {"name": "b", "labels": {"fabric.topograph.run/tier-0": "s3"}}},
        {"metadata": {"name": "c", "labels": {"network.topology.nvidia.com/leaf": "s7"}}}]})";
  EXPECT_EQ(hosts(text, "b,c"), "2,1");
  EXPECT_THAT(hosts(R"({"items": [{"metadata": {"name": "a", "labels": {}}}]})", ""),
              HasSubstr("node 'a' has no label fabric.topograph.run/tier-0 or"));
}

TEST_F(TopologyFile, IsRefusedWhereItDoesNotFit) {
  EXPECT_THAT(hosts(kSlurm, "node05"), HasSubstr("the topology has no node 'node05'; did you mean"));
  EXPECT_THAT(hosts("SwitchName=s0 Nodes=n[0-2]\n", ""),
              HasSubstr("3 nodes on switch 's0', and the fabric's"));
  EXPECT_THAT(hosts("SwitchName=a Nodes=x\nSwitchName=b Nodes=y\nSwitchName=c Nodes=z\n", ""),
              HasSubstr("has 3 leaf switches with nodes, and the fabric has hosts on 2"));
  EXPECT_THAT(hosts("SwitchName=top Switches=s[0-1]\n", ""), HasSubstr("no switch in it has nodes"));
  EXPECT_THAT(hosts("hello\n", ""), HasSubstr(":1: 'hello' is neither of Slurm's topology.conf"));
}

}  // namespace
}  // namespace railyard
