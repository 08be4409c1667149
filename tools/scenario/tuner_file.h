// SPDX-License-Identifier: BSD-3-Clause
// The table of an NCCL tuner plugin, as a scenario names it.
#pragma once

#include <filesystem>
#include <string>

#include <tl/expected.hpp>

namespace railyard {

// The table in one line: of the file of that name, which may start at `directory`, or, where `value` is a
// table itself, of that. Errors: the file cannot be read; collective::parse_tuner_table()'s, with the file's
// name.
tl::expected<std::string, std::string> read_tuner(const std::string& value,
                                                  const std::filesystem::path& directory);

// The same of an algorithm of msccl-tools, in XML.
tl::expected<std::string, std::string> read_custom(const std::string& value,
                                                   const std::filesystem::path& directory);

}  // namespace railyard
