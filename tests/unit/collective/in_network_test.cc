// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/collective/in_network.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/unit/collective/simulated_group.h"
#include "traffic/pattern/collective/reduction_tree.h"

namespace railyard::collective {
namespace {

// Hosts with one member or more, as chains or with a reducer each; above them leaves and a spine.
struct Shape {
  std::vector<uint32_t> members;  // by host
  bool hosts_reduce = false;
  uint32_t head = 0;  // of a single host's members
  uint32_t leaves = 1;
};

class Tree {
 public:
  explicit Tree(const Shape& shape) {
    for (const uint32_t members : shape.members) size += members;
    network_.assign(size, kNobody);
    host_.assign(size, kNobody);
    std::vector<uint32_t> heads;
    uint32_t first = 0;
    for (const uint32_t members : shape.members) {
      heads.push_back(first);
      join_host(shape, first, members);
      first += members;
    }
    if (shape.members.size() > 1) join_hosts(shape, heads);
    tree.network = level_of(network_);
    tree.host = level_of(host_);
  }

  uint32_t size = 0;
  ReductionTree tree;

 private:
  uint32_t add_switch() {
    network_.push_back(kNobody);
    host_.push_back(kNobody);
    return static_cast<uint32_t>(network_.size()) - 1;
  }
  void join_host(const Shape& shape, uint32_t first, uint32_t members) {
    if (members == 1) return;
    if (!shape.hosts_reduce) {
      for (uint32_t m = first + 1; m < first + members; ++m) network_[m] = m - 1;
      return;
    }
    const uint32_t reducer = add_switch();
    for (uint32_t m = first; m < first + members; ++m) host_[m] = reducer;
    host_[reducer] = first + (shape.members.size() == 1 ? shape.head : 0);
  }
  void join_hosts(const Shape& shape, const std::vector<uint32_t>& heads) {
    const uint32_t root = add_switch();
    std::vector<uint32_t> leaves = {root};
    if (shape.leaves > 1) {
      leaves.clear();
      for (uint32_t leaf = 0; leaf < shape.leaves; ++leaf) {
        leaves.push_back(add_switch());
        network_[leaves.back()] = root;
      }
    }
    // Every leaf that has no host would wait for nobody.
    for (size_t h = 0; h < heads.size(); ++h) network_[heads[h]] = leaves[h % leaves.size()];
  }

  std::vector<uint32_t> network_, host_;
};

Shape draw_shape() {
  Shape shape;
  shape.members = *rc::gen::nonEmpty(rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange(1u, 6u)));
  shape.hosts_reduce = shape.members.size() == 1 || *rc::gen::arbitrary<bool>();
  shape.head = *rc::gen::inRange(0u, shape.members.front());
  shape.leaves = *rc::gen::inRange(1u, static_cast<uint32_t>(shape.members.size()) + 1);
  return shape;
}

TEST(InNetwork, GivesEveryMemberTheSum) {
  EXPECT_TRUE(rc::check([] {
    const Tree tree(draw_shape());
    Call call;
    call.size = tree.size;
    call.tree = &tree.tree;
    call.bytes = *rc::gen::inRange<uint64_t>(0, 200);
    call.options.reduction_slice_bytes = *rc::gen::inRange<uint64_t>(1, 60);
    std::vector<std::vector<int64_t>> buffers(call.size);
    std::vector<int64_t> sum(call.bytes);
    for (uint32_t m = 0; m < call.size; ++m)
      for (uint64_t i = 0; i < call.bytes; ++i) {
        buffers[m].push_back(m * 1'000'003 + static_cast<int64_t>(i) * 17);
        sum[i] += buffers[m][i];
      }
    SimulatedGroup group(in_network_all_reduce(), call, buffers);
    RC_ASSERT(group.run(*rc::gen::arbitrary<uint64_t>()));
    RC_ASSERT(group.sizes_agree());
    RC_ASSERT(group.only_sent_to_peers());
    RC_ASSERT(group.received_as_counted());
    RC_ASSERT(group.messages_left() == 0U);
    for (uint32_t m = 0; m < call.size; ++m) RC_ASSERT(group.buffer(m) == sum);
  }));
}

std::vector<uint64_t> bytes_sent(const Shape& shape, uint64_t bytes) {
  const Tree tree(shape);
  Call call;
  call.size = tree.size;
  call.tree = &tree.tree;
  call.bytes = bytes;
  call.options.reduction_slice_bytes = 10;
  SimulatedGroup group(in_network_all_reduce(), call,
                       std::vector<std::vector<int64_t>>(call.size, std::vector<int64_t>(bytes)));
  EXPECT_TRUE(group.run(1));
  std::vector<uint64_t> sent;
  for (uint32_t place = 0; place < tree.tree.places(); ++place) sent.push_back(group.bytes_sent(place));
  return sent;
}

// Once up from every host; the switch once down to every one.
TEST(InNetwork, SendsEachByteOnceUpAndOnceDown) {
  EXPECT_EQ(bytes_sent({{1, 1, 1, 1}}, 100), (std::vector<uint64_t>{100, 100, 100, 100, 400}));
  // Four hosts on two leaves: these send up, and down to two; the spine down to two.
  EXPECT_EQ(bytes_sent({{1, 1, 1, 1}, false, 0, 2}, 100),
            (std::vector<uint64_t>{100, 100, 100, 100, 200, 300, 300}));
}

// Who speaks for a part sends its own and the sum, and gets the sum twice; the reducer sends it once more
// than there are members.
TEST(InNetwork, WithinAHostASpeakerSendsItsPartTwice) {
  EXPECT_EQ(bytes_sent({{4}, true, 2}, 100), (std::vector<uint64_t>{100, 100, 200, 100, 500}));
}

// A member sends ahead whatever comes back, as far as the window goes: parts of the data follow each other
// through the tree.
TEST(InNetwork, SendsUpWithoutWaitingForWhatComesDown) {
  const Tree tree({{4, 4}, true});
  Call call;
  call.size = tree.size;
  call.tree = &tree.tree;
  call.bytes = 100;
  call.options.reduction_slice_bytes = 10;
  const Algorithm algorithm = in_network_all_reduce();
  for (call.me = 0; call.me < call.size; ++call.me) {
    ASSERT_EQ(algorithm.step_count(call), 10U);
    for (uint64_t i = 0; i < 10; ++i) EXPECT_EQ(algorithm.step(call, i).send_needs, kNoStep) << call.me;
  }
}

}  // namespace
}  // namespace railyard::collective
