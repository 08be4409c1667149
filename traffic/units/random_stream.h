// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace railyard {

// A small, fast random stream: each node has its own, so that no result depends on the order in which nodes
// run. [Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016:
// xorshift64*; the seed is spread with Steele et al.'s SplitMix64]
class RandomStream {
 public:
  RandomStream(uint64_t seed, uint64_t stream)
      : state_(mix(seed + 0x9e3779b97f4a7c15ull * (stream + 1)) | 1) {}

  uint32_t operator()() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1dull) >> 32);
  }

  // Uniform below n (Lemire's multiply-shift; the bias for n far below 2^32 is negligible here).
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((uint64_t{(*this)()} * n) >> 32); }

  static constexpr uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace railyard
