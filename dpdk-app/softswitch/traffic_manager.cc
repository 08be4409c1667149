// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/traffic_manager.h"

#include <algorithm>

#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {
namespace {

std::vector<Bytes> headrooms_of(const std::vector<TrafficManagerPort>& ports) {
  std::vector<Bytes> headrooms;
  for (const TrafficManagerPort& port : ports) headrooms.push_back(port.headroom);
  return headrooms;
}

}  // namespace

struct TrafficManager::Environment {
  using Port = TrafficManager::Port;
  using Frame = lab::Frame;

  TrafficManager& manager;

  Port& port(uint32_t index) const { return manager.ports_[index]; }
  Port* route(const Frame& frame) const { return &manager.ports_[frame.out]; }
  static uint32_t depth(const Port& port, uint32_t queue) { return port.queues[queue].bytes; }
  static Frame front(const Port& port, uint32_t queue) { return port.queues[queue].frames.front(); }
  static void pop(Port& port, uint32_t number, const Frame& frame) {
    Queue& queue = port.queues[number];
    queue.frames.pop();
    queue.bytes -= frame.bytes;
    port.counters.queued_bytes -= frame.bytes;
    if (queue.frames.empty()) port.queued &= static_cast<uint16_t>(~(1u << number));
  }
  static void enqueue(Port& port, uint32_t queue, const Frame& frame) {
    port.queues[queue].frames.push(frame);
    port.queues[queue].bytes += frame.bytes;
    port.queued |= static_cast<uint16_t>(1u << queue);
    port.counters.queue(frame.bytes);
  }
  static void enqueue_pause(Port& port, const PauseRequest& request) {
    Frame frame;
    frame.is_pfc = true;
    frame.bytes = wire::kPfcFrame;
    frame.pause = request;
    enqueue(port, kControlQueue, frame);
  }
  static void transmit(Port& port, const Frame& frame, SimTime now) {
    port.begin(frame.bytes, now);
    port.counters.send(frame.bytes, frame.is_data);
    port.departures.push({port.busy_until, frame});
  }
  void discard(const Frame& frame) const {
    manager.run_drops_[manager.drop_reason_] += frame.of_run ? 1 : 0;
    manager.dropped_.push_back(frame.handle);
  }
  void await_end(Port& port) const {
    port.end_awaited = true;
    manager.transmit_end_[port.index] = port.busy_until;
  }
  void set_timer(const Port& port, uint32_t kind, uint32_t which, SimTime at) const {
    manager.timers_.push({at, kind, port.index, which});
  }
  void log(SwitchEvent event, const Port& port, uint32_t value, SimTime now) const {
    if (event == SwitchEvent::Dropped) manager.drop_reason_ = value;
    if (event != SwitchEvent::PauseEnded || manager.pause_log_ == nullptr) return;
    manager.pause_log_->push_back({static_cast<uint16_t>(port.index), static_cast<uint8_t>(value),
                                   manager.core_.pauses(port.index).since(value), now});
  }
  static void marked(const Port&, const Frame&, SimTime) {}
};

TrafficManager::TrafficManager(const TrafficManagerSettings& settings, RandomStream random)
    : core_(settings.switching, headrooms_of(settings.ports), random),
      pipeline_latency_(settings.switching.pipeline_latency),
      ports_(settings.ports.size()),
      transmit_end_(settings.ports.size(), SimTime::never()),
      next_arrival_(settings.ports.size(), SimTime::never()) {
  for (uint32_t i = 0; i < ports_.size(); ++i) {
    ports_[i].index = i;
    ports_[i].ps_per_byte = static_cast<int32_t>(settings.ports[i].ps_per_byte);
  }
}

void TrafficManager::arrive(uint32_t port, Frame frame, SimTime at) {
  frame.in = static_cast<uint16_t>(port);
  ports_[port].arrivals.push({at + pipeline_latency_, frame});
  next_arrival_[port] = ports_[port].arrivals.next();
}

void TrafficManager::send_pause(uint32_t port, const PauseRequest& request, SimTime at) {
  core_.send_pause(Environment{*this}, ports_[port], request, at);
}

SimTime TrafficManager::next_event() const {
  const SimTime timer = timers_.empty() ? SimTime::never() : timers_.top().at;
  return std::min({timer, *std::min_element(transmit_end_.begin(), transmit_end_.end()),
                   *std::min_element(next_arrival_.begin(), next_arrival_.end())});
}

void TrafficManager::advance(SimTime until) {
  while (step(until)) {
  }
}

bool TrafficManager::step(SimTime until) {
  const auto transmit = std::min_element(transmit_end_.begin(), transmit_end_.end());
  const auto arrival = std::min_element(next_arrival_.begin(), next_arrival_.end());
  const SimTime timer = timers_.empty() ? SimTime::never() : timers_.top().at;
  const SimTime now = std::min({*transmit, *arrival, timer});
  if (now > until || now == SimTime::never()) return false;
  if (*transmit == now) {
    Port& port = ports_[static_cast<size_t>(transmit - transmit_end_.begin())];
    *transmit = SimTime::never();
    port.end_awaited = false;
    core_.serve(Environment{*this}, port, now);
  } else if (*arrival == now) {
    on_arrival(static_cast<uint32_t>(arrival - next_arrival_.begin()), now);
  } else {
    const Timer due = timers_.top();
    timers_.pop();
    core_.on_timer(Environment{*this}, ports_[due.port], due.kind, due.which, now);
  }
  return true;
}

void TrafficManager::on_arrival(uint32_t port, SimTime now) {
  Port& in = ports_[port];
  Frame frame = in.arrivals.front().frame;
  in.arrivals.pop();
  next_arrival_[port] = in.arrivals.next();
  if (frame.is_pfc) {
    core_.receive_pause(Environment{*this}, in, frame.pause, now);
  } else {
    core_.arrive(Environment{*this}, in, frame, now);
  }
}

uint64_t TrafficManager::run_frames() const {
  uint64_t count = 0;
  for (const Port& port : ports_) {
    for (const Queue& queue : port.queues)
      for (uint32_t i = 0; i < queue.frames.size(); ++i) count += queue.frames[i].of_run ? 1 : 0;
    for (uint32_t i = 0; i < port.arrivals.size(); ++i) count += port.arrivals.peek(i).frame.of_run ? 1 : 0;
    for (uint32_t i = 0; i < port.departures.size(); ++i) count += port.departures[i].frame.of_run ? 1 : 0;
  }
  return count;
}

void TrafficManager::reset_counters(SimTime now) {
  core_.reset_counters(now);
  run_drops_ = {};
  for (Port& port : ports_) {
    const uint32_t queued = port.counters.queued_bytes;
    port.counters = {};
    port.counters.queued_bytes = queued;
  }
}

void TrafficManager::clear() {
  const auto give_up = [this](const Frame& frame) {
    if (frame.handle != nullptr) dropped_.push_back(frame.handle);
  };
  for (Port& port : ports_) {
    for (Queue& queue : port.queues)
      for (; !queue.frames.empty(); queue.frames.pop()) give_up(queue.frames.front());
    for (; !port.arrivals.empty(); port.arrivals.pop()) give_up(port.arrivals.front().frame);
    for (; !port.departures.empty(); port.departures.pop()) give_up(port.departures.front().frame);
  }
}

}  // namespace railyard::lab
