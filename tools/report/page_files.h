// SPDX-License-Identifier: BSD-3-Clause
// The files of the page as they were when the program was built; embed_files.cmake writes the definitions.
#pragma once

#include <string_view>

namespace railyard::report::page {

extern const std::string_view kHtml;         // page/report.html
extern const std::string_view kStyle;        // page/report.css
extern const std::string_view kCharts;       // page/charts.js
extern const std::string_view kScript;       // page/report.js
extern const std::string_view kUplotScript;  // uPlot.iife.min.js
extern const std::string_view kUplotStyle;   // uPlot.min.css
extern const std::string_view kUplotLicense;

}  // namespace railyard::report::page
