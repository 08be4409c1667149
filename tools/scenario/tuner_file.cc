// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/tuner_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "traffic/pattern/collective/custom.h"
#include "traffic/pattern/collective/tuner_table.h"

namespace railyard {

namespace {

tl::expected<std::string, std::string> text_of_file(std::string_view key, const std::string& value,
                                                    const std::filesystem::path& directory) {
  std::ifstream file(directory / value, std::ios::binary);
  if (!file || std::filesystem::is_directory(directory / value))
    return tl::make_unexpected(
        fmt::format("{}: the file '{}' cannot be read (paths start at the scenario file)", key, value));
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

}  // namespace

tl::expected<std::string, std::string> read_tuner(const std::string& value,
                                                  const std::filesystem::path& directory) {
  if (value.empty()) return value;
  const bool is_table = value.find(',') != std::string::npos;
  std::string text = value;
  if (!is_table) {
    auto read = text_of_file("tuner", value, directory);
    if (!read) return read;
    text = *std::move(read);
  }
  const auto rows = collective::parse_tuner_table(text);
  if (!rows)
    return tl::make_unexpected(
        fmt::format("tuner: {}{}", is_table ? "" : fmt::format("'{}', ", value), rows.error()));
  return collective::one_line(*rows);
}

tl::expected<std::string, std::string> read_custom(const std::string& value,
                                                   const std::filesystem::path& directory) {
  if (value.empty()) return value;
  const bool is_xml = value.find('<') != std::string::npos;
  tl::expected<std::string, std::string> text = value;
  if (!is_xml) text = text_of_file("custom", value, directory);
  if (!text) return text;
  std::replace_if(
      text->begin(), text->end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  const auto made = collective::CustomAlgorithm::make(is_xml ? "its XML" : value, *text);
  if (!made) return tl::make_unexpected(fmt::format("custom: {}", made.error()));
  return text;
}

}  // namespace railyard
