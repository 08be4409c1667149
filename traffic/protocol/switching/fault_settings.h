// SPDX-License-Identifier: BSD-3-Clause
// What is wrong with a link: set by name, and changed while frames flow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/units/quantity.h"

namespace railyard {

enum class CorruptPart : uint8_t { Frame, Payload };

// Of one direction of one link.
struct FaultSettings {
  double drop = 0, corrupt = 0, duplicate = 0, reorder = 0;  // % of the frames
  CorruptPart corrupt_part = CorruptPart::Frame;
  SimTime reorder_delay = SimTime::milliseconds(1);
  SimTime delay, jitter;
  bool down = false;

  bool any() const {
    return drop > 0 || corrupt > 0 || duplicate > 0 || reorder > 0 || delay.ps > 0 || jitter.ps > 0 || down;
  }
};

const std::vector<Parameter<FaultSettings>>& parameters_of(const FaultSettings*);

// Seen from the switch.
enum class Direction : uint8_t { In, Out };

struct PortFaults {
  FaultSettings in, out;
};

// Sets a fault by its path: "drop" of every port in both directions, "2.drop" of port 2, "out.drop",
// "2.in.drop". A share may be written with a percent sign. The error quotes the path and says what would be
// right.
tl::expected<void, std::string> set_fault(std::vector<PortFaults>& ports, std::string_view path,
                                          std::string_view text);

}  // namespace railyard
