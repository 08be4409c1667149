// SPDX-License-Identifier: BSD-3-Clause
// Python pickles that hold data and nothing else, as JSON. Nothing is executed: an opcode that would import a
// module, call or build an object is an error. Tuples become lists.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace railyard::trace {

bool looks_like_pickle(std::string_view head);

// Opcodes of protocols 2 to 5 (CPython, Lib/pickletools.py). The error names the byte and what was found
// there.
tl::expected<nlohmann::json, std::string> decode_pickle(std::string_view bytes);

}  // namespace railyard::trace
