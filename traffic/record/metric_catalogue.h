// SPDX-License-Identifier: BSD-3-Clause
// One row a metric: what the tables print, the expectations of a scenario may name, and the documentation
// lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace railyard::record {

// What a metric's value counts. A value is kept in the base unit: seconds, bits per second, bytes, a number.
enum class Unit : uint8_t { Time, Rate, Size, Count, Ratio };

// "s", "bit/s", "B", "1", "1": as the exports name it.
std::string_view base_unit(Unit unit);

enum class Better : uint8_t { Lower, Higher, Neither };

struct MetricInfo {
  std::string name;   // "fct.p99"; ends in ".<operation>", ".<job>" or ".<reason>" for a family
  std::string label;  // "flow completion, p99"
  Unit unit = Unit::Count;
  Better better = Better::Neither;
  std::string description;  // one sentence: what it is and the formula
};

// Every metric and family of metrics, in the order in which tables show them.
const std::vector<MetricInfo>& metric_catalogue();

// The row of a metric by its full name, with a family's member filled in ("busbw.all_reduce"); empty for a
// name that is no metric. Whether a run has it is another question: a run without PFC still has "pfc.pauses"
// (0), a run without collectives has no "busbw.all_reduce".
std::optional<MetricInfo> find_metric(std::string_view name);

// The place of a metric in tables: its row in the catalogue.
size_t catalogue_position(std::string_view name);

}  // namespace railyard::record
