// SPDX-License-Identifier: BSD-3-Clause
// What all pages are made of: one file with its style, its scripts and uPlot.
#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

namespace railyard::report {

// Writes the template `html` with {{title}} (as text), {{data}} (JSON without "<"), {{script}}, {{style}},
// {{uplot}} and {{uplot-license}} filled in; what a page's own script needs of charts.js stands before it.
void write_page(std::ostream& out, std::string_view html, std::string_view title, std::string_view script,
                const std::string& data);

}  // namespace railyard::report
