// SPDX-License-Identifier: BSD-3-Clause
// The scenario in ns-3: two hosts of the RoCE model with a node between them that taps the wire.
#pragma once

#include "tests/differential/scenario.h"

namespace railyard {

enum class Engine : uint8_t { Window, Reference };

Transcript play_in_ns3(const Scenario& scenario, Engine engine);

}  // namespace railyard
