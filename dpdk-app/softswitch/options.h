// SPDX-License-Identifier: BSD-3-Clause
// What railyard-softswitch is told on its command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/control/session_options.h"
#include "dpdk-app/session/capture_folder.h"
#include "dpdk-app/softswitch/emulated_switch.h"

namespace railyard::lab {

struct SwitchOptions {
  std::vector<std::string> ports;
  EmulatedSwitchSettings settings;
  std::vector<PortFaults> faults;  // by port
  std::vector<bool> tree;          // FabricRoutes::on_tree, until a controller says more
  std::string name = "softswitch";
  bool listens = false;
  SessionOptions session;
};

// One switch, and what is the process's.
struct SoftswitchOptions : SwitchOptions {
  std::vector<SwitchOptions> beside;  // the process's other switches
  unsigned core = 0;
  uint32_t max_frame = 0;  // with FCS; 0: what each port carries by its MTU
  bool real_time = false;
  uint32_t frames = 0;  // that the process has room for; 0: as the buffer needs, where memory allows
  SimTime statistics_interval = SimTime::seconds(1);
  std::string prometheus;  // where to listen; empty: nowhere
  std::string pcap;        // file for the last frames that left; empty: none
  std::optional<CaptureFolder> captures;
  std::string json;  // file, "-" for standard output; empty: none
};

struct UsageText {
  std::string text;
  bool is_error = true;  // not where --help was asked for
};

// The error names the option, what was found and what would be right.
tl::expected<SoftswitchOptions, UsageText> parse_options(int argc, const char* const* argv);

}  // namespace railyard::lab
