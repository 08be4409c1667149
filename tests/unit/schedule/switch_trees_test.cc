// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/schedule/switch_trees.h"

#include <gmock/gmock.h>

#include "tests/unit/schedule/reducing_fabric.h"

namespace railyard::schedule {
namespace {

using testing::ElementsAre;

TEST(SwitchTrees, StayOnTheLeafThatHoldsAll) {
  const ReducingSwitches switches = reducing_leaf_spine(2, 2, 4);
  const auto tree = SwitchTrees(switches).next({4, 6, 7});
  ASSERT_TRUE(tree);
  EXPECT_THAT(tree->switches, ElementsAre(1));
  EXPECT_EQ(tree->edges[0].parent, SwitchTree::kRoot);
  for (const SwitchTree::Edge& leaf : tree->leaves) {
    EXPECT_EQ(leaf.parent, 0u);
    EXPECT_EQ(leaf.parent_nic, 0u);
  }
}

TEST(SwitchTrees, MeetAtASpine) {
  const ReducingSwitches switches = reducing_leaf_spine(3, 2, 4);
  const auto tree = SwitchTrees(switches).next({0, 1, 4, 5, 8, 9});
  ASSERT_TRUE(tree);
  ASSERT_THAT(tree->switches, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(tree->edges[3].parent, SwitchTree::kRoot);
  for (uint32_t leaf = 0; leaf < 3; ++leaf) {
    EXPECT_EQ(tree->edges[leaf].parent, 3u);
    EXPECT_EQ(tree->edges[leaf].nic, 1u);
    EXPECT_EQ(tree->edges[leaf].parent_nic, leaf);
    EXPECT_EQ(tree->leaves[size_t{2} * leaf].parent, leaf);
  }
}

TEST(SwitchTrees, TakeTurnsAmongRoots) {
  const ReducingSwitches switches = reducing_leaf_spine(2, 3, 4);
  SwitchTrees trees(switches);
  std::vector<uint32_t> roots;
  for (int i = 0; i < 4; ++i) roots.push_back(trees.next({0, 1, 4, 5})->switches.back());
  EXPECT_THAT(roots, ElementsAre(2, 3, 4, 2));
}

// A leaf that has one host only passes it on: the spine is that host's parent, by the port to the leaf.
TEST(SwitchTrees, LeaveOutWhoWouldOnlyPassOn) {
  const ReducingSwitches switches = reducing_leaf_spine(3, 1, 4);
  const auto tree = SwitchTrees(switches).next({0, 4, 5, 8});
  ASSERT_TRUE(tree);
  ASSERT_THAT(tree->switches, ElementsAre(1, 3));
  EXPECT_EQ(tree->edges[0].parent, 1u);
  EXPECT_EQ(tree->edges[0].parent_nic, 1u);
  EXPECT_EQ(tree->leaves[0].parent, 1u);
  EXPECT_EQ(tree->leaves[0].parent_nic, 0u);
  EXPECT_EQ(tree->leaves[1].parent, 0u);
  EXPECT_EQ(tree->leaves[3].parent, 1u);
  EXPECT_EQ(tree->leaves[3].parent_nic, 2u);
}

TEST(SwitchTrees, NeedASwitchThatLeadsToAll) {
  const ReducingSwitches apart = reducing_leaf_spine(2, 0, 4);
  const auto tree = SwitchTrees(apart).next({0, 4});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error(), "no switch leads to all of its hosts");
}

}  // namespace
}  // namespace railyard::schedule
