// SPDX-License-Identifier: BSD-3-Clause
// A fabric played more slowly than it is: every time is multiplied by a factor and every rate divided by it,
// so that bytes in flight, in queues and at thresholds stay what they were. The simulator's times then are
// exact multiples, but for the rates that congestion control computes, which are whole bits per second.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "tools/scenario/scenario.h"
#include "traffic/pattern/trace/rank_source.h"

namespace railyard {

constexpr double kMostTimeScale = 1e6;

// The scenario as it is played: fabric, switches, NICs, congestion control, starts, limits, samples, the
// soft switch's faults and expectations by its own lab.time_scale. Traces are scaled by themselves, generated
// ones after they were made. Rates are rounded to a bit per second. ack_timeout, an exponent of 2, grows by
// log2 of the factor, rounded to a whole number (up to 41 % off), and is at most 31. The error names a value
// that becomes too large or 0.
tl::expected<Scenario, std::string> scaled(Scenario scenario);

// With compute times multiplied.
std::shared_ptr<const trace::RankSource> scaled(std::shared_ptr<const trace::RankSource> source,
                                                uint32_t time_scale);

// "time scale 1000: 100Gbps is played at 100Mbps"; empty at a scale of 1.
std::string time_scale_in_words(const Scenario& scenario);

}  // namespace railyard
