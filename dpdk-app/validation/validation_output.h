// SPDX-License-Identifier: BSD-3-Clause
// An agreement in each form that a reader may want. The same agreement gives the same bytes.
#pragma once

#include <iosfwd>
#include <string>

#include "dpdk-app/validation/agreement.h"
#include "tools/report/report.h"

namespace railyard::validation {

// "agrees", "differs", "not measurable".
std::string_view name_of(Verdict verdict);

// One sentence: "Simulation and lab agree within 10 % in what decides: ...".
std::string conclusion(const Agreement& agreement);

// What the rates' comparison found, in sentences; one where there was none.
std::string in_words(const RateComparison& rates);

// "1.374 ms ±0.019", without the interval "1.374 ms", or a dash.
std::string value_text(const std::optional<record::Spread>& spread, record::Unit unit, bool interval = true);

void print_agreement(std::ostream& out, const Agreement& agreement, report::TerminalStyle style);

// validation.json: {"schema": "railyard-validation", "schema_version": 1, ...}.
void write_validation_json(std::ostream& out, const Agreement& agreement);

// One HTML file that asks for nothing else.
void write_validation_page(std::ostream& out, const Agreement& agreement);

// What the page's script draws; safe inside <script type="application/json">.
std::string validation_page_data(const Agreement& agreement);

}  // namespace railyard::validation
