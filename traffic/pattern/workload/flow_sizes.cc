// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/flow_sizes.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace railyard::workload {
namespace {

constexpr double kLargest = 68'719'476'736;  // 64 GiB, as schedule::compile() has it

bool parse(const std::string& text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

double FlowSizes::mean() const {
  double sum = 0;
  for (size_t i = 1; i < points.size(); ++i)
    sum += (points[i - 1].bytes + points[i].bytes) / 2 * (points[i].percent - points[i - 1].percent);
  return sum / 100;
}

double FlowSizes::at(double percent) const {
  const auto above = std::upper_bound(points.begin() + 1, points.end() - 1, percent,
                                      [](double p, const Point& point) { return p < point.percent; });
  const Point &low = *(above - 1), &high = *above;
  return low.bytes + (high.bytes - low.bytes) * (percent - low.percent) / (high.percent - low.percent);
}

// Figures: HPCC's repository, alibaba-edu/High-Precision-Congestion-Control, traffic_gen.
const std::vector<NamedFlowSizes>& named_flow_sizes() {
  static const std::vector<NamedFlowSizes> all = {
      {"websearch",
       "web search, as measured by Alizadeh et al. (SIGCOMM 2010)",
       {{{0, 0},
         {10'000, 15},
         {20'000, 20},
         {30'000, 30},
         {50'000, 40},
         {80'000, 53},
         {200'000, 60},
         {1'000'000, 70},
         {2'000'000, 80},
         {5'000'000, 90},
         {10'000'000, 97},
         {30'000'000, 100}}}},
      {"fbhdp",
       "Facebook's Hadoop, as in the HPCC paper",
       {{{0, 0},        {100, 1},      {200, 2},          {300, 5},        {350, 15},
         {400, 20},     {500, 30},     {600, 40},         {700, 50},       {1'000, 60},
         {2'000, 67},   {7'000, 70},   {30'000, 72},      {50'000, 82},    {80'000, 87},
         {120'000, 90}, {300'000, 95}, {1'000'000, 97.5}, {2'000'000, 99}, {10'000'000, 100}}}},
      {"alistorage",
       "Alibaba's distributed storage in 2019",
       {{{0, 0},
         {4'000, 22.93},
         {8'000, 69.21},
         {16'000, 80.61},
         {32'000, 90.47},
         {64'000, 93.53},
         {128'000, 96.77},
         {256'000, 97.53},
         {2'000'000, 100}}}}};
  return all;
}

const FlowSizes* find_flow_sizes(std::string_view name) {
  for (const NamedFlowSizes& named : named_flow_sizes())
    if (named.name == name) return &named.sizes;
  return nullptr;
}

tl::expected<FlowSizes, std::string> read_flow_sizes(const TextTable& table) {
  FlowSizes sizes;
  for (const TextLine& line : table.lines) {
    const auto bad = [&](std::string_view message) { return tl::make_unexpected(table.at(line, message)); };
    FlowSizes::Point point{};
    if (line.fields.size() != 2 || !parse(line.fields[0], point.bytes) ||
        !parse(line.fields[1], point.percent))
      return bad("a line has two numbers: bytes, and the percentage of flows that are no larger");
    if (sizes.points.empty() && (point.percent != 0 || point.bytes < 0))
      return bad("the first line must be of 0 percent; begin for instance with 0 0");
    if (!sizes.points.empty() &&
        (point.bytes <= sizes.points.back().bytes || point.percent <= sizes.points.back().percent))
      return bad("bytes and percentage must both be larger than on the line before");
    if (point.percent > 100 || point.bytes > kLargest)
      return bad("a percentage is at most 100, and a flow at most 64 GiB");
    sizes.points.push_back(point);
  }
  if (sizes.points.size() < 2 || sizes.points.back().percent != 100)
    return tl::make_unexpected(
        fmt::format("{}: the last line must be of 100 percent, the size of the largest flow", table.name));
  return sizes;
}

}  // namespace railyard::workload
