// SPDX-License-Identifier: BSD-3-Clause
// What the page's script draws, as JSON: reduced here, so that the page stays small however long the run was.
#pragma once

#include <string>

#include "tools/report/output_format.h"

namespace railyard::report {

// Safe inside <script type="application/json">: it holds no "<".
std::string page_data(const Results& results);

}  // namespace railyard::report
