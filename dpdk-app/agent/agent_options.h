// SPDX-License-Identifier: BSD-3-Clause
// What railyard-agent is told on its command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/agent/port_player.h"
#include "dpdk-app/control/session_options.h"
#include "dpdk-app/session/capture_folder.h"

namespace railyard::lab {

struct AgentOptions {
  std::string name;
  std::vector<std::string> ports;
  std::vector<unsigned> cores;  // one polling lcore each
  uint32_t queues = 1;          // of each port, at most one a core
  SessionOptions session;
  bool real_time = false;
  std::string prometheus;  // where to listen; empty: nowhere
  IcrcShortcuts icrc;
  bool ignore_pauses = false;
  std::optional<CaptureFolder> captures;
  uint32_t frames_per_port = 4'096;  // and queue
};

struct UsageMessage {
  std::string text;
  bool is_error = true;  // not where --help was asked for
};

// The error names the option, what was found and what would be right.
tl::expected<AgentOptions, UsageMessage> parse_agent_options(int argc, const char* const* argv);

}  // namespace railyard::lab
