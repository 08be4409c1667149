// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>

#include "dpdk-app/agent/port_player.h"
#include "dpdk-app/agent/spsc_queue.h"

namespace railyard::lab {

// A queue of a port that another lcore plays than its host's ranks: what both tell each other.
class QueueLane final : public MessageEvents {
 public:
  explicit QueueLane(std::unique_ptr<PortPlayer> player) : player_(std::move(player)) {}

  // By the lcore of the queue, as PortPlayer's.
  bool poll();
  SimTime next_due() const { return player_->next_due(); }
  void start(SimTime at) { player_->start(at); }
  void stop() { player_->stop(); }
  void fall_silent() { player_->fall_silent(); }

  // By the lcore of the ranks.
  void post(uint32_t flow, uint64_t bytes, SimTime now) { posts_.push({flow, bytes, now}); }
  // What happened since; false where nothing did.
  bool tell(MessageEvents& ranks);

  // By the thread that has it to itself.
  PortPlayer& player() { return *player_; }
  const PortPlayer& player() const { return *player_; }

 private:
  struct Post {
    uint32_t flow;
    uint64_t bytes;
    SimTime at;
  };
  struct Event {
    void (MessageEvents::*what)(uint32_t flow, SimTime now);
    uint32_t flow;
    SimTime at;
  };

  void message_received(uint32_t flow, SimTime now) override {
    events_.push({&MessageEvents::message_received, flow, now});
  }
  void message_acked(uint32_t flow, SimTime now) override {
    events_.push({&MessageEvents::message_acked, flow, now});
  }
  void queue_pair_failed(uint32_t flow, SimTime now) override {
    events_.push({&MessageEvents::queue_pair_failed, flow, now});
  }

  std::unique_ptr<PortPlayer> player_;
  SpscQueue<Post> posts_;
  SpscQueue<Event> events_;
};

}  // namespace railyard::lab
