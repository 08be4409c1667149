// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/text_layout.h"

#include <algorithm>
#include <ostream>
#include <string_view>

namespace railyard::report {
namespace {

constexpr std::string_view kPercent = " %";

}  // namespace

size_t width_of(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padding(const std::string& text, size_t width) {
  return std::string(width - std::min(width, width_of(text)), ' ');
}

std::string shortened(const std::string& text, size_t width) {
  if (width_of(text) <= width) return text;
  size_t bytes = 0;
  size_t columns = 0;
  for (; bytes < text.size(); ++bytes) {
    const bool starts = (static_cast<unsigned char>(text[bytes]) & 0xc0) != 0x80;
    if (starts && ++columns == width) break;
  }
  return text.substr(0, bytes) + "…";
}

std::vector<std::string> wrapped(const std::string& text, size_t width) {
  std::vector<std::string> lines = {""};
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find(' ', begin), text.size());
    if (text.compare(end, kPercent.size(), kPercent) == 0)  // stays with its number
      end = std::min(text.find(' ', end + 1), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!lines.back().empty() && width_of(lines.back()) + 1 + width_of(word) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i)
    out += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return out;
}

void print_line(std::ostream& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

void print_wrapped(std::ostream& out, const std::string& text, size_t width) {
  for (const std::string& line : wrapped(text, width)) out << line << '\n';
}

}  // namespace railyard::report
