// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/control/token_proof.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <array>

namespace railyard::lab {

std::string make_nonce() {
  std::string nonce(kNonceBytes, '\0');
  // It fails for more than 256 bytes only [getentropy(3)]. The other end refuses a nonce of another length.
  if (getentropy(nonce.data(), nonce.size()) != 0) nonce.clear();
  return nonce;
}

std::string proof_of(const std::string& token, End who, const Nonces& nonces) {
  const std::string said = (who == End::Controller ? "railyard controller" : "railyard player") +
                           nonces.controller + nonces.player;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hmac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
       reinterpret_cast<const unsigned char*>(said.data()), said.size(), hmac.data(), &size);
  return {reinterpret_cast<const char*>(hmac.data()), size};
}

bool is_proof(const std::string& shown, const std::string& token, End who, const Nonces& nonces) {
  const std::string right = proof_of(token, who, nonces);
  return !right.empty() && shown.size() == right.size() &&
         CRYPTO_memcmp(shown.data(), right.data(), right.size()) == 0;
}

}  // namespace railyard::lab
