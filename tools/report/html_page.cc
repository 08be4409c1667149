// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/output_format.h"
#include "tools/report/page_data.h"
#include "tools/report/page_files.h"
#include "tools/report/page_template.h"

namespace railyard::report {

void write_html(std::ostream& out, const Results& results) {
  write_page(out, page::kHtml, results.runs.scenario, page::kScript, page_data(results));
}

}  // namespace railyard::report
