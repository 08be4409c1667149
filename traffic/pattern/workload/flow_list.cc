// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/flow_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "traffic/pattern/workload/empty_trace.h"
#include "traffic/pattern/workload/text_table.h"
#include "traffic/pattern/workload/workload_limits.h"
#include "traffic/units/quantity.h"

namespace railyard {
namespace {

using workload::OpenLoopFlow;
using workload::TextLine;
using workload::TextTable;

constexpr const char* kColumns = "source, destination, bytes and start";
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kStarts = {
    {{"start", ""}, {"start_s", "s"}, {"start_ms", "ms"}, {"start_us", "us"}, {"start_ns", "ns"}}};

// Where the columns are.
struct Columns {
  size_t source = 0, destination = 0, bytes = 0, start = 0;
  std::string_view start_unit;  // empty: each value has its own
  size_t count = 0;
};

tl::expected<Columns, std::string> columns_of(const TextTable& table) {
  const TextLine& head = table.lines.front();
  const auto find = [&](std::string_view name) -> std::optional<size_t> {
    const auto found = std::find(head.fields.begin(), head.fields.end(), name);
    if (found == head.fields.end()) return std::nullopt;
    return static_cast<size_t>(found - head.fields.begin());
  };
  Columns columns;
  columns.count = head.fields.size();
  const auto source = find("source"), destination = find("destination"), bytes = find("bytes");
  std::optional<size_t> start;
  for (const auto& [name, unit] : kStarts)
    if (const auto found = find(name); found && !start) start = found, columns.start_unit = unit;
  if (!source || !destination || !bytes || !start)
    return tl::make_unexpected(table.at(
        head, fmt::format("the first line names the columns, and must have {} (or start_s, start_ms, "
                          "start_us, start_ns)",
                          kColumns)));
  columns.source = *source, columns.destination = *destination;
  columns.bytes = *bytes, columns.start = *start;
  return columns;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

tl::expected<uint32_t, std::string> rank_of(const std::string& text, std::string_view column,
                                            uint32_t ranks) {
  const auto rank = number<uint32_t>(text);
  const auto most = ranks == 0 ? static_cast<uint32_t>(workload::kMaxRanks) : ranks;
  if (rank && *rank < most) return *rank;
  return tl::make_unexpected(
      fmt::format("{} '{}' is not a rank; write a number from 0 to {}", column, text, most - 1));
}

tl::expected<uint64_t, std::string> bytes_of(const std::string& text) {
  uint64_t bytes = 0;
  if (const auto plain = number<uint64_t>(text)) {
    bytes = *plain;
  } else {
    const auto sized = parse_bytes(text);
    if (!sized) return tl::make_unexpected("bytes: " + sized.error());
    bytes = sized->n;
  }
  if (bytes == 0 || static_cast<double>(bytes) > workload::kMaxMessage)
    return tl::make_unexpected(fmt::format("bytes '{}': a flow has from 1 byte to {}; split it", text,
                                           format(Bytes{static_cast<uint64_t>(workload::kMaxMessage)})));
  return bytes;
}

tl::expected<uint64_t, std::string> start_of(const std::string& text, std::string_view unit) {
  const auto time = parse_time(text + std::string(unit));
  if (!time) return tl::make_unexpected("start: " + time.error());
  if (time->ps < 0 || static_cast<double>(time->ps) > workload::kMaxTime)
    return tl::make_unexpected(fmt::format("start '{}': a flow starts between 0 and 1000 s", text));
  return workload::to_ns(*time);
}

tl::expected<OpenLoopFlow, std::string> flow_of(const TextLine& line, const Columns& columns,
                                                uint32_t ranks) {
  if (line.fields.size() != columns.count)
    return tl::make_unexpected(
        fmt::format("{} fields, where the first line names {} columns", line.fields.size(), columns.count));
  const auto source = rank_of(line.fields[columns.source], "source", ranks);
  if (!source) return tl::make_unexpected(source.error());
  const auto destination = rank_of(line.fields[columns.destination], "destination", ranks);
  if (!destination) return tl::make_unexpected(destination.error());
  if (*source == *destination)
    return tl::make_unexpected(
        fmt::format("rank {} sends to itself; name another destination or remove the line", *source));
  const auto bytes = bytes_of(line.fields[columns.bytes]);
  if (!bytes) return tl::make_unexpected(bytes.error());
  const auto start = start_of(line.fields[columns.start], columns.start_unit);
  if (!start) return tl::make_unexpected(start.error());
  return OpenLoopFlow{*source, *destination, *bytes, *start};
}

// Only the file says how many there are.
std::optional<uint32_t> ranks_of(const FlowListSettings& settings) {
  if (settings.ranks == 0) return std::nullopt;
  return settings.ranks;
}

}  // namespace

tl::expected<trace::Trace, std::string> make_flow_list(const FlowListSettings& settings,
                                                       const WorkloadContext& context) {
  if (settings.path.empty())
    return tl::make_unexpected("flows: path is missing; name a CSV file with columns " +
                               std::string(kColumns));
  const auto table = workload::read_text_table(context.folder / settings.path, workload::Separator::Comma);
  if (!table) return tl::make_unexpected(table.error());
  if (table->lines.size() < 2)
    return tl::make_unexpected(
        fmt::format("{}: there are no flows in it; write a line of column names ({}) and one line a flow",
                    table->name, kColumns));
  const auto columns = columns_of(*table);
  if (!columns) return tl::make_unexpected(columns.error());
  std::vector<OpenLoopFlow> flows;
  uint32_t ranks = settings.ranks;
  for (size_t i = 1; i < table->lines.size(); ++i) {
    const auto flow = flow_of(table->lines[i], *columns, settings.ranks);
    if (!flow) return tl::make_unexpected(table->at(table->lines[i], flow.error()));
    ranks = std::max({ranks, flow->source + 1, flow->destination + 1});
    flows.push_back(*flow);
  }
  return workload::open_loop_trace("flows", fmt::format("flows ranks={} flows={}", ranks, flows.size()),
                                   ranks, std::move(flows), settings.queue_pairs);
}

const std::vector<Parameter<FlowListSettings>>& parameters_of(const FlowListSettings*) {
  using S = FlowListSettings;
  static const std::vector<Parameter<S>> rows = {
      {"path", &S::path, 0, 0,
       "CSV file, from the scenario file's folder; its first line names the columns source, destination "
       "(ranks), bytes and start (with a unit; or start_s, start_ms, start_us, start_ns without)",
       workload::kOurs},
      {"ranks", &S::ranks, 0, workload::kMaxRanks, "Ranks; 0 means up to the largest that the file names",
       workload::kOurs},
      {"queue_pairs",
       &S::queue_pairs,
       "each: every flow has a queue pair of its own. pair: flows from one rank to another share one and "
       "wait there for those before them",
       workload::kOurs,
       {"each", "pair"}},
  };
  return rows;
}

Workload flow_list_workload() {
  Workload row = workload_row<FlowListSettings, ranks_of, make_flow_list>(
      "flows", "Flows of a CSV file, each from its start on, whatever else goes on");
  row.files = [](std::any& settings) {
    auto& path = std::any_cast<FlowListSettings&>(settings).path;
    return path.empty() ? std::vector<std::string*>() : std::vector<std::string*>{&path};
  };
  return row;
}

}  // namespace railyard
