// SPDX-License-Identifier: GPL-2.0-only
#include "tools/railyard/progress_meter.h"

#include <algorithm>
#include <cmath>
#include <ostream>

#include <fmt/format.h>

namespace railyard {
namespace {

using namespace std::chrono_literals;

std::chrono::steady_clock::duration interval_of(ProgressStyle style) {
  return style == ProgressStyle::Line ? std::chrono::steady_clock::duration(100ms)
                                      : std::chrono::steady_clock::duration(10s);
}

}  // namespace

std::string format_seconds(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

ProgressMeter::ProgressMeter(std::ostream& out, ProgressStyle style, size_t run_count, Clock clock)
    : out_(out),
      style_(style),
      run_count_(run_count),
      clock_(std::move(clock)),
      start_(clock_()),
      last_(start_) {}

ProgressMeter::~ProgressMeter() {
  clear_line();
}

void ProgressMeter::begin_run(std::string what) {
  what_ = std::move(what);
}

void ProgressMeter::update(SimTime simulated, double fraction_done) {
  const auto now = clock_();
  if (style_ == ProgressStyle::None || now - last_ < interval_of(style_)) return;
  last_ = now;
  if (style_ == ProgressStyle::Line) {
    clear_line();
    out_ << text(simulated, fraction_done) << std::flush;
    shown_ = true;
  } else {
    out_ << "railyard: " << text(simulated, fraction_done) << std::endl;
  }
}

void ProgressMeter::end_run() {
  ++done_;
}

std::string ProgressMeter::text(SimTime simulated, double fraction_done) const {
  const double elapsed = std::chrono::duration<double>(last_ - start_).count();
  const double share = (static_cast<double>(done_) + std::clamp(fraction_done, 0.0, 1.0)) /
                       static_cast<double>(std::max<size_t>(run_count_, 1));
  // Before anything is done there is nothing to extrapolate from.
  const std::string left =
      share > 0 ? format_seconds(elapsed * (1 - share) / share) + " left" : "time left unknown";
  return fmt::format("run {} of {} ({}): {:.0f} %, {:.3f} ms simulated, {}", done_ + 1, run_count_, what_,
                     fraction_done * 100, simulated.to_microseconds() / 1000, left);
}

void ProgressMeter::clear_line() {
  constexpr const char* kReturnAndErase = "\r\x1b[K";
  if (shown_) out_ << kReturnAndErase << std::flush;
  shown_ = false;
}

}  // namespace railyard
