// SPDX-License-Identifier: BSD-3-Clause
#include <deque>
#include <functional>
#include <queue>

#include "tests/unit/fabric/fabric_test_plans.h"
#include "traffic/fabric/path.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard {
namespace {

// An event-driven simulation of one message over a chain of links: the oracle, with no closed form
// in it.
class Chain {
 public:
  Chain(const FabricPlan& plan, std::vector<uint32_t> links, SimTime pipeline, SimTime nic)
      : plan_(plan),
        links_(std::move(links)),
        pipeline_(pipeline),
        nic_(nic),
        queues_(links_.size()),
        busy_(links_.size(), false) {}

  int64_t send(uint64_t bytes, uint32_t mtu) {
    bool first = true;
    do {
      const auto payload = static_cast<uint32_t>(std::min<uint64_t>(bytes, mtu));
      bytes -= payload;
      enqueue(0, 0, wire::data_frame_bytes(payload, first));
      first = false;
    } while (bytes > 0);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      event.action(event.time);
    }
    return received_;
  }

 private:
  struct Event {
    int64_t time;
    uint64_t sequence;
    std::function<void(int64_t)> action;

    bool operator<(const Event& other) const {
      return std::tie(time, sequence) > std::tie(other.time, other.sequence);
    }
  };

  void at(int64_t time, std::function<void(int64_t)> action) {
    events_.push({time, sequence_++, std::move(action)});
  }

  void enqueue(size_t hop, int64_t now, uint32_t frame) {
    queues_[hop].push_back(frame);
    if (!busy_[hop]) transmit(hop, now);
  }

  void transmit(size_t hop, int64_t now) {
    const FabricLink& link = plan_.links[links_[hop]];
    const uint32_t frame = queues_[hop].front();
    queues_[hop].pop_front();
    busy_[hop] = true;
    const int64_t sent = now + serialisation_time(frame, link.rate.ps_per_byte()).ps;
    at(sent, [this, hop](int64_t t) {
      busy_[hop] = false;
      if (!queues_[hop].empty()) transmit(hop, t);
    });
    at(sent + link.propagation.ps, [this, hop, frame](int64_t t) {
      if (hop + 1 == links_.size()) {
        received_ = t + nic_.ps;
        return;
      }
      at(t + pipeline_.ps, [this, hop, frame](int64_t ready) { enqueue(hop + 1, ready, frame); });
    });
  }

  const FabricPlan& plan_;
  std::vector<uint32_t> links_;
  SimTime pipeline_;
  SimTime nic_;
  std::vector<std::deque<uint32_t>> queues_;  // by hop
  std::vector<bool> busy_;                    // by hop
  std::priority_queue<Event> events_;
  uint64_t sequence_ = 0;
  int64_t received_ = 0;
};

void expect_agreement(const FabricPlan& plan, uint32_t from, uint32_t to) {
  for (uint32_t mtu : {256u, 1000u, 4096u}) {
    NicSettings nics;
    nics.mtu = mtu;
    const SwitchSettings switches;
    const FabricPaths paths(plan, nics, switches);
    for (uint64_t bytes : {0u, 1u, 255u, 1000u, 1001u, 4096u, 8192u, 8193u, 12289u, 1048576u, 999999u}) {
      Chain chain(plan, paths.links_between(from, to), switches.pipeline_latency, nics.nic_latency);
      EXPECT_EQ(paths.completion_time(from, to, Bytes{bytes}).ps, chain.send(bytes, mtu))
          << bytes << " B in packets of " << mtu;
    }
  }
}

TEST(CompletionTime, AgreesWithASimulationToThePicosecond) {
  const FabricPlan tree = must_build(fat_tree(8));
  expect_agreement(tree, 0, 1);
  expect_agreement(tree, 0, 5);
  expect_agreement(tree, 0, 127);
}

TEST(CompletionTime, AgreesWhereLinksDifferInRate) {
  FabricSettings settings = leaf_spine(2, 2, 4);
  settings.uplink_rate = BitRate::gigabits(400);
  expect_agreement(must_build(settings), 0, 7);
  settings.uplink_rate = BitRate::gigabits(25);
  expect_agreement(must_build(settings), 0, 7);

  FabricPlan uneven = must_build(fat_tree(4));
  const uint64_t gigabits[] = {400, 100, 25, 50, 10, 200};
  for (size_t i = 0; i < uneven.links.size(); ++i) {
    uneven.links[i].rate = BitRate::gigabits(gigabits[i * 7 % 6]);
    uneven.links[i].propagation = SimTime::nanoseconds(static_cast<int64_t>(100 + i * 37));
  }
  for (uint32_t to = 1; to < 16; ++to) expect_agreement(uneven, 0, to);
}

TEST(CompletionTime, IsTheWorkedFigureOnOneSwitch) {
  // 4096 B + RETH at 100 Gb/s on two links of 500 ns, pipeline 400 ns, NIC 500 ns.
  const FabricPlan plan = must_build(leaf_spine(1, 0, 2));
  const FabricPaths paths(plan, {}, {});
  EXPECT_EQ(paths.completion_time(0, 1, Bytes{4096}).ps,
            2 * (4096 + 62 + 16 + 20) * 80 + 1'000'000 + 400'000 + 500'000);
}

TEST(CompletionTime, LeavesRoomForOneMessageOfAnIncast) {
  // 1 MiB at 100 Gb/s holds the last link for (256 * 4178 + 16) * 80 ps; the rest is one way
  // without it.
  const FabricPlan plan = must_build(fat_tree(10));
  const FabricPaths paths(plan, {}, {});
  const int64_t last_link = (256 * 4178 + 16) * 80;
  EXPECT_EQ(paths.completion_time(0, 249, Bytes{1 << 20}).ps - last_link,
            5 * (4178 + 16) * 80 + 6 * 500'000 + 5 * 400'000 + 500'000);
}

}  // namespace
}  // namespace railyard
