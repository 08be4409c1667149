// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/tuner_file.h"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "traffic/pattern/collective/tuner_table.h"

namespace railyard {

tl::expected<std::string, std::string> read_tuner(const std::string& value,
                                                  const std::filesystem::path& directory) {
  if (value.empty()) return value;
  const bool is_table = value.find(',') != std::string::npos;
  std::string text = value;
  if (!is_table) {
    std::ifstream file(directory / value, std::ios::binary);
    if (!file || std::filesystem::is_directory(directory / value))
      return tl::make_unexpected(
          fmt::format("tuner: the file '{}' cannot be read (paths start at the scenario file)", value));
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  const auto rows = collective::parse_tuner_table(text);
  if (!rows)
    return tl::make_unexpected(
        fmt::format("tuner: {}{}", is_table ? "" : fmt::format("'{}', ", value), rows.error()));
  return collective::one_line(*rows);
}

}  // namespace railyard
