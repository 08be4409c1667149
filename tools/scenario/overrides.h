// SPDX-License-Identifier: BSD-3-Clause
// Values from the command line that replace the scenario file's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "tools/scenario/scenario.h"

namespace railyard {

// "fabric.link_rate=400Gbps", "nic.mtu=1024" (in every setting), "limits.duration=1s",
// "seeds=3", "lab.time_scale=1000", "lab.agents.a0.address=10.1.0.7:7471", "lab.agents.a0.host3.port=tap:h3",
// "lab.switches.leaf0.kind=unmanaged", "lab.switches.leaf0.faults.2.in.drop=1", "jobs.training.iterations=2",
// "jobs.training.placement.strategy=strided".
tl::expected<void, std::string> apply_override(Scenario& scenario, std::string_view assignment);

// "3" is the seeds 1, 2, 3; "[7,9]" are these.
tl::expected<std::vector<uint64_t>, std::string> parse_seeds(std::string_view text);

}  // namespace railyard
