// SPDX-License-Identifier: GPL-2.0-only
// What the commands under `railyard trace` have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "tools/railyard/subcommands.h"
#include "traffic/pattern/trace/trace.pb.h"

namespace railyard {

// Of the captured communication. Less than what a collective's simulated time is off by (docs/validation.md).
constexpr double kMaxUnattributedPercent = 1;

struct TraceOptions {
  std::vector<std::string> paths;
  std::string output, format, name, steps;
  std::optional<uint32_t> rank;
  uint32_t world = 0;
  bool operations = false;
  double unattributed_percent = kMaxUnattributedPercent;
  std::string to = "rytrace";
  double compute_factor = 1, bytes_factor = 1;
  uint32_t copies = 1;
};

// The trace or capture, with its warnings on the error stream. `partial`: see ImportOptions.
tl::expected<trace::Trace, std::string> open_for_command(Context& context, const TraceOptions& options,
                                                         bool partial = false);

// A mistyped --output must not cost a scenario or a capture: whether something is there that is no earlier
// output in this format.
bool is_something_else(const std::string& path, std::string_view format);

using TraceAction = ExitCode (*)(Context&, const TraceOptions&);

// Adds a command with the options of every capture, and says where its options are kept.
CLI::App* add_trace_command(CLI::App& parent, Subcommands& subcommands, const std::string& name,
                            const std::string& help, TraceAction action, TraceOptions** options_out);

void add_trace_conversions(CLI::App& trace, Subcommands& subcommands);

}  // namespace railyard
