// SPDX-License-Identifier: BSD-3-Clause
// MLCommons Chakra execution traces: <prefix>.<rank>.et, one a rank, as chakra_converter and ASTRA-sim's
// tools write them.
//
// Communications are the COMM_SEND and COMM_RECV nodes and the COMM_COLL nodes of the device that have a
// comm_size (the converter leaves copies of each on the CPU, which have none). comm_size counts the input of
// one rank.
//
// What a node waits for: its data_deps. In traces linked with a host trace (those with CPU operators)
// ctrl_deps are the call stack and say nothing about order; in all others they count as data_deps do. Files
// are not always in topological order and are sorted. The converter does not chain device nodes of one stream
// (mlcommons/chakra issue 215): they are chained here. Local nodes count with their duration_micros, folded
// as operation_graph.h says; a device node does not keep the CPU waiting unless the file says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/trace/import/importer.h"

namespace railyard::trace {

bool recognises_chakra(std::string_view head);
tl::expected<ImportResult, std::string> import_chakra(const std::vector<std::string>& files,
                                                      const ImportOptions& options);

}  // namespace railyard::trace
