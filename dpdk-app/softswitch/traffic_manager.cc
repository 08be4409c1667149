// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/traffic_manager.h"

#include <algorithm>

#include "traffic/protocol/switching/switch_layout.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {

TrafficManager::TrafficManager(const TrafficManagerSettings& settings, RandomStream random)
    : class_of_dscp_(buffer_classes_of(settings.switching.maps)),
      markers_(ecn_markers_of(settings.switching)),
      lossy_egress_threshold_(DynamicThreshold::from_exponent(settings.switching.lossy_dynamic_th)),
      pause_rules_{
          settings.switching.maps.pfc_to_queue,
          std::max(SimTime{}, settings.switching.pfc_response_time - settings.switching.pipeline_latency)},
      pfc_of_group_(settings.switching.maps.pg_to_pfc),
      pause_quanta_(settings.switching.pause_quanta),
      pipeline_latency_ps_(settings.switching.pipeline_latency.ps),
      pool_(buffer_pool_of(settings.switching)),
      random_(random),
      ports_(settings.ports.size()),
      transmit_end_(settings.ports.size(), kNeverPs),
      next_arrival_(settings.ports.size(), kNeverPs) {
  for (size_t i = 0; i < ports_.size(); ++i) {
    ports_[i].ps_per_byte = settings.ports[i].ps_per_byte;
    for (uint32_t group = 0; group < kPriorities; ++group) {
      ports_[i].groups[group].profile =
          buffer_profile_of(settings.switching, group, settings.ports[i].headroom);
    }
  }
}

struct TrafficManager::PauseEnvironment {
  TrafficManager& manager;
  uint32_t index;

  Port& port() const { return manager.ports_[index]; }
  PauseState& pauses() { return port().pauses; }
  const PauseRules& pause_rules() const { return manager.pause_rules_; }
  int64_t pause_ps_per_byte() const { return port().ps_per_byte; }
  void arm(PauseTimer what, uint32_t which, SimTime at) {
    manager.timers_.push({at.ps, static_cast<uint32_t>(what), index, which});
  }
  void pause_started(uint32_t queue, uint32_t /* priority */, SimTime) {
    port().paused |= static_cast<uint16_t>(1u << queue);
  }
  void pause_ended(uint32_t queue, SimTime now) {
    if (manager.pause_log_ != nullptr)
      manager.pause_log_->push_back(
          {static_cast<uint16_t>(index), static_cast<uint8_t>(queue), pauses().since(queue).ps, now.ps});
    port().paused &= static_cast<uint16_t>(~(1u << queue));
    manager.kick(index, now.ps);
  }
};

void TrafficManager::arrive(uint32_t port, Frame frame, int64_t at) {
  frame.in = static_cast<uint16_t>(port);
  ports_[port].arrivals.push(frame, at + pipeline_latency_ps_);
  next_arrival_[port] = ports_[port].arrivals.next();
}

int64_t TrafficManager::next_event() const {
  const int64_t timer = timers_.empty() ? kNeverPs : timers_.top().at;
  return std::min({timer, *std::min_element(transmit_end_.begin(), transmit_end_.end()),
                   *std::min_element(next_arrival_.begin(), next_arrival_.end())});
}

void TrafficManager::advance(int64_t until) {
  while (step(until)) {
  }
}

bool TrafficManager::step(int64_t until) {
  const auto transmit = std::min_element(transmit_end_.begin(), transmit_end_.end());
  const auto arrival = std::min_element(next_arrival_.begin(), next_arrival_.end());
  const int64_t timer = timers_.empty() ? kNeverPs : timers_.top().at;
  const int64_t now = std::min({*transmit, *arrival, timer});
  if (now > until || now == kNeverPs) return false;
  if (*transmit == now) {
    const auto port = static_cast<uint32_t>(transmit - transmit_end_.begin());
    *transmit = kNeverPs;
    ports_[port].transmit_pending = false;
    serve(port, now);
  } else if (*arrival == now) {
    on_arrival(static_cast<uint32_t>(arrival - next_arrival_.begin()), now);
  } else {
    const Timer due = timers_.top();
    timers_.pop();
    on_timer(due, now);
  }
  return true;
}

void TrafficManager::on_arrival(uint32_t port, int64_t now) {
  Port& in = ports_[port];
  Frame frame = in.arrivals.front();
  in.arrivals.pop();
  next_arrival_[port] = in.arrivals.next();
  if (frame.is_pfc) {
    PauseEnvironment environment{*this, port};
    receive_pause(environment, {frame.pfc_enable, frame.quanta}, SimTime{now});
    return;
  }
  Port& out = ports_[frame.out];
  frame.buffer_class = class_of_dscp_[frame.tos >> 2];
  const uint32_t queue = frame.buffer_class >> 4;
  IngressGroup& group = in.groups[frame.buffer_class & 0xf];
  if (fits(pool_, group.held, group.profile, static_cast<int32_t>(frame.bytes))) {
    const bool queue_paused = ((out.paused >> queue) & 1) != 0;
    const bool idle = out.queued == 0 && now >= out.busy_until && !out.transmit_pending && !queue_paused;
    if (idle && !group.held.paused) {
      // It leaves as it comes: what it would hold of the buffer it would give back at once.
      mark(out, queue, frame);
      transmit(out, frame, now);
      return;
    }
    hold(pool_, group.held, group.profile, static_cast<int32_t>(frame.bytes));
  } else if (!admit_beyond_limit(port, frame, now)) {
    return;
  }
  if (!group.profile.lossless && !lossy_queue_takes(out, queue, frame.bytes)) {
    drop(out, DropReason::EgressFull, frame);
    release_buffer(frame, now);
    return;
  }
  mark(out, queue, frame);
  enqueue(out, queue, frame);
  kick(frame.out, now);
}

// Pauses the sender and takes the frame into the headroom, or drops it. False: dropped.
bool TrafficManager::admit_beyond_limit(uint32_t port, const Frame& frame, int64_t now) {
  Port& in = ports_[port];
  const uint32_t group = frame.buffer_class & 0xf;
  IngressGroup& here = in.groups[group];
  const Admission admission = admit(pool_, here.held, here.profile, static_cast<int32_t>(frame.bytes));
  if (admission.pause) {
    ++in.counters.pauses_sent;
    send_pfc(port, group, true, now);
  }
  if (!admission.admitted) drop(in, admission.reason, frame);
  return admission.admitted;
}

bool TrafficManager::lossy_queue_takes(const Port& out, uint32_t queue, uint32_t bytes) const {
  return out.queues[queue].bytes + bytes <= lossy_egress_threshold_.of(pool_.size - pool_.used);
}

void TrafficManager::mark(Port& out, uint32_t queue, Frame& frame) {
  const bool capable = (frame.tos & ecn::kMask) != ecn::kNotEct;
  if (!capable || !markers_[queue].marks(out.queues[queue].bytes, random_)) return;
  // One that came marked needs no rewriting, but this queue was congested all the same.
  ++out.counters.ecn_marked;
  frame.marked = (frame.tos & ecn::kMask) != ecn::kCe;
  frame.tos |= ecn::kCe;
}

void TrafficManager::drop(Port& where, DropReason reason, const Frame& frame) {
  ++where.counters.drops[static_cast<size_t>(reason)];
  dropped_.push_back(frame.handle);
}

void TrafficManager::release_buffer(const Frame& left, int64_t now) {
  const uint32_t group = left.buffer_class & 0xf;
  IngressGroup& from = ports_[left.in].groups[group];
  if (release(pool_, from.held, from.profile, static_cast<int32_t>(left.bytes)))
    send_pfc(left.in, group, false, now);
}

void TrafficManager::enqueue(Port& port, uint32_t queue, const Frame& frame) {
  port.queues[queue].frames.push(frame);
  port.queues[queue].bytes += frame.bytes;
  port.queued |= static_cast<uint16_t>(1u << queue);
  port.queued_bytes += frame.bytes;
  port.counters.max_queue_bytes = std::max<uint64_t>(port.counters.max_queue_bytes, port.queued_bytes);
}

// Something may have become sendable.
void TrafficManager::kick(uint32_t port, int64_t now) {
  if (ports_[port].transmit_pending) return;
  if (now >= ports_[port].busy_until) {
    serve(port, now);
  } else {
    expect_transmit_end(port);
  }
}

void TrafficManager::serve(uint32_t index, int64_t now) {
  Port& port = ports_[index];
  if (port.eligible() == 0) return;
  const uint32_t number = 31u - static_cast<uint32_t>(__builtin_clz(port.eligible()));
  Queue& queue = port.queues[number];
  const Frame frame = queue.frames.front();
  queue.frames.pop();
  queue.bytes -= frame.bytes;
  port.queued_bytes -= frame.bytes;
  if (queue.frames.empty()) port.queued &= static_cast<uint16_t>(~(1u << number));
  transmit(port, frame, now);
  if (number != kControlQueue) release_buffer(frame, now);
  if (port.eligible() != 0) expect_transmit_end(index);
}

void TrafficManager::transmit(Port& port, const Frame& frame, int64_t now) {
  port.busy_until = now + serialisation_ps(frame.bytes, port.ps_per_byte);
  ++port.counters.tx_packets;
  port.counters.tx_bytes += frame.bytes;
  port.counters.tx_data_packets += frame.is_data ? 1 : 0;
  port.departures.push({port.busy_until, frame});
}

void TrafficManager::expect_transmit_end(uint32_t port) {
  ports_[port].transmit_pending = true;
  transmit_end_[port] = ports_[port].busy_until;
}

void TrafficManager::send_pfc(uint32_t index, uint32_t group, bool pause, int64_t now) {
  Port& port = ports_[index];
  const uint8_t priority = pfc_of_group_[group];
  Frame frame;
  frame.is_pfc = true;
  frame.bytes = wire::kPfcFrame;
  frame.pfc_enable = static_cast<uint8_t>(1u << priority);
  frame.quanta[priority] = static_cast<uint16_t>(pause ? pause_quanta_ : 0);
  if (pause) {
    // Repeated at half time, so that the peer does not start again while we still need it to stand.
    int64_t& refresh_at = port.groups[group].refresh_at;
    refresh_at = now + pause_duration(pause_quanta_, port.ps_per_byte).ps / 2;
    timers_.push({refresh_at, kRefreshPause, index, group});
  }
  ++port.counters.pfc_frames_sent;
  enqueue(port, kControlQueue, frame);
  kick(index, now);
}

void TrafficManager::on_timer(const Timer& timer, int64_t now) {
  if (timer.kind != kRefreshPause) {
    PauseEnvironment environment{*this, timer.port};
    on_pause_timer(environment, static_cast<PauseTimer>(timer.kind), timer.priority, SimTime{now});
    return;
  }
  const IngressGroup& group = ports_[timer.port].groups[timer.priority];
  if (group.held.paused && group.refresh_at == now) send_pfc(timer.port, timer.priority, true, now);
}

void TrafficManager::reset_counters(int64_t now) {
  for (Port& port : ports_) {
    port.counters = {};
    PauseState fresh;
    for (uint32_t queue = 0; queue < kPriorities; ++queue)
      if (port.pauses.paused(queue)) fresh.pause(queue, port.pauses.until(queue), SimTime{now});
    port.pauses = fresh;
  }
}

void TrafficManager::clear() {
  const auto give_up = [this](const Frame& frame) {
    if (frame.handle != nullptr) dropped_.push_back(frame.handle);
  };
  for (Port& port : ports_) {
    for (Queue& queue : port.queues)
      for (; !queue.frames.empty(); queue.frames.pop()) give_up(queue.frames.front());
    for (; !port.arrivals.empty(); port.arrivals.pop()) give_up(port.arrivals.front());
    for (; !port.departures.empty(); port.departures.pop()) give_up(port.departures.front().frame);
  }
}

}  // namespace railyard::lab
