// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/schedule/ideal_network.h"

#include <algorithm>

namespace railyard::schedule {

IdealNetwork::IdealNetwork(const Schedule& schedule, uint32_t iterations, SimTime latency,
                           int64_t ps_per_byte)
    : schedule_(schedule),
      latency_(latency),
      ps_per_byte_(ps_per_byte),
      start_(schedule.ranks.size()),
      free_at_(schedule.ranks.size()),
      in_flight_(schedule.ranks.size()),
      max_in_flight_(schedule.ranks.size()),
      bytes_in_flight_(schedule.ranks.size()),
      max_bytes_in_flight_(schedule.ranks.size()) {
  for (uint32_t r = 0; r < schedule.ranks.size(); ++r) runners_.emplace_back(schedule, r, iterations);
}

bool IdealNetwork::run(SimTime until) {
  for (uint32_t r = 0; r < runners_.size(); ++r) push(start_[r], Event::Start, r);
  while (!events_.empty() && events_.top().at <= until) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    handle(event);
  }
  return std::all_of(runners_.begin(), runners_.end(), [](const RankRunner& r) { return r.done(); });
}

void IdealNetwork::handle(const Event& event) {
  switch (event.what) {
    case Event::Start:
      return runners_[event.subject].start(now_, *this);
    case Event::Wake:
      return runners_[event.subject].on_time(now_, *this);
    case Event::Received:
      return runners_[schedule_.channel(event.subject).dst_rank].on_received(event.subject, now_, *this);
    case Event::Sent: {
      const uint32_t rank = schedule_.channel(event.subject).src_rank;
      --in_flight_[rank];
      --on_channel_[event.subject];
      bytes_in_flight_[rank] -= event.bytes;
      return runners_[rank].on_sent(event.subject, now_, *this);
    }
  }
}

void IdealNetwork::post_send(uint32_t channel, const Posted& message) {
  const Channel by = schedule_.channel(channel);
  posts.push_back(
      {channel, message.operation, message.iteration, message.bytes, now_, by.grants, message.is_last});
  const uint32_t rank = by.src_rank;
  free_at_[rank] =
      std::max(free_at_[rank], now_) + SimTime{static_cast<int64_t>(message.bytes) * ps_per_byte_};
  push(free_at_[rank] + latency_, Event::Received, channel);
  if (by.grants) return;
  max_in_flight_[rank] = std::max(max_in_flight_[rank], ++in_flight_[rank]);
  max_on_a_channel_ = std::max(max_on_a_channel_, ++on_channel_[channel]);
  bytes_in_flight_[rank] += message.bytes;
  max_bytes_in_flight_[rank] = std::max(max_bytes_in_flight_[rank], bytes_in_flight_[rank]);
  push(free_at_[rank] + latency_, Event::Sent, channel, message.bytes);
}

SimTime IdealNetwork::end_of(uint32_t operation, uint32_t iteration) const {
  SimTime last;
  for (const Span& s : spans) {
    if (s.operation == operation && s.iteration == iteration) last = std::max(last, s.end);
  }
  return last;
}

uint64_t IdealNetwork::bytes_sent(uint32_t rank) const {
  uint64_t sum = 0;
  for (const Post& p : posts) sum += !p.grants && schedule_.channel(p.channel).src_rank == rank ? p.bytes : 0;
  return sum;
}

}  // namespace railyard::schedule
