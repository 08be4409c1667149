// SPDX-License-Identifier: BSD-3-Clause
// What a scenario says must come out: "fct.p99 < 2ms", "drops == 0".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/record/metrics.h"

namespace railyard {

enum class Relation : uint8_t { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual };

struct Expectation {
  std::string text;     // as the file has it
  std::string setting;  // empty: every setting
  std::string metric;
  Relation relation = Relation::Less;
  double limit = 0;  // in the metric's base unit
};

// The error is one sentence without the place.
tl::expected<Expectation, std::string> parse_expectation(std::string_view text);

// Empty when `summary` meets it, otherwise the reason: "fct.p99 < 2ms: it is 2.310 ms".
std::string unmet_reason(const Expectation& expectation, const record::Summary& summary);

}  // namespace railyard
