// SPDX-License-Identifier: BSD-3-Clause
// Priority-based flow control, both ways: pauses that the switch sends and pauses that it obeys.
#include "dpdk-app/softswitch/traffic_manager.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {

void TrafficManager::receive_pfc(uint32_t index, const Frame& frame, int64_t now) {
  Port& port = ports_[index];
  for (uint32_t priority = 0; priority < kPriorities; ++priority) {
    if (((frame.pfc_enable >> priority) & 1) == 0) continue;
    const uint16_t quanta = frame.quanta[priority];
    if (extra_pfc_response_ps_ > 0) {
      const TimerKind kind = quanta != 0 ? TimerKind::PauseTakesEffect : TimerKind::ResumeTakesEffect;
      timers_.push({now + extra_pfc_response_ps_, kind, index, priority});
      if (quanta != 0) port.announced[priority] = quanta;
    } else if (quanta != 0) {
      start_pause(index, queue_of_pfc_[priority], quanta, now);
    } else {
      end_pause(index, queue_of_pfc_[priority], now);
    }
  }
}

void TrafficManager::start_pause(uint32_t index, uint32_t queue, uint32_t quanta, int64_t now) {
  Port& port = ports_[index];
  const int64_t until = now + pause_duration_ps(quanta, port.ps_per_byte);
  timers_.push({until, TimerKind::PauseRunsOut, index, queue});
  port.paused |= static_cast<uint16_t>(1u << queue);
  port.pauses.pause(queue, until, now);
}

void TrafficManager::end_pause(uint32_t index, uint32_t queue, int64_t now) {
  Port& port = ports_[index];
  const int64_t since = port.pauses.since(queue);
  if (!port.pauses.resume(queue, now)) return;
  if (pause_log_ != nullptr) {
    pause_log_->push_back({static_cast<uint16_t>(index), static_cast<uint8_t>(queue), since, now});
  }
  port.paused &= static_cast<uint16_t>(~(1u << queue));
  kick(index, now);
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
    refresh_at = now + pause_duration_ps(pause_quanta_, port.ps_per_byte) / 2;
    timers_.push({refresh_at, TimerKind::RefreshPause, index, group});
  }
  ++port.counters.pfc_frames_sent;
  enqueue(port, kControlQueue, frame);
  kick(index, now);
}

void TrafficManager::on_timer(const Timer& timer, int64_t now) {
  Port& port = ports_[timer.port];
  switch (timer.kind) {
    case TimerKind::PauseRunsOut:  // of a queue, not a priority; a refresh may have come meanwhile
      if (now >= port.pauses.until(timer.priority)) end_pause(timer.port, timer.priority, now);
      break;
    case TimerKind::PauseTakesEffect:
      start_pause(timer.port, queue_of_pfc_[timer.priority], port.announced[timer.priority], now);
      break;
    case TimerKind::ResumeTakesEffect:
      end_pause(timer.port, queue_of_pfc_[timer.priority], now);
      break;
    case TimerKind::RefreshPause: {
      const IngressGroup& group = port.groups[timer.priority];
      if (group.held.paused && group.refresh_at == now) send_pfc(timer.port, timer.priority, true, now);
      break;
    }
  }
}

}  // namespace railyard::lab
