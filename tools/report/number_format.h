// SPDX-License-Identifier: BSD-3-Clause
// Numbers as people read them in tables: few digits and a unit that suits.
#pragma once

#include <string>

#include "traffic/record/metric_catalogue.h"
#include "traffic/record/statistics.h"

namespace railyard::report {

// A unit to print values of similar size in: value / scale, then the name.
struct DisplayUnit {
  double scale = 1;
  std::string name;  // "us", "Gb/s", "KiB", "k"; empty for plain numbers
};

// The unit that suits `largest`, a value in the base unit of `unit`.
DisplayUnit display_unit(record::Unit unit, double largest);

// `value` to four significant digits without an exponent: "1.374", "13.74", "1,374". Counts and bytes are
// whole, but for small means such as 2.5.
std::string number(double value, record::Unit unit, const DisplayUnit& display);

// "1.37 ms".
std::string quantity(double value, record::Unit unit);

// "1.374 ±0.019": the mean and the half-width of its 95 % interval, to two digits of the latter; the mean
// alone for one seed.
std::string mean_and_interval(const record::Spread& spread, record::Unit unit, const DisplayUnit& display);

// "12 %", "4.2 %", "0.41 %".
std::string percent(double fraction);

}  // namespace railyard::report
