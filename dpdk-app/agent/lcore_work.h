// SPDX-License-Identifier: BSD-3-Clause
// What one lcore plays of a run: some hosts, their ranks and NICs, and queues of others' NICs. The lcore has
// it to itself; the control thread sees the atomics only, or takes the work away from the lcore first
// (lcore_loop.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dpdk-app/agent/host_lane.h"
#include "dpdk-app/agent/queue_lane.h"

namespace railyard::lab {

// What the lcore tells while it runs; each number on its own, none promises to fit the others.
struct LiveStatus {
  std::atomic<uint32_t> looks{0};                  // how often it was told, each time after a poll
  std::atomic<uint32_t> unresolved{~uint32_t{0}};  // next hops
  std::atomic<uint32_t> ranks_done{0};
  std::atomic<uint32_t> failed_flow{kNoFlow};
  std::atomic<uint64_t> messages_received{0};
  std::atomic<uint64_t> tx_bytes{0}, rx_bytes{0};
  std::atomic<uint64_t> cnps{0}, ce_seen{0}, pauses{0}, retransmitted{0}, lost{0};
  std::atomic<SimTime> lateness_p99{SimTime{}};
};

class LcoreWork {
 public:
  void add(std::unique_ptr<HostLane> host) { hosts_.push_back(std::move(host)); }
  const std::vector<std::unique_ptr<HostLane>>& hosts() const { return hosts_; }
  // A queue of a NIC whose host another lcore plays; it must outlive this.
  void add(QueueLane& queue) { queues_.push_back(&queue); }

  // By the lcore. False where there was nothing to do.
  bool poll(SimTime now);
  SimTime next_due() const;
  bool running() const { return started_ && !stopped_; }

  // By the control thread.
  void start_at(SimTime at) { start_at_.store(at, std::memory_order_release); }
  void stop() { stop_.store(true, std::memory_order_release); }
  void fall_silent() { silent_.store(true, std::memory_order_release); }
  const LiveStatus& live() const { return live_; }
  uint32_t ranks_expected() const;
  uint64_t messages_expected() const;

 private:
  void publish(SimTime now);

  std::vector<std::unique_ptr<HostLane>> hosts_;
  std::vector<QueueLane*> queues_;
  std::atomic<SimTime> start_at_{SimTime::never()};
  std::atomic<bool> stop_{false}, silent_{false};
  bool started_ = false, stopped_ = false, is_silent_ = false;
  SimTime publish_at_, lateness_at_;
  LiveStatus live_;
};

}  // namespace railyard::lab
