// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>

#include "traffic/units/quantity.h"

namespace railyard {

enum class ProgressStyle : uint8_t {
  None,
  Line,       // one line, written over ten times a second
  Heartbeat,  // a line every ten seconds, for logs
};

// How far a series of runs is, and how long the rest will take if it goes on as until now.
class ProgressMeter {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  ProgressMeter(std::ostream& out, ProgressStyle style, size_t run_count,
                Clock clock = std::chrono::steady_clock::now);
  ~ProgressMeter();
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;

  // `what` names the run: "pfc-only, seed 2".
  void begin_run(std::string what);
  void update(SimTime simulated, double fraction_done);
  void end_run();

 private:
  std::string text(SimTime simulated, double fraction_done) const;
  void clear_line();

  std::ostream& out_;
  ProgressStyle style_;
  size_t run_count_;
  Clock clock_;
  std::chrono::steady_clock::time_point start_, last_;
  size_t done_ = 0;
  std::string what_;
  bool shown_ = false;
};

// "0:07", "12:30", "1:02:03".
std::string format_seconds(double seconds);

}  // namespace railyard
