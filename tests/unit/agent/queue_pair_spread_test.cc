// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/queue_pair_spread.h"

#include <gmock/gmock.h>

#include "tests/unit/agent/plan_builder.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"

namespace railyard::lab {
namespace {

// Host 0 receives from all, twice from each.
class QueuePairSpreadTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kSenders = 4;

  QueuePairSpreadTest() {
    control::Plan wire = plan_of_hosts(kSenders + 1, "a");
    for (const char* name : {"first", "second"}) add_job(wire, name, incast(kSenders, 1'000));
    plan_ = compile_plan(wire).value();
    flows_ = FlowTable::of(plan_).value();
    receiver_ = flows_[0].destination;
  }

  std::vector<uint32_t> queues_of_receivers(CnpPacing pacing) {
    plan_.nic.congestion_control = index_of_congestion_algorithm("dcqcn");
    plan_.congestion.get<DcqcnSettings>("dcqcn").cnp_pacing = pacing;
    const QueuePairSpread spread(plan_, flows_, receiver_, 3);
    std::vector<uint32_t> queues;
    for (const uint32_t flow : flows_.received_by(receiver_))
      queues.push_back(spread.queue_of_receiver(flow));
    return queues;
  }

  LabPlan plan_;
  FlowTable flows_;
  uint32_t receiver_ = 0;
};

TEST_F(QueuePairSpreadTest, QueuePairsTakeTheQueuesInTurn) {
  EXPECT_THAT(queues_of_receivers(CnpPacing::QueuePair), ::testing::ElementsAre(0, 1, 2, 0, 1, 2, 0, 1));
}

TEST_F(QueuePairSpreadTest, ReceiversThatPaceCnpsTogetherAreOnOneQueue) {
  EXPECT_THAT(queues_of_receivers(CnpPacing::Port), ::testing::Each(0u));
  const std::vector<uint32_t> by_peer = queues_of_receivers(CnpPacing::Peer);
  for (size_t i = 0; i < kSenders; ++i) EXPECT_EQ(by_peer[i], by_peer[i + kSenders]);
  EXPECT_THAT(by_peer, ::testing::Contains(2u));
}

TEST_F(QueuePairSpreadTest, AFrameFindsItsQueueByTheNumberThatItCarries) {
  const QueuePairSpread spread(plan_, flows_, receiver_, 3);
  const uint32_t flow = flows_.received_by(receiver_)[1];
  EXPECT_EQ(spread.queue_of(receiver_queue_pair(flow), 7), spread.queue_of_receiver(flow));
  EXPECT_EQ(spread.queue_of(0, 7), 7u);
  EXPECT_EQ(spread.queue_of(receiver_queue_pair(flows_.size()), 7), 7u);
  EXPECT_EQ(spread.queue_of(0xffffff, 7), 7u);
}

}  // namespace
}  // namespace railyard::lab
