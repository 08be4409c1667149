// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/text_table.h"

#include <fmt/format.h>

#include "traffic/pattern/trace/file_bytes.h"

namespace railyard::workload {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> fields_of(std::string_view line, std::string_view separators) {
  std::vector<std::string> fields;
  for (;;) {
    const size_t end = line.find_first_of(separators);
    fields.emplace_back(trimmed(line.substr(0, end)));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
    if (separators != ",") line = trimmed(line);
  }
}

}  // namespace

std::vector<TextLine> text_lines(std::string_view text, Separator separator) {
  std::vector<TextLine> lines;
  for (uint32_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    lines.push_back({number, fields_of(line, separator == Separator::Comma ? "," : kBlanks)});
  }
  return lines;
}

std::string TextTable::at(const TextLine& line, std::string_view message) const {
  return fmt::format("{}:{}: {}", name, line.number, message);
}

tl::expected<TextTable, std::string> read_text_table(const std::filesystem::path& file, Separator separator) {
  const auto text = trace::read_file(file.lexically_normal().string());
  if (!text) return tl::make_unexpected(text.error());
  return TextTable{file.lexically_normal().string(), text_lines(*text, separator)};
}

}  // namespace railyard::workload
