// SPDX-License-Identifier: BSD-3-Clause
// How both ends of a session show that they know the token without sending it: each says a nonce, and each
// answers with a proof that only the token and both nonces make. The controller proves first, so that a
// stranger who dials gets nothing to try guesses on.
#pragma once

#include <cstddef>
#include <string>

namespace railyard::lab {

constexpr size_t kNonceBytes = 32;

// From the kernel's random numbers.
std::string make_nonce();

struct Nonces {
  std::string controller, player;
};

enum class End { Controller, Player };

// HMAC-SHA256 [RFC 2104] of who speaks and both nonces, keyed by the token. Whose proof it is stands in it,
// so that one end's cannot be shown as the other's.
std::string proof_of(const std::string& token, End who, const Nonces& nonces);

// How long it takes does not depend on what differs.
bool is_proof(const std::string& shown, const std::string& token, End who, const Nonces& nonces);

}  // namespace railyard::lab
