// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/protocol/wire/icrc.h"

#include <isa-l/crc.h>
#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <array>

namespace railyard {
namespace {

constexpr size_t kLrh = 8;
constexpr size_t kHeaders = 20 + 8 + 12;  // IPv4, UDP, BTH

// Where the variant fields stand, from the IPv4 header on.
constexpr std::array<size_t, 7> kVariantBytes = {1, 8, 10, 11, 20 + 6, 20 + 7, 20 + 8 + 4};

// ISA-L 2.30 returns from its AVX-512 code without VZEROUPPER, and whatever uses SSE afterwards, in all of
// the thread, waits for the upper halves of its registers: the headers' CRC then took 165 ns instead of 20.
#if defined(__x86_64__)
__attribute__((target("avx"))) void clear_upper_halves() {
  _mm256_zeroupper();
}
uint32_t crc_of(uint32_t before, const uint8_t* bytes, size_t size) {
  const uint32_t crc = crc32_gzip_refl(before, bytes, size);
  if (__builtin_cpu_supports("avx")) clear_upper_halves();
  return crc;
}
#else
uint32_t crc_of(uint32_t before, const uint8_t* bytes, size_t size) {
  return crc32_gzip_refl(before, bytes, size);
}
#endif

// The headers of every packet, and those that answer whole: one call for them.
constexpr size_t kHead = kHeaders + 16;

// Of the first `size` bytes of an IPv4 packet, 40 to kHead.
uint32_t crc_of_head(const uint8_t* ipv4, size_t size) {
  std::array<uint8_t, kLrh + kHead> masked;
  std::fill_n(masked.begin(), kLrh, 0xff);
  std::copy_n(ipv4, size, masked.begin() + kLrh);
  for (size_t offset : kVariantBytes) masked[kLrh + offset] = 0xff;
  return crc_of(0, masked.data(), kLrh + size);
}

uint32_t crc_of_packet(const uint8_t* ipv4, size_t size) {
  const size_t head = std::min(size, kHead);
  const uint32_t crc = crc_of_head(ipv4, head);
  return size > head ? crc_of(crc, ipv4 + head, size - head) : crc;
}

}  // namespace

uint32_t icrc(const uint8_t* ipv4, size_t size) {
  return crc_of_packet(ipv4, size);
}

ConstantPayloadIcrc::ConstantPayloadIcrc(const uint8_t* payload, size_t size)
    : of_payload_(crc_of(0, payload, size)) {
  const uLong shift = crc32_combine_gen(static_cast<z_off_t>(size));
  for (size_t byte = 0; byte < kBytes; ++byte) {
    for (size_t value = 0; value < shifted_[byte].size(); ++value) {
      shifted_[byte][value] = static_cast<uint32_t>(crc32_combine_op(value << (8 * byte), 0, shift));
    }
  }
}

uint32_t ConstantPayloadIcrc::icrc(const uint8_t* ipv4, size_t headers) const {
  const uint32_t crc = crc_of_packet(ipv4, headers);
  uint32_t result = of_payload_;
  for (size_t byte = 0; byte < kBytes; ++byte) result ^= shifted_[byte][crc >> (8 * byte) & 0xff];
  return result;
}

}  // namespace railyard
