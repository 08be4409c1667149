// SPDX-License-Identifier: GPL-2.0-only
// The yardsticks of the engine: named workloads, those of W and K the same as other simulators are measured
// with (docs/benchmarks.md describes each).
//
// All: 100 Gb/s, 1 us links, payload of 1000 B, an ACK per packet, the default congestion control, PFC with
// a Tomahawk 2's buffer (the defaults of SwitchSettings), ECN with Kmin 100 kB, Kmax 400 kB, Pmax 20 % (what
// HPCC's simulator is run with at 100 Gb/s), no telemetry; but for what a case's help says.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ns3-modules/replay/model/replay.h"
#include "traffic/units/quantity.h"

namespace railyard::bench {

struct EngineCase {
  std::string name;
  std::string help;  // one line
  Bytes bytes;       // each message; W3-AR, ring-1024: the buffer; gpt13b: a rank's gradients
  std::function<RunInput(Bytes bytes)> build;
  bool by_default = true;  // false: takes minutes, so it is run only where it is named
};

// W1 under every other congestion control is a case, too.
const std::vector<EngineCase>& engine_cases();

// nullptr where there is none of that name.
const EngineCase* find_engine_case(std::string_view name);

// What to simulate: the case with its own size, or smaller.
RunInput input_of(const EngineCase& engine_case);
RunInput input_of(const EngineCase& engine_case, Bytes bytes);

}  // namespace railyard::bench
