// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/lcore_work.h"

#include <algorithm>

namespace railyard::lab {

bool LcoreWork::poll(SimTime now) {
  if (!started_ && start_at_.load(std::memory_order_acquire) != SimTime::never()) {
    started_ = true;
    const SimTime at = start_at_.load(std::memory_order_relaxed);
    for (const auto& host : hosts_) host->start(at);
    for (QueueLane* const queue : queues_) queue->start(at);
  }
  if (!stopped_ && stop_.load(std::memory_order_acquire)) {
    stopped_ = true;
    for (const auto& host : hosts_) host->stop();
    for (QueueLane* const queue : queues_) queue->stop();
  }
  if (!is_silent_ && silent_.load(std::memory_order_acquire)) {
    is_silent_ = true;
    for (const auto& host : hosts_)
      for (const auto& nic : host->nics()) nic->fall_silent();
    for (QueueLane* const queue : queues_) queue->fall_silent();
  }
  bool busy = false;
  for (const auto& host : hosts_) busy |= host->poll(now);
  for (QueueLane* const queue : queues_) busy |= queue->poll();
  if (now >= publish_at_) publish(now);
  return busy;
}

SimTime LcoreWork::next_due() const {
  SimTime due = SimTime::never();
  for (const auto& host : hosts_) due = std::min(due, host->next_due());
  for (const QueueLane* const queue : queues_) due = std::min(due, queue->next_due());
  return due;
}

uint32_t LcoreWork::ranks_expected() const {
  uint32_t ranks = 0;
  for (const auto& host : hosts_) ranks += host->ranks().ranks_expected();
  return ranks;
}

uint64_t LcoreWork::messages_expected() const {
  uint64_t messages = 0;
  for (const auto& host : hosts_) messages += host->ranks().messages_expected();
  return messages;
}

void LcoreWork::publish(SimTime now) {
  constexpr SimTime kPublish = SimTime::milliseconds(5);     // an end is noticed soon, and costs nothing
  constexpr SimTime kLateness = SimTime::milliseconds(500);  // a percentile reads a whole histogram
  publish_at_ = now + kPublish;
  const bool with_lateness = now >= lateness_at_ && started_;
  if (with_lateness) lateness_at_ = now + kLateness;
  uint32_t unresolved = 0, ranks_done = 0, failed_flow = kNoFlow;
  uint64_t messages = 0;
  NicCounters sum;
  uint64_t pauses = 0, retransmitted = 0;
  SimTime lateness;
  const auto add = [&](const PortPlayer& nic) {
    const NicCounters& c = nic.counters();
    sum.tx_bytes += c.tx_bytes, sum.rx_bytes += c.rx_bytes;
    sum.cnps_received += c.cnps_received, sum.ce_seen += c.ce_seen, sum.lost += c.lost;
    retransmitted += nic.retransmitted();
    if (with_lateness) lateness = std::max(lateness, nic.lateness_p99());
  };
  for (const QueueLane* const queue : queues_) add(queue->player());
  for (const auto& host : hosts_) {
    ranks_done += host->ranks().ranks_ended();
    messages += host->ranks().messages_received();
    failed_flow = std::min(failed_flow, host->failed_flow());
    for (const auto& nic : host->nics()) {
      unresolved += nic->addresses().unresolved();
      for (const uint64_t count : nic->counters().pauses) pauses += count;
      add(*nic);
    }
  }
  const auto put = [](auto& to, auto value) { to.store(value, std::memory_order_relaxed); };
  put(live_.unresolved, unresolved), put(live_.ranks_done, ranks_done);
  put(live_.failed_flow, failed_flow), put(live_.messages_received, messages);
  put(live_.tx_bytes, sum.tx_bytes), put(live_.rx_bytes, sum.rx_bytes);
  put(live_.cnps, sum.cnps_received), put(live_.ce_seen, sum.ce_seen), put(live_.lost, sum.lost);
  put(live_.pauses, pauses), put(live_.retransmitted, retransmitted);
  if (with_lateness) put(live_.lateness_p99, lateness);
  live_.looks.fetch_add(1, std::memory_order_release);
}

}  // namespace railyard::lab
