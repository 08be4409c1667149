// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/page_template.h"

#include <ostream>

#include "tools/report/page_files.h"

namespace railyard::report {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Writes the template with each {{name}} replaced; a name without a value stays as it is.
void fill(std::ostream& out, std::string_view text, const std::map<std::string_view, std::string>& values) {
  while (!text.empty()) {
    const size_t open = text.find("{{");
    const size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) break;
    const auto value = values.find(text.substr(open + 2, close - open - 2));
    out << text.substr(0, open);
    if (value != values.end())
      out << value->second;
    else
      out << text.substr(open, close + 2 - open);
    text.remove_prefix(close + 2);
  }
  out << text;
}

}  // namespace

void write_page(std::ostream& out, std::string_view html, std::string_view title, std::string_view script,
                const std::string& data) {
  fill(out, html,
       {{"title", escaped(title)},
        {"style", std::string(page::kUplotStyle) + "\n" + std::string(page::kStyle)},
        {"uplot", std::string(page::kUplotScript)},
        {"uplot-license", escaped(page::kUplotLicense)},
        {"script", std::string(page::kCharts) + "\n" + std::string(script)},
        {"data", data}});
}

}  // namespace railyard::report
