// SPDX-License-Identifier: BSD-3-Clause
// Strong types for the three quantities every part of the project exchanges. They cost nothing at run time.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace railyard {

// An instant or a duration of virtual or real time, in integer picoseconds (400 Gb/s is 20 ps a byte).
// The range is 106 days.
struct SimTime {
  int64_t ps = 0;

  static constexpr SimTime picoseconds(int64_t n) { return {n}; }
  static constexpr SimTime nanoseconds(int64_t n) { return {n * 1'000}; }
  static constexpr SimTime microseconds(int64_t n) { return {n * 1'000'000}; }
  static constexpr SimTime milliseconds(int64_t n) { return {n * 1'000'000'000}; }
  static constexpr SimTime seconds(int64_t n) { return {n * 1'000'000'000'000}; }
  // Later than any event: what a deadline that is not set holds.
  static constexpr SimTime never() { return {std::numeric_limits<int64_t>::max()}; }

  constexpr double to_seconds() const { return static_cast<double>(ps) * 1e-12; }
  constexpr double to_microseconds() const { return static_cast<double>(ps) * 1e-6; }

  constexpr SimTime& operator+=(SimTime o) { return ps += o.ps, *this; }
  constexpr SimTime& operator-=(SimTime o) { return ps -= o.ps, *this; }
  friend constexpr SimTime operator+(SimTime a, SimTime b) { return {a.ps + b.ps}; }
  friend constexpr SimTime operator-(SimTime a, SimTime b) { return {a.ps - b.ps}; }
  friend constexpr SimTime operator*(SimTime a, int64_t n) { return {a.ps * n}; }
  friend constexpr int64_t operator/(SimTime a, SimTime b) { return a.ps / b.ps; }  // how often b fits into a
  friend constexpr SimTime operator/(SimTime a, int64_t n) { return {a.ps / n}; }
  friend constexpr bool operator==(SimTime a, SimTime b) { return a.ps == b.ps; }
  friend constexpr bool operator!=(SimTime a, SimTime b) { return a.ps != b.ps; }
  friend constexpr bool operator<(SimTime a, SimTime b) { return a.ps < b.ps; }
  friend constexpr bool operator<=(SimTime a, SimTime b) { return a.ps <= b.ps; }
  friend constexpr bool operator>(SimTime a, SimTime b) { return a.ps > b.ps; }
  friend constexpr bool operator>=(SimTime a, SimTime b) { return a.ps >= b.ps; }
};

// A number of bytes.
struct Bytes {
  uint64_t n = 0;

  friend constexpr Bytes operator+(Bytes a, Bytes b) { return {a.n + b.n}; }
  friend constexpr bool operator==(Bytes a, Bytes b) { return a.n == b.n; }
  friend constexpr bool operator!=(Bytes a, Bytes b) { return a.n != b.n; }
  friend constexpr bool operator<(Bytes a, Bytes b) { return a.n < b.n; }
};

// Bits a second, as a link's speed is quoted: with preamble and inter-frame gap, without line coding.
struct BitRate {
  uint64_t bps = 0;

  static constexpr BitRate gigabits(uint64_t n) { return {n * 1'000'000'000}; }
  static constexpr BitRate megabits(uint64_t n) { return {n * 1'000'000}; }

  static constexpr BitRate of_ps_per_byte(int64_t ps) {
    return {kBytePicosecondBits / static_cast<uint64_t>(ps)};
  }

  // Whether a byte lasts a whole number of picoseconds: so it does at every standard Ethernet rate.
  constexpr bool is_whole_ps_per_byte() const { return bps != 0 && kBytePicosecondBits % bps == 0; }
  constexpr int64_t ps_per_byte() const { return static_cast<int64_t>(kBytePicosecondBits / bps); }

  // How long so many bytes last, rounded up to a picosecond. The rate must not be 0.
  SimTime time_of(Bytes bytes) const;

  friend constexpr bool operator==(BitRate a, BitRate b) { return a.bps == b.bps; }
  friend constexpr bool operator!=(BitRate a, BitRate b) { return a.bps != b.bps; }
  friend constexpr bool operator<(BitRate a, BitRate b) { return a.bps < b.bps; }

 private:
  static constexpr uint64_t kBytePicosecondBits = 8'000'000'000'000;
};

// Parsers take a number, optional blanks and a unit; they never guess a unit that is missing (except for 0).
// The error says what was found and which units exist.
//   time  ps ns us ms s                       "12.5us"
//   bytes B kB MB GB KiB MiB GiB (and K M G as powers of 1024, as perftest and nccl-tests read them)  "4KiB"
//   rate  bps kbps Mbps Gbps Tbps, also written b/s, kb/s, ... and bit, kbit, ...   "100Gbps", "40 Mb/s"
tl::expected<SimTime, std::string> parse_time(std::string_view text);
tl::expected<Bytes, std::string> parse_bytes(std::string_view text);
tl::expected<BitRate, std::string> parse_rate(std::string_view text);

// The shortest exact text that the parser reads back to the same value.
std::string format(SimTime t);
std::string format(Bytes b);
std::string format(BitRate r);

// To four digits, in the largest unit that leaves a whole one: "549.8 s". For sentences.
std::string format_rounded(SimTime t);

}  // namespace railyard
