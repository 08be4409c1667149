// SPDX-License-Identifier: BSD-3-Clause
// Distributions of flow sizes, as measured: HPCC's two-column format, bytes and percent of flows that are no
// larger, linear in between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/pattern/workload/text_table.h"

namespace railyard::workload {

struct FlowSizes {
  struct Point {
    double bytes, percent;
  };
  std::vector<Point> points;  // both grow; from 0 % to 100 %

  double mean() const;
  double at(double percent) const;  // bytes
};

// Those that ship with Railyard, by name.
struct NamedFlowSizes {
  std::string_view name, help;
  FlowSizes sizes;
};
const std::vector<NamedFlowSizes>& named_flow_sizes();
// Null where no distribution bears the name.
const FlowSizes* find_flow_sizes(std::string_view name);

// Errors name file, line and remedy.
tl::expected<FlowSizes, std::string> read_flow_sizes(const TextTable& table);

}  // namespace railyard::workload
