// SPDX-License-Identifier: BSD-3-Clause
#include "tests/differential/host_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <queue>

#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

struct Arrival {
  SimTime time;
  uint64_t order;
  uint32_t flow;
  bool acked;  // else received

  friend bool operator>(const Arrival& a, const Arrival& b) {
    return std::tie(a.time, a.order) > std::tie(b.time, b.order);
  }
};

class World {
 public:
  World(PlayedHosts& hosts, uint32_t host_count, const std::vector<FlowEnds>& flows, uint64_t seed)
      : hosts_(hosts),
        host_count_(host_count),
        flows_(flows),
        seed_(seed),
        sent_(flows.size()),
        last_(flows.size()),
        finished_(host_count) {}

  std::vector<HostStep> run(SimTime until) {
    while (true) {
      const auto [wake, host] = next_wake();
      const SimTime arrival = arrivals_.empty() ? SimTime::never() : arrivals_.top().time;
      now_ = std::min(wake, arrival);
      if (now_ > until || now_ == SimTime::never()) return std::move(steps_);
      if (arrival <= wake) {
        deliver();
        continue;
      }
      steps_.push_back({HostStep::Wake, now_, host, 0, 0});
      hosts_.wake(host, now_);
      take_posts(host);
    }
  }

 private:
  std::pair<SimTime, uint32_t> next_wake() const {
    std::pair<SimTime, uint32_t> next{SimTime::never(), 0};
    for (uint32_t host = 0; host < host_count_; ++host)
      if (hosts_.has_ranks(host) && hosts_.next_wake(host) < next.first)
        next = {hosts_.next_wake(host), host};
    return next;
  }

  void deliver() {
    const Arrival arrival = arrivals_.top();
    arrivals_.pop();
    const FlowEnds ends = flows_[arrival.flow];
    if (arrival.acked) {
      hosts_.acked(ends.source_host, arrival.flow, now_);
      return take_posts(ends.source_host);
    }
    hosts_.received(ends.destination_host, arrival.flow, now_);
    take_posts(ends.destination_host);
  }

  void take_posts(uint32_t host) {
    for (const HostPost& post : hosts_.posts) {
      steps_.push_back({HostStep::Post, now_, host, post.flow, post.bytes});
      EXPECT_EQ(flows_[post.flow].source_host, host);
      RandomStream random(seed_, (uint64_t{post.flow} << 32) + sent_[post.flow]++);
      // Often equal, so that two messages arrive at one instant.
      const SimTime took = SimTime::microseconds(1 + random.below(20));
      SimTime& last = last_[post.flow];
      last = std::max(last, now_ + took);
      arrivals_.push({last, order_++, post.flow, false});
      arrivals_.push({last + SimTime::microseconds(random.below(3)), order_++, post.flow, true});
    }
    hosts_.posts.clear();
    if (const uint32_t done = hosts_.finished(host); done != finished_[host]) {
      finished_[host] = done;
      steps_.push_back({HostStep::Finish, now_, host, done, 0});
    }
  }

  PlayedHosts& hosts_;
  const uint32_t host_count_;
  const std::vector<FlowEnds>& flows_;
  const uint64_t seed_;
  std::vector<uint32_t> sent_;  // by flow
  std::vector<SimTime> last_;   // by flow: arrival of its latest message
  std::vector<uint32_t> finished_;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  uint64_t order_ = 0;
  SimTime now_;
  std::vector<HostStep> steps_;
};

}  // namespace

std::vector<HostStep> play(PlayedHosts& hosts, uint32_t host_count, const std::vector<FlowEnds>& flows,
                           uint64_t seed, SimTime until) {
  return World(hosts, host_count, flows, seed).run(until);
}

}  // namespace railyard
