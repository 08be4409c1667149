// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/page_files.h"
#include "dpdk-app/validation/validation_output.h"
#include "tools/report/page_template.h"

namespace railyard::validation {

void write_validation_page(std::ostream& out, const Agreement& agreement) {
  report::write_page(out, page::kHtml, agreement.scenario, page::kScript, validation_page_data(agreement));
}

}  // namespace railyard::validation
