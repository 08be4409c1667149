// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <nettle/sha2.h>

#include <string>
#include <string_view>

namespace railyard {

// SHA-256 of what is added piece by piece.
class Sha256 {
 public:
  Sha256() { sha256_init(&context_); }
  void add(std::string_view bytes);
  // In hexadecimal. The next piece begins anew.
  std::string finish();

 private:
  sha256_ctx context_;
};

// In hexadecimal.
std::string sha256(std::string_view bytes);

}  // namespace railyard
