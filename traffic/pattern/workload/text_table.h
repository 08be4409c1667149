// SPDX-License-Identifier: BSD-3-Clause
// Small tables of text that users write: flow lists, distributions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace railyard::workload {

struct TextLine {
  uint32_t number = 0;  // in the file, from 1
  std::vector<std::string> fields;
};

enum class Separator : uint8_t { Comma, Blanks };

// Lines that are empty or begin with # are left out; blanks around a field are not part of it.
std::vector<TextLine> text_lines(std::string_view text, Separator separator);

struct TextTable {
  std::string name;  // of the file, as errors say it
  std::vector<TextLine> lines;

  std::string at(const TextLine& line, std::string_view message) const;
};

// The error names the file.
tl::expected<TextTable, std::string> read_text_table(const std::filesystem::path& file, Separator separator);

}  // namespace railyard::workload
