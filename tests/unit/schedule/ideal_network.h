// SPDX-License-Identifier: BSD-3-Clause
// The smallest player: every rank sends at a fixed rate, message after message, and each arrives a fixed
// latency after its last byte has left. Receivers are never in each other's way. An acknowledgement takes no
// time. Switches that reduce send as ranks do; what they end is not told.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "traffic/pattern/schedule/runner.h"

namespace railyard::schedule {

class IdealNetwork : public RunnerEnvironment {
 public:
  struct Span {
    uint32_t rank, operation, iteration;
    SimTime start, end;
  };
  struct Post {
    uint32_t channel, operation, iteration;
    uint64_t bytes;
    SimTime at;
    bool grants, is_last;
  };

  IdealNetwork(const Schedule& schedule, uint32_t iterations, SimTime latency, int64_t ps_per_byte);

  // The rank starts at `at` instead of 0.
  void delay_start(uint32_t rank, SimTime at) { start_[rank] = at; }
  // Runs until every rank is done, nothing is left to happen, or `until`. Whether every rank is done.
  bool run(SimTime until = SimTime::never());

  SimTime now() const { return now_; }
  const RankRunner& runner(uint32_t rank) const { return runners_[rank]; }
  // Of one operation in one iteration: the last end over its ranks.
  SimTime end_of(uint32_t operation, uint32_t iteration = 0) const;
  uint64_t bytes_sent(uint32_t rank) const;
  // Data: messages, and bytes of them.
  uint32_t max_in_flight(uint32_t rank) const { return max_in_flight_[rank]; }
  uint64_t max_bytes_in_flight(uint32_t rank) const { return max_bytes_in_flight_[rank]; }

  uint32_t max_in_flight_on_a_channel() const { return max_on_a_channel_; }

  std::vector<Span> spans, iterations;  // operation is kNone in the latter
  std::vector<Post> posts;

 private:
  struct Event {
    SimTime at;
    uint64_t order;
    enum { Start, Wake, Received, Sent } what;
    uint32_t subject;  // rank or channel
    uint64_t bytes = 0;
    bool operator>(const Event& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  void post_send(uint32_t channel, const Posted& message) override;
  void wake_at(uint32_t rank, SimTime at) override { push(at, Event::Wake, rank); }
  void operation_ended(uint32_t rank, uint32_t operation, uint32_t iteration, SimTime start,
                       SimTime end) override {
    if (rank < schedule_.rank_count()) spans.push_back({rank, operation, iteration, start, end});
  }
  void iteration_ended(uint32_t rank, uint32_t iteration, SimTime start, SimTime end) override {
    if (rank < schedule_.rank_count()) iterations.push_back({rank, kNone, iteration, start, end});
  }
  template <typename What>
  void push(SimTime at, What what, uint32_t subject, uint64_t bytes = 0) {
    events_.push({at, next_order_++, what, subject, bytes});
  }
  void handle(const Event& event);

  const Schedule& schedule_;
  const SimTime latency_;
  const int64_t ps_per_byte_;
  SimTime now_;
  uint64_t next_order_ = 0;
  std::vector<RankRunner> runners_;
  std::vector<SimTime> start_, free_at_;
  std::vector<uint32_t> in_flight_, max_in_flight_;
  std::unordered_map<uint32_t, uint32_t> on_channel_;
  uint32_t max_on_a_channel_ = 0;
  std::vector<uint64_t> bytes_in_flight_, max_bytes_in_flight_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace railyard::schedule
