// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/digest.h"

#include <array>

#include <fmt/format.h>

namespace railyard {

void Sha256::add(std::string_view bytes) {
  sha256_update(&context_, bytes.size(), reinterpret_cast<const uint8_t*>(bytes.data()));
}

std::string Sha256::finish() {
  std::array<uint8_t, SHA256_DIGEST_SIZE> digest;
  sha256_digest(&context_, digest.size(), digest.data());
  std::string hexadecimal;
  for (const uint8_t byte : digest) hexadecimal += fmt::format("{:02x}", byte);
  return hexadecimal;
}

std::string sha256(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.finish();
}

}  // namespace railyard
