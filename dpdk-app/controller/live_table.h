// SPDX-License-Identifier: BSD-3-Clause
// How a run goes, while it goes: one line a player, redrawn in place on a terminal, else a line now and then.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "dpdk-app/controller/lab_run.h"

namespace railyard::lab {

enum class LiveStyle : uint8_t {
  None,
  Redrawn,    // ten times a second
  Heartbeat,  // a line every ten seconds, for logs
};

class LiveTable {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  LiveTable(std::ostream& out, LiveStyle style, unsigned width, Clock clock = std::chrono::steady_clock::now);
  ~LiveTable();  // takes the table off the terminal
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;

  // `what` names the run: "pfc-only, seed 2".
  void begin(std::string what);
  void update(const std::vector<PlayerState>& players, SimTime lateness_limit);

 private:
  void erase();

  std::ostream& out_;
  LiveStyle style_;
  unsigned width_;
  Clock clock_;
  std::string what_;
  std::chrono::steady_clock::time_point last_;
  size_t lines_ = 0;  // that stand on the terminal
};

// The table as text, no line longer than `width` (at least 60); it ends in a line end.
std::string live_text(const std::string& what, const std::vector<PlayerState>& players,
                      SimTime lateness_limit, unsigned width);

}  // namespace railyard::lab
