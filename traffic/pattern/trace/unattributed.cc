// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/trace/unattributed.h"

#include <fmt/format.h>

namespace railyard::trace {

double unattributed_share(const Header& header) {
  uint64_t count = 0;
  uint64_t time_ns = 0;
  for (const Unattributed& one : header.unattributed()) {
    count += one.count();
    time_ns += one.time_ns();
  }
  if (header.communication_ns() > 0)
    return static_cast<double>(time_ns) / static_cast<double>(header.communication_ns());
  return header.communications() > 0
             ? static_cast<double>(count) / static_cast<double>(header.communications())
             : 0;
}

std::string to_string(const Unattributed& one) {
  const std::string time =
      one.time_ns() > 0 ? fmt::format(", {:.3f} ms", static_cast<double>(one.time_ns()) * 1e-6) : "";
  return fmt::format("{} x {}{}: {}", one.count(), one.what(), time, one.reason());
}

}  // namespace railyard::trace
