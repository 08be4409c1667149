// SPDX-License-Identifier: BSD-3-Clause
// Network byte order. No alignment is asked of the buffers. The fixed sizes go by words, which compilers do
// not make of bytes by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace railyard {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are swapped below");

// Writes the low `size` bytes of `value`, the most significant first.
inline void store_be(uint8_t* out, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(value >> (8 * (size - 1 - i)));
}

inline uint64_t load_be(const uint8_t* in, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | in[i];
  return value;
}

inline void store_be16(uint8_t* out, uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(out, &value, sizeof value);
}
inline void store_be24(uint8_t* out, uint32_t value) {
  store_be(out, value, 3);
}
inline void store_be32(uint8_t* out, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, sizeof value);
}
inline void store_be64(uint8_t* out, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(out, &value, sizeof value);
}

inline uint16_t load_be16(const uint8_t* in) {
  uint16_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return __builtin_bswap16(value);
}
inline uint32_t load_be24(const uint8_t* in) {
  return static_cast<uint32_t>(load_be(in, 3));
}
inline uint32_t load_be32(const uint8_t* in) {
  uint32_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return __builtin_bswap32(value);
}
inline uint64_t load_be64(const uint8_t* in) {
  uint64_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return __builtin_bswap64(value);
}

}  // namespace railyard
