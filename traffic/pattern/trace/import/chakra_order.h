// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/assemble.h"
#include "traffic/pattern/trace/import/chakra_file.h"

namespace railyard::trace {

struct OrderedChakraNode {
  uint32_t node = 0;            // index in the file
  std::vector<uint32_t> after;  // indices of earlier entries of this order
};

// The file's nodes in topological order, otherwise by start time and place in the file, with the dependencies
// that chakra.h describes. The error names the nodes of a cycle, or an id that two nodes have.
tl::expected<std::vector<OrderedChakraNode>, std::string> order_chakra_nodes(const ChakraFile& file,
                                                                             WarningCounter& warnings);

}  // namespace railyard::trace
