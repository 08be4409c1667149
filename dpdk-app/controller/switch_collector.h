// SPDX-License-Identifier: BSD-3-Clause
// A real switch's running configuration and counters, over SSH, before and after a run.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/controller/sonic_counters.h"
#include "tools/scenario/lab_settings.h"

namespace railyard::lab {

struct SshOptions {
  std::string config_file;                    // as ssh -F takes it; empty: the user's own
  std::chrono::milliseconds timeout{30'000};  // of one command
};

struct SwitchSnapshot {
  std::string config, counters;  // JSON, as the switch said it
  SonicCounters parsed;
  std::map<std::string, uint64_t> speeds;
};

// One command after the other, each the first of its kind that the switch knows. Keys and known hosts are
// ssh's own business: it asks nothing (BatchMode). The error names the switch, the command and what it said.
tl::expected<SwitchSnapshot, std::string> snapshot(const LabSwitch& lab_switch, const SshOptions& options);

std::vector<const LabSwitch*> sonic_switches(const LabSettings& lab);

}  // namespace railyard::lab
