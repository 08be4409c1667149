// SPDX-License-Identifier: BSD-3-Clause
// To which ranks the tokens of a mixture of experts go.
#pragma once

#include <cstdint>
#include <vector>

namespace railyard::llm {

// What part of a layer's tokens each of `ranks` gets, all together 1. Experts are as popular as Zipf's law
// with exponent `skew` has it (0: all alike), in an order that `seed` and the layer choose. `ranks` divides
// `experts`.
std::vector<double> expert_shares(uint32_t experts, uint32_t ranks, double skew, uint64_t seed,
                                  uint32_t layer);

// Sums over `size` neighbours each.
std::vector<double> shares_of_nodes(const std::vector<double>& shares, uint32_t size);

// The same where none may have more than `most` (at least 1 / count): what is above goes to the others, in
// proportion.
std::vector<double> capped(std::vector<double> shares, double most);

// So many tokens by the shares, whole ones, in all as many.
std::vector<uint64_t> split_tokens(uint64_t tokens, const std::vector<double>& shares);

}  // namespace railyard::llm
