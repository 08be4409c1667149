// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/draws.h"

#include <cmath>

namespace railyard::workload {
namespace {

constexpr double kLn2 = 0.693147180559945309417;

// FNV-1a [Fowler, Noll, Vo], with the index as eight more bytes.
uint64_t stream_of(std::string_view name, uint64_t index) {
  constexpr uint64_t kBasis = 0xcbf29ce484222325, kPrime = 0x100000001b3;
  uint64_t hash = kBasis;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  for (int byte = 0; byte < 8; ++byte) hash = (hash ^ (index >> (8 * byte) & 0xff)) * kPrime;
  return hash;
}

}  // namespace

// x = m 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh((m - 1) / (m + 1)), whose series has then reached
// double precision at its twelfth term.
double natural_logarithm(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  constexpr double kSqrtHalf = 0.70710678118654752440;
  if (m < kSqrtHalf) m *= 2, --exponent;
  const double t = (m - 1) / (m + 1), t2 = t * t;
  double sum = 0, power = t;
  for (int n = 1; n <= 23; n += 2) {
    sum += power / n;
    power *= t2;
  }
  return 2 * sum + exponent * kLn2;
}

// e^x = 2^k e^r with |r| <= ln 2 / 2, whose series has then reached double precision at its 16th term.
double exponential_function(double x) {
  const double k = std::floor(x / kLn2 + 0.5), r = x - k * kLn2;
  double sum = 1, term = 1;
  for (int n = 1; n <= 16; ++n) {
    term *= r / n;
    sum += term;
  }
  return std::ldexp(sum, static_cast<int>(k));
}

Draws::Draws(uint64_t seed, std::string_view name, uint64_t index) : random_(seed, stream_of(name, index)) {}

double Draws::uniform() {
  constexpr double kTwo53 = 9007199254740992;
  const uint64_t high = random_() >> 5, low = random_() >> 6;  // 27 and 26 bits
  return static_cast<double>(high << 26 | low) / kTwo53;
}

uint64_t Draws::below(uint64_t n) {
  return static_cast<uint64_t>(uniform() * static_cast<double>(n));
}

double Draws::exponential() {
  return -natural_logarithm(1 - uniform());
}

double Draws::normal() {
  for (;;) {
    const double u = 2 * uniform() - 1, v = 2 * uniform() - 1, s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * natural_logarithm(s) / s);
  }
}

double Draws::lognormal(double deviation) {
  const double variance = natural_logarithm(1 + deviation * deviation);
  return exponential_function(std::sqrt(variance) * normal() - variance / 2);
}

}  // namespace railyard::workload
