// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>

#include <tl/expected.hpp>

#include "traffic/units/quantity.h"

namespace railyard::lab {

namespace control {
class Probe;
}

constexpr uint32_t kProbeKinds = 16;
// A player is deaf to its controller for so long.
constexpr SimTime kLongestProbe = SimTime::seconds(30);
// At its end nothing is sent any more, so that what is on the way arrives within it.
constexpr SimTime kProbeSettles = SimTime::milliseconds(200);
constexpr int64_t kMostProbeBins = 1'000;

// Holds a probe, of a plan with so many endpoints, to what takes neither all time nor all memory. The error
// names what is out of range.
tl::expected<void, std::string> check_probe(const control::Probe& probe, size_t endpoints);

}  // namespace railyard::lab
