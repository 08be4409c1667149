// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/workload.h"
#include "traffic/units/quantity.h"

namespace railyard {

// Every rank sends to one other and receives from one other: the pattern that shows hash collisions.
struct PermutationSettings {
  uint32_t ranks = 16;
  Bytes bytes = {1'048'576};  // each message
  uint32_t shift = 0;         // rank i sends to i + shift; 0: drawn by the seed
  uint64_t seed = 1;
  uint32_t repeat = 1;  // messages of each rank, one after another
};

// The destination of each rank; nobody sends to itself. By Sattolo's algorithm: one cycle through all ranks,
// each such cycle equally likely. The same seed gives the same answer on every machine.
std::vector<uint32_t> random_cycle(uint32_t ranks, uint64_t seed);

// The error is one sentence: a setting out of range.
tl::expected<trace::Trace, std::string> make_permutation(const PermutationSettings& settings);

const std::vector<Parameter<PermutationSettings>>& parameters_of(const PermutationSettings*);
Workload permutation_workload();

}  // namespace railyard
