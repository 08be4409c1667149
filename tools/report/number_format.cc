// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace railyard::report {
namespace {

using record::Unit;

constexpr int kSignificantDigits = 4;
// An uncertainty of more digits is none (JCGM 100:2008, 7.2.6).
constexpr int kIntervalDigits = 2;
constexpr int kMostDecimals = 6;
// Above this a count is shown in millions: its last digits say nothing.
constexpr double kLargestWholeCount = 1e7;

DisplayUnit first_that_fits(double largest, std::initializer_list<DisplayUnit> units) {
  for (const DisplayUnit& unit : units)
    if (largest >= unit.scale) return unit;
  return *(units.end() - 1);
}

int decimals_of(double scaled, int significant_digits) {
  if (scaled == 0) return kMostDecimals;
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(scaled))));
  return std::clamp(significant_digits - 1 - magnitude, 0, kMostDecimals);
}

bool is_whole(double value) {
  return value == std::floor(value);
}

std::string with_thousands(double whole) {
  std::string digits = fmt::format("{:.0f}", whole);
  const size_t start = digits.front() == '-' ? 1 : 0;
  for (size_t i = digits.size(); i > start + 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

int decimals_for(double value, Unit unit, const DisplayUnit& display) {
  const double scaled = value / display.scale;
  if (display.scale == 1 && (unit == Unit::Count || unit == Unit::Size))
    return is_whole(value) || std::abs(value) >= 1000 ? 0 : 1;
  return scaled == 0 ? 0 : decimals_of(scaled, kSignificantDigits);
}

std::string fixed(double scaled, int decimals) {
  if (scaled == 0) return "0";
  return decimals == 0 ? with_thousands(std::round(scaled)) : fmt::format("{:.{}f}", scaled, decimals);
}

}  // namespace

DisplayUnit display_unit(Unit unit, double largest) {
  largest = std::abs(largest);
  switch (unit) {
    case Unit::Time:
      if (largest == 0) return {1e-6, "us"};
      return first_that_fits(largest, {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}});
    case Unit::Rate:
      return first_that_fits(largest, {{1e9, "Gb/s"}, {1e6, "Mb/s"}, {1e3, "kb/s"}, {1, "b/s"}});
    case Unit::Size:
      return first_that_fits(largest, {{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}});
    case Unit::Count:
      return largest >= kLargestWholeCount ? DisplayUnit{1e6, "M"} : DisplayUnit{};
    case Unit::Ratio:
      break;
  }
  return {};
}

std::string number(double value, Unit unit, const DisplayUnit& display) {
  return fixed(value / display.scale, decimals_for(value, unit, display));
}

std::string quantity(double value, Unit unit, const DisplayUnit& display) {
  const std::string digits = number(value, unit, display);
  return display.name.empty() ? digits : digits + " " + display.name;
}

std::string quantity(double value, Unit unit) {
  return quantity(value, unit, display_unit(unit, value));
}

std::string mean_and_interval(const record::Spread& spread, Unit unit, const DisplayUnit& display) {
  if (!spread.half_interval95 || spread.min == spread.max) return number(spread.mean, unit, display);
  const double half = *spread.half_interval95 / display.scale;
  const int decimals = std::min(decimals_for(spread.mean, unit, display), decimals_of(half, kIntervalDigits));
  const double last_digit = std::pow(10, -decimals);
  return fixed(spread.mean / display.scale, decimals) +
         (half < last_digit / 2 ? " ±<" + fixed(last_digit, decimals) : " ±" + fixed(half, decimals));
}

int decimals_apart(double low, double high, const DisplayUnit& display) {
  const double largest = std::max(std::abs(low), std::abs(high)) / display.scale;
  return std::max(decimals_of(largest, 2), low < high ? decimals_of((high - low) / display.scale, 1) : 0);
}

std::string with_digits(double value, const DisplayUnit& display) {
  return fixed(value / display.scale, decimals_of(value / display.scale, 3));
}

std::string with_decimals(double value, int decimals, const DisplayUnit& display) {
  return fixed(value / display.scale, decimals);
}

std::string interval(const record::Range& range, const DisplayUnit& display) {
  const int decimals = decimals_of((range.high - range.low) / 2 / display.scale, kIntervalDigits);
  const std::string ends =
      fixed(range.low / display.scale, decimals) + " to " + fixed(range.high / display.scale, decimals);
  return display.name.empty() ? ends : ends + " " + display.name;
}

std::string probability(double p) {
  if (p < 0.001) return "p < 0.001";
  return fmt::format("p = {:.{}f}", p, p < 0.1 ? 3 : 2);
}

std::string percent(double fraction) {
  const double size = std::abs(fraction);
  // "100 % less" would be nothing at all.
  if (size > 0.99 && size < 1) return "more than 99 %";
  return fmt::format("{:.{}f} %", 100 * fraction, size >= 0.1 ? 0 : size >= 0.01 ? 1 : 2);
}

std::string stated_percent(double fraction) {
  return fmt::format("{:.4g} %", 100 * fraction);
}

}  // namespace railyard::report
