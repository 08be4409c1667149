// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/units/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace railyard {
namespace {

struct Unit {
  std::string_view name;
  uint64_t scale;  // in the quantity's base unit
};

// Largest first: format() takes the first that divides the value, parse errors list the table.
constexpr std::array<Unit, 5> kTimeUnits = {
    {{"s", 1'000'000'000'000}, {"ms", 1'000'000'000}, {"us", 1'000'000}, {"ns", 1'000}, {"ps", 1}}};
constexpr std::array<Unit, 7> kByteUnits = {{{"GiB", 1ull << 30},
                                             {"GB", 1'000'000'000},
                                             {"MiB", 1ull << 20},
                                             {"MB", 1'000'000},
                                             {"KiB", 1ull << 10},
                                             {"kB", 1'000},
                                             {"B", 1}}};
constexpr std::array<Unit, 5> kRateUnits = {
    {{"Tbps", 1'000'000'000'000}, {"Gbps", 1'000'000'000}, {"Mbps", 1'000'000}, {"kbps", 1'000}, {"bps", 1}}};

std::string lower(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// "12.5 us" -> 12.5 x scale, exactly: decimal digits are scaled as integers.
struct Scanned {
  unsigned __int128 mantissa = 0;
  unsigned fraction_digits = 0;
  std::string_view unit;
};

std::optional<Scanned> scan(std::string_view text) {
  constexpr unsigned kMostDigits = 24;
  Scanned s;
  size_t i = 0;
  unsigned digits = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point) {
      point = true;
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      if (++digits > kMostDigits) return std::nullopt;
      s.mantissa = s.mantissa * 10 + static_cast<unsigned>(c - '0');
      s.fraction_digits += point ? 1 : 0;
    } else {
      break;
    }
  }
  if (digits == 0) return std::nullopt;
  while (i < text.size() && text[i] == ' ') ++i;
  s.unit = text.substr(i);
  return s;
}

template <size_t N>
std::string list_of(const std::array<Unit, N>& units) {
  std::string out;
  for (auto it = units.rbegin(); it != units.rend(); ++it)
    out += (out.empty() ? "" : ", ") + std::string(it->name);
  return out;
}

template <size_t N, class Canonical>
tl::expected<uint64_t, std::string> parse(std::string_view text, std::string_view what,
                                          std::string_view example, const std::array<Unit, N>& units,
                                          Canonical canonical, uint64_t maximum) {
  const auto bad = [&](std::string_view why) {
    return tl::make_unexpected(fmt::format("'{}' is not a {}: {} (such as {}; units: {})", text, what, why,
                                           example, list_of(units)));
  };
  const auto scanned = scan(text);
  if (!scanned) return bad("it must start with a number that is not negative");
  if (scanned->unit.empty()) {
    if (scanned->mantissa == 0) return 0;
    return bad("the unit is missing");
  }
  const std::string unit = canonical(scanned->unit);
  const auto found = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
  if (found == units.end()) return bad(fmt::format("unknown unit '{}'", scanned->unit));
  unsigned __int128 value = scanned->mantissa * found->scale;
  for (unsigned i = 0; i < scanned->fraction_digits; ++i) {
    if (value % 10 != 0) return bad(fmt::format("it is finer than one {}", units.back().name));
    value /= 10;
  }
  if (value > maximum) return bad("it is too large");
  return static_cast<uint64_t>(value);
}

template <size_t N>
std::string print(uint64_t value, const std::array<Unit, N>& units) {
  if (value == 0) return fmt::format("0{}", units.back().name);
  for (const Unit& u : units)
    if (value % u.scale == 0) return fmt::format("{}{}", value / u.scale, u.name);
  return fmt::format("{}{}", value, units.back().name);
}

constexpr uint64_t kMostSigned = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - 1;

}  // namespace

tl::expected<SimTime, std::string> parse_time(std::string_view text) {
  const auto canonical = [](std::string_view u) { return std::string(u); };
  return parse(text, "time", "12.5us", kTimeUnits, canonical, kMostSigned).map([](uint64_t n) {
    return SimTime{static_cast<int64_t>(n)};
  });
}

tl::expected<Bytes, std::string> parse_bytes(std::string_view text) {
  const auto canonical = [](std::string_view u) {
    const std::string l = lower(u);
    if (l == "k" || l == "kib") return std::string("KiB");
    if (l == "m" || l == "mib") return std::string("MiB");
    if (l == "g" || l == "gib") return std::string("GiB");
    if (l == "kb") return std::string("kB");
    if (l == "mb") return std::string("MB");
    if (l == "gb") return std::string("GB");
    return u == "B" || l == "byte" || l == "bytes" ? std::string("B") : std::string(u);
  };
  return parse(text, "size", "64KiB", kByteUnits, canonical, kMostSigned).map([](uint64_t n) {
    return Bytes{n};
  });
}

tl::expected<BitRate, std::string> parse_rate(std::string_view text) {
  const auto canonical = [](std::string_view u) {
    std::string l = lower(u);
    // Byte rates look alike but for one letter's case: they are refused rather than read as bits.
    if (u.find('B') != std::string_view::npos) return std::string(u);
    for (std::string_view suffix : {"bit/s", "bits/s", "b/s", "bps", "bit"}) {
      if (l.size() >= suffix.size() && std::string_view(l).substr(l.size() - suffix.size()) == suffix) {
        l.resize(l.size() - suffix.size());
        if (l.size() > 1) return std::string(u);
        if (l == "t" || l == "g" || l == "m") l[0] = static_cast<char>(std::toupper(l[0]));
        return l + "bps";
      }
    }
    return std::string(u);
  };
  return parse(text, "rate", "100Gbps", kRateUnits, canonical, kMostSigned).map([](uint64_t n) {
    return BitRate{n};
  });
}

SimTime BitRate::time_of(Bytes bytes) const {
  const unsigned __int128 bit_picoseconds = static_cast<unsigned __int128>(bytes.n) * kBytePicosecondBits;
  return SimTime{static_cast<int64_t>((bit_picoseconds + bps - 1) / bps)};
}

std::string format(SimTime t) {
  if (t == SimTime::never()) return "never";
  return t.ps < 0 ? "-" + print(static_cast<uint64_t>(-t.ps), kTimeUnits)
                  : print(static_cast<uint64_t>(t.ps), kTimeUnits);
}

std::string format(Bytes b) {
  return print(b.n, kByteUnits);
}

std::string format(BitRate r) {
  return print(r.bps, kRateUnits);
}

std::string format_rounded(SimTime t) {
  const auto unit = std::find_if(kTimeUnits.begin(), kTimeUnits.end() - 1,
                                 [&](const Unit& u) { return t.ps >= static_cast<int64_t>(u.scale); });
  return fmt::format("{:.4g} {}", static_cast<double>(t.ps) / static_cast<double>(unit->scale), unit->name);
}

}  // namespace railyard
