// SPDX-License-Identifier: BSD-3-Clause
// Random draws that are the same on every machine: logarithm and exponential are computed here, since those
// of the libraries may differ in the last bit.
#pragma once

#include <cstdint>
#include <string_view>

#include "traffic/units/random_stream.h"

namespace railyard::workload {

// A stream of the run's seed, by the name of what draws from it.
class Draws {
 public:
  Draws(uint64_t seed, std::string_view name, uint64_t index = 0);

  double uniform();                    // [0, 1)
  uint64_t below(uint64_t n);          // 0 to n - 1
  double exponential();                // mean 1
  double normal();                     // mean 0, standard deviation 1: Marsaglia's polar method
  double lognormal(double deviation);  // mean 1

 private:
  RandomStream random_;
};

// Of x > 0.
double natural_logarithm(double x);
double exponential_function(double x);

}  // namespace railyard::workload
