// SPDX-License-Identifier: BSD-3-Clause
// Priority-based flow control at the transmitter: which queues a port must not serve. [IEEE 802.1Q-2018
// clause 36]
#pragma once

#include <array>
#include <cstdint>

#include "traffic/units/priority_set.h"

namespace railyard {

// A quantum is the time of 512 bits at the link's rate. [IEEE 802.1Q-2018, 36.1.3.2]
constexpr uint32_t kPauseQuantumBytes = 512 / 8;

constexpr int64_t pause_duration_ps(uint32_t quanta, int64_t ps_per_byte) {
  return int64_t{quanta} * kPauseQuantumBytes * ps_per_byte;
}

// Per queue: until when it is paused, and how long it has been.
class PauseState {
 public:
  bool paused(uint32_t queue) const { return since_[queue] >= 0; }
  int64_t until(uint32_t queue) const { return until_[queue]; }
  int64_t since(uint32_t queue) const { return since_[queue]; }

  // A pause (again): true when the queue was not paused before.
  bool pause(uint32_t queue, int64_t until, int64_t now) {
    until_[queue] = until;
    if (paused(queue)) return false;
    since_[queue] = now;
    ++pauses_;
    return true;
  }

  // A resume frame, or the pause has run out: true when the queue was paused.
  bool resume(uint32_t queue, int64_t now) {
    if (!paused(queue)) return false;
    total_ += now - since_[queue];
    since_[queue] = kNotPaused;
    return true;
  }

  // Quanta of a pause that takes effect later. One value a port: its peer asks for the same every time.
  void announce(uint32_t quanta) { announced_ = quanta; }
  uint32_t announced() const { return announced_; }

  // How often it stopped.
  uint64_t count() const { return pauses_; }

  // Summed over the queues, up to now.
  int64_t total_ps(int64_t now) const {
    int64_t total = total_;
    for (int64_t since : since_) total += since >= 0 ? now - since : 0;
    return total;
  }

 private:
  static constexpr int64_t kNotPaused = -1;
  std::array<int64_t, kPriorities> until_{};
  std::array<int64_t, kPriorities> since_ = filled(kNotPaused);
  int64_t total_ = 0;
  uint64_t pauses_ = 0;
  uint32_t announced_ = 0;

  static constexpr std::array<int64_t, kPriorities> filled(int64_t v) {
    std::array<int64_t, kPriorities> a{};
    for (int64_t& x : a) x = v;
    return a;
  }
};

}  // namespace railyard
