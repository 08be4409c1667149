// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/record/metric_catalogue.h"

namespace railyard::record {
namespace {

std::vector<MetricInfo> make_catalogue() {
  const auto time = Unit::Time, rate = Unit::Rate, size = Unit::Size, count = Unit::Count,
             ratio = Unit::Ratio;
  const auto lower = Better::Lower, higher = Better::Higher, neither = Better::Neither;
  return {
      {"iteration.time", "iteration time", time, lower,
       "Median over iterations of (last rank's end - first rank's start); of several foreground jobs, the "
       "slowest's"},
      {"iteration.max", "iteration time, max", time, lower, "As iteration.time, of the longest iteration"},
      {"iteration.time.<job>", "iteration time of", time, lower,
       "As iteration.time, of one of several foreground jobs"},
      {"interference.<job>", "interference factor of", ratio, lower,
       "The job's iteration.time beside the other jobs / alone on the fabric; with output.interference"},
      {"busbw.<operation>", "busbw of", rate, higher,
       "Bytes x nccl-tests' factor / (last rank's end - last rank's start)"},
      {"ttft.network.p50", "TTFT, network's part, p50", time, lower,
       "Of inference: median over prompts' parts of (last of the keys and values received - prompt "
       "computed)"},
      {"ttft.network.p99", "TTFT, network's part, p99", time, lower,
       "99th percentile (nearest rank) of the same"},
      {"inter_token.network", "inter-token, network's part", time, lower,
       "Of inference: time of a decode step's collectives, each from its last rank's start to its last one's "
       "end; mean over ranks and steps"},
      {"fct.p50", "flow completion, p50", time, lower,
       "Median over foreground flows of (last byte received - posted)"},
      {"fct.p99", "flow completion, p99", time, lower, "99th percentile (nearest rank) of the same"},
      {"fct.max", "flow completion, max", time, lower, "Longest of the same"},
      {"slowdown.mean", "slowdown, mean", ratio, lower,
       "Mean over foreground flows of completion time / time on an idle fabric"},
      {"slowdown.p50", "slowdown, p50", ratio, lower, "Median of the same"},
      {"slowdown.p99", "slowdown, p99", ratio, lower, "99th percentile (nearest rank) of the same"},
      {"slowdown.max", "slowdown, max", ratio, lower, "Largest of the same"},
      {"slowdown.mean.<size>", "slowdown, mean, to", ratio, lower,
       "As slowdown.mean, of the sends of at most that size and more than a tenth of it; where a run has "
       "sends "
       "of several"},
      {"slowdown.p99.<size>", "slowdown, p99, to", ratio, lower, "As slowdown.p99, of the same"},
      {"fairness.jain", "Jain fairness of flows", ratio, neither,
       "Jain's index of the foreground flows' throughputs, each relative to the idle fabric's; 1 also where "
       "all are equally slow"},
      {"flows.unfinished", "unfinished flows", count, lower,
       "Foreground flows that the end of the run cut off"},
      {"background.fct.p50", "background completion, p50", time, lower, "As fct.p50, of the background jobs"},
      {"background.fct.p99", "background completion, p99", time, lower, "As fct.p99, of the background jobs"},
      {"background.slowdown.p99", "background slowdown, p99", ratio, lower,
       "As slowdown.p99, of the background jobs"},
      {"pfc.pauses", "PFC pauses", count, lower, "XOFF frames sent by all ports, refreshes not counted"},
      {"pfc.paused_time", "PFC paused time", time, lower,
       "Time that transmitters stood paused, summed over ports and priorities"},
      {"ecn_marks", "ECN marks", count, neither, "Frames that got the CE mark, all ports"},
      {"cnps", "CNPs", count, neither, "Congestion notification packets sent by the receivers"},
      {"drops", "drops", count, lower, "Frames dropped, all reasons and ports"},
      {"drops.<reason>", "drops:", count, lower, "Frames dropped for this reason"},
      {"retransmitted", "retransmitted packets", count, lower,
       "Data packets sent again after a NAK or a timeout"},
      {"timeouts", "retransmission timeouts", count, lower,
       "Times that a sender's retransmission timer ran out"},
      {"queue.max", "deepest queue", size, lower, "Most bytes that any port's egress queues held"},
      {"packet_hops", "packet hops", count, neither, "Frames that crossed a link, of every kind"},
  };
}

// "busbw.<operation>" -> "busbw."; empty for a row that is not a family.
std::string_view family_prefix(const MetricInfo& row) {
  const size_t bracket = row.name.find('<');
  return bracket == std::string::npos ? std::string_view() : std::string_view(row.name).substr(0, bracket);
}

bool is_member(std::string_view name, const MetricInfo& row) {
  const std::string_view prefix = family_prefix(row);
  return !prefix.empty() && name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix;
}

// The row's index; the number of rows when there is none.
size_t find_row(std::string_view name) {
  const auto& rows = metric_catalogue();
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].name == name && family_prefix(rows[i]).empty()) return i;
  for (size_t i = 0; i < rows.size(); ++i)
    if (is_member(name, rows[i])) return i;
  return rows.size();
}

}  // namespace

std::string_view base_unit(Unit unit) {
  switch (unit) {
    case Unit::Time:
      return "s";
    case Unit::Rate:
      return "bit/s";
    case Unit::Size:
      return "B";
    case Unit::Count:
    case Unit::Ratio:
      break;
  }
  return "1";
}

const std::vector<MetricInfo>& metric_catalogue() {
  static const std::vector<MetricInfo> rows = make_catalogue();
  return rows;
}

std::optional<MetricInfo> find_metric(std::string_view name) {
  const size_t i = find_row(name);
  if (i == metric_catalogue().size()) return std::nullopt;
  MetricInfo row = metric_catalogue()[i];
  if (const std::string_view prefix = family_prefix(row); !prefix.empty()) {
    row.label += " " + std::string(name.substr(prefix.size()));
    row.name = std::string(name);
  }
  return row;
}

size_t catalogue_position(std::string_view name) {
  return find_row(name);
}

}  // namespace railyard::record
