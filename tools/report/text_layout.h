// SPDX-License-Identifier: BSD-3-Clause
// Text in columns. Every character that we print is one column wide.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace railyard::report {

// Columns that a text takes; UTF-8 continuation bytes are none.
size_t width_of(const std::string& text);

// The blanks that fill `text` up to `width` columns.
std::string padding(const std::string& text, size_t width);

// At most `width` columns; what is too long ends in "…".
std::string shortened(const std::string& text, size_t width);

// The words of `text` in lines of at most `width` columns, where no word is longer.
std::vector<std::string> wrapped(const std::string& text, size_t width);

// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& items);

// Without blanks at the end.
void print_line(std::ostream& out, std::string line);

void print_wrapped(std::ostream& out, const std::string& text, size_t width);

}  // namespace railyard::report
