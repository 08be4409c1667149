// SPDX-License-Identifier: BSD-3-Clause
// Numbers as people read them in tables: few digits and a unit that suits.
#pragma once

#include <string>

#include "traffic/record/metric_catalogue.h"
#include "traffic/record/paired_test.h"
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

// "1.37 ms"; in a unit that suits it, or in that of its neighbours.
std::string quantity(double value, record::Unit unit);
std::string quantity(double value, record::Unit unit, const DisplayUnit& display);

// "1.374 ±0.019": the mean and the half-width of its 95 % interval, to two digits of the latter; "±<0.01"
// where that is less than the mean's last digit. The mean alone where there is one seed, or all agree.
std::string mean_and_interval(const record::Spread& spread, record::Unit unit, const DisplayUnit& display);

// The decimals that show two values to two digits each, and tell them apart.
int decimals_apart(double low, double high, const DisplayUnit& display);
std::string with_decimals(double value, int decimals, const DisplayUnit& display);
// To three significant digits.
std::string with_digits(double value, const DisplayUnit& display);

// "0.80 to 3.93 ms": the ends to two digits of half their distance.
std::string interval(const record::Range& range, const DisplayUnit& display);

// "p = 0.32", "p = 0.032", "p < 0.001".
std::string probability(double p);

// "12 %", "4.2 %", "0.41 %".
std::string percent(double fraction);
// Of a bound that somebody set: "1 %", "2.5 %".
std::string stated_percent(double fraction);

}  // namespace railyard::report
