// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/digest.h"

#include <nettle/sha2.h>

#include <array>

#include <fmt/format.h>

namespace railyard {

std::string sha256(std::string_view bytes) {
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, bytes.size(), reinterpret_cast<const uint8_t*>(bytes.data()));
  std::array<uint8_t, SHA256_DIGEST_SIZE> digest;
  sha256_digest(&context, digest.size(), digest.data());
  std::string hexadecimal;
  for (const uint8_t byte : digest) hexadecimal += fmt::format("{:02x}", byte);
  return hexadecimal;
}

}  // namespace railyard
