// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/trace/import_text.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/names.h"

namespace railyard::trace {

std::vector<std::string> operations_of(const Trace& trace, int rank) {
  std::vector<std::string> found;
  if (rank >= trace.ranks_size()) return found;
  for (const Operation& operation : trace.ranks(rank).operations()) {
    if (operation.has_collective()) {
      const Collective& c = operation.collective();
      std::string members;
      for (const uint32_t member : trace.header().groups(static_cast<int>(c.group())).ranks())
        members += fmt::format("{}{}", members.empty() ? "" : ",", member);
      found.push_back(fmt::format("{} {}@{}", name_of(c.kind()), c.bytes(), members));
    } else if (operation.has_send()) {
      found.push_back(fmt::format("send {}>{}", operation.send().bytes(), operation.send().peer()));
    } else if (operation.has_receive()) {
      found.push_back(fmt::format("receive {}<{}", operation.receive().bytes(), operation.receive().peer()));
    } else {
      found.push_back(fmt::format("{} ns", operation.compute().duration_ns()));
    }
  }
  return found;
}

}  // namespace railyard::trace
