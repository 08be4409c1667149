// SPDX-License-Identifier: BSD-3-Clause
// The files of the page as they were when the program was built; tools/report/embed_files.cmake writes the
// definitions.
#pragma once

#include <string_view>

namespace railyard::validation::page {

extern const std::string_view kHtml;    // page/validation.html
extern const std::string_view kScript;  // page/validation.js

}  // namespace railyard::validation::page
