// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/icrc.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace railyard {
namespace {

constexpr size_t kLrh = 8;
constexpr size_t kHeaders = 20 + 8 + 12;  // IPv4, UDP, BTH

// Where the variant fields stand, from the IPv4 header on.
constexpr std::array<size_t, 7> kVariantBytes = {1, 8, 10, 11, 20 + 6, 20 + 7, 20 + 8 + 4};

}  // namespace

uint32_t icrc(const uint8_t* ipv4, size_t size) {
  std::array<uint8_t, kLrh + kHeaders> masked;
  std::fill_n(masked.begin(), kLrh, 0xff);
  std::copy_n(ipv4, kHeaders, masked.begin() + kLrh);
  for (size_t offset : kVariantBytes) masked[kLrh + offset] = 0xff;

  const uLong crc = crc32_z(0, masked.data(), masked.size());
  return static_cast<uint32_t>(crc32_z(crc, ipv4 + kHeaders, size - kHeaders));
}

}  // namespace railyard
