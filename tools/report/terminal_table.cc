// SPDX-License-Identifier: BSD-3-Clause
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <ostream>

#include "tools/report/headline.h"
#include "tools/report/report.h"
#include "tools/report/text_layout.h"

namespace railyard::report {
namespace {

constexpr unsigned kDefaultWidth = 80;
constexpr unsigned kLeastWidth = 60;
constexpr unsigned long kWidest = 10'000;
constexpr size_t kWidestLabel = 36;
constexpr size_t kGap = 1;  // beside the two columns of the mark
constexpr const char* kBestColor = "\x1b[1;32m";
constexpr const char* kPlain = "\x1b[0m";

// How much a cell says; the most detailed form that fits is taken.
enum class Detail { Range, Interval };

std::string text_of(const HeadlineCell& cell, bool median, Detail detail) {
  std::string text = cell.center;
  if (!cell.interval.empty()) text += " " + cell.interval;
  // Beside a median the range stands for the interval.
  if ((detail == Detail::Range || median) && !cell.range.empty()) text += " [" + cell.range + "]";
  return text + " " + sign_of(cell.mark);
}

struct Table {
  std::vector<std::string> settings;
  std::vector<HeadlineRow> rows;
  size_t label_width = 0;

  size_t column_width(size_t setting, Detail detail) const {
    size_t width = width_of(settings[setting]) + 2;
    for (const HeadlineRow& row : rows)
      width = std::max(width, width_of(text_of(row.cells[setting], row.medians, detail)));
    return width;
  }

  // The first setting, from `begin` on, that does not fit into `width` columns any more; at least one does.
  size_t end_of_block(size_t begin, Detail detail, size_t width) const {
    size_t used = label_width;
    size_t end = begin;
    while (end < settings.size()) {
      used += kGap + column_width(end, detail);
      if (used > width && end > begin) break;
      ++end;
    }
    return end;
  }

  bool fits(Detail detail, size_t width) const {
    size_t used = label_width;
    for (size_t i = 0; i < settings.size(); ++i) used += kGap + column_width(i, detail);
    return used <= width;
  }
};

std::string cell_text(const HeadlineRow& row, size_t setting, Detail detail, size_t width, bool color) {
  const HeadlineCell& cell = row.cells[setting];
  const std::string text = text_of(cell, row.medians, detail);
  const std::string left = std::string(kGap, ' ') + padding(text, width);
  return cell.mark == Mark::Best && color ? left + kBestColor + text + kPlain : left + text;
}

void print_block(std::ostream& out, const Table& table, size_t begin, size_t end, Detail detail, bool color) {
  std::string heads = padding("", table.label_width);
  for (size_t i = begin; i < end; ++i) {
    const std::string name = table.settings[i] + "  ";
    heads += std::string(kGap, ' ') + padding(name, table.column_width(i, detail)) + name;
  }
  print_line(out, heads);
  for (const HeadlineRow& row : table.rows) {
    const std::string label = shortened(row.label, table.label_width);
    std::string line = label + padding(label, table.label_width);
    for (size_t i = begin; i < end; ++i)
      line += cell_text(row, i, detail, table.column_width(i, detail), color);
    print_line(out, line);
  }
}

Table table_of(const record::Comparison& comparison) {
  Table table{comparison.settings, headline_rows(comparison), 0};
  for (const HeadlineRow& row : table.rows)
    table.label_width = std::max(table.label_width, width_of(row.label));
  table.label_width = std::min(table.label_width, kWidestLabel);
  return table;
}

// COLUMNS, which a user may set for a pipe, a file or a terminal that does not know its size [POSIX.1-2017,
// 8.3].
std::optional<unsigned> stated_width() {
  const char* columns = std::getenv("COLUMNS");
  if (columns == nullptr || *columns == '\0') return std::nullopt;
  char* end = nullptr;
  const unsigned long width = std::strtoul(columns, &end, 10);
  if (*end != '\0' || width == 0 || width > kWidest) return std::nullopt;
  return static_cast<unsigned>(width);
}

}  // namespace

TerminalStyle style_of_stdout() {
  TerminalStyle style;
  style.width = stated_width().value_or(style.width);
  if (::isatty(STDOUT_FILENO) == 0) return style;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  const char* no_color = std::getenv("NO_COLOR");
  style.color = no_color == nullptr || *no_color == '\0';
  return style;
}

void print_comparison(std::ostream& out, const RunSet& runs, TerminalStyle style) {
  const record::Comparison comparison = comparison_of(runs);
  const size_t width = std::max(style.width == 0 ? kDefaultWidth : style.width, kLeastWidth);
  const Table table = table_of(comparison);
  const Detail detail = table.fits(Detail::Range, width) ? Detail::Range : Detail::Interval;
  print_wrapped(out, runs.scenario + (runs.fabric.empty() ? "" : " on " + runs.fabric), width);
  for (const std::string& caution : runs.cautions) print_wrapped(out, "caution: " + caution, width);
  out << '\n';
  for (size_t begin = 0; begin < table.settings.size();) {
    const size_t end = table.end_of_block(begin, detail, width);
    print_block(out, table, begin, end, detail, style.color);
    out << '\n';
    begin = end;
  }
  if (const std::string text = legend(comparison); !text.empty()) print_wrapped(out, text, width);
  std::string words;
  for (const std::string& sentence : verdict(comparison)) words += (words.empty() ? "" : " ") + sentence;
  if (!words.empty()) {
    out << '\n';
    print_wrapped(out, words, width);
  }
}

}  // namespace railyard::report
