// SPDX-License-Identifier: BSD-3-Clause
// What a SONiC switch counted, from a dump of its COUNTERS_DB, and its configuration.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/record/record.h"

namespace railyard::lab {

// By port ("Ethernet4"): the port's SAI counters, and of its queues the sums, by name.
using SonicCounters = std::map<std::string, std::map<std::string, uint64_t>>;

// `dump` is JSON as redis-dump writes it: by key, an object with type and value. The error says what it
// lacks.
tl::expected<SonicCounters, std::string> parse_sonic_counters(const std::string& dump);

// Bits per second by port, from a config_db as JSON (PORT|<name>.speed is in Mb/s). The error says what is
// wrong.
tl::expected<std::map<std::string, uint64_t>, std::string> parse_sonic_speeds(const std::string& config);

struct SwitchPorts {
  std::vector<record::Port> ports;
  std::vector<std::string> problems;  // a port that is not there, counters that went back or that it lacks
};

// What was counted between the two. `ports` are the switch's names, in the order of the fabric's ports of
// `node`. Pauses sent are PFC frames, refreshes included: SONiC counts no others.
SwitchPorts ports_between(const std::string& node, const std::vector<std::string>& ports,
                          const SonicCounters& before, const SonicCounters& after,
                          const std::map<std::string, uint64_t>& speeds);

}  // namespace railyard::lab
