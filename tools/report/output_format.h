// SPDX-License-Identifier: BSD-3-Clause
// One writer per form of output, all behind one signature. They cannot fail: whoever owns the stream checks
// it.
#pragma once

#include <ostream>
#include <vector>

#include "tools/report/run_set.h"

namespace railyard::report {

struct Results {
  const RunSet& runs;
  record::Comparison comparison;
};

struct OutputFormat {
  const char* file_name;
  void (*write)(std::ostream&, const Results&);
};

void write_comparison_csv(std::ostream& out, const Results& results);
void write_flows_csv(std::ostream& out, const Results& results);
void write_collectives_csv(std::ostream& out, const Results& results);
void write_ports_csv(std::ostream& out, const Results& results);
void write_rates_csv(std::ostream& out, const Results& results);
void write_summary_json(std::ostream& out, const Results& results);
void write_html(std::ostream& out, const Results& results);

// The tables of a run folder: every format but the page.
const std::vector<OutputFormat>& table_formats();

}  // namespace railyard::report
