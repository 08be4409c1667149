// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/validation/port_comparison.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace railyard::validation {
namespace {

constexpr double kStraggler = 0.01;  // of the busiest port's
using Counter = uint64_t record::Port::*;

bool has_switch_ports(const std::vector<const PlayedRun*>& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const PlayedRun* run) {
    const auto& ports = run->record.ports;
    return std::count_if(ports.begin(), ports.end(),
                         [](const record::Port& port) { return port.is_switch; }) > 1;
  });
}

std::set<std::string> ports_with(Counter counter, const std::vector<const PlayedRun*>& runs) {
  std::map<std::string, uint64_t> counts;
  uint64_t busiest = 0;
  for (const PlayedRun* run : runs)
    for (const record::Port& port : run->record.ports)
      if (port.is_switch) busiest = std::max(busiest, counts[port.name] += port.*counter);
  std::set<std::string> ports;
  for (const auto& [name, count] : counts)
    if (count > 0 && static_cast<double>(count) >= kStraggler * static_cast<double>(busiest))
      ports.insert(name);
  return ports;
}

std::string only_in(const std::set<std::string>& these, const std::set<std::string>& those, const char* who) {
  std::vector<std::string> only;
  std::set_difference(these.begin(), these.end(), those.begin(), those.end(), std::back_inserter(only));
  return only.empty() ? "" : fmt::format("only in the {}: {}", who, fmt::join(only, ", "));
}

}  // namespace

std::string PortComparison::statement() const {
  if (sim == lab) return fmt::format("the same in both: {}", fmt::join(sim, ", "));
  const std::string ours = only_in(sim, lab, "simulation"), theirs = only_in(lab, sim, "lab");
  return ours.empty() || theirs.empty() ? ours + theirs : ours + "; " + theirs;
}

std::vector<PortComparison> compare_ports(const std::vector<const PlayedRun*>& sim,
                                          const std::vector<const PlayedRun*>& lab) {
  std::vector<PortComparison> compared;
  if (!has_switch_ports(sim) || !has_switch_ports(lab)) return compared;
  struct Thing {
    const char *name, *label;
    Counter counter;
  };
  for (const Thing& thing : {Thing{"ecn_marks.ports", "ports that mark", &record::Port::ecn_marked},
                             Thing{"pfc.pauses.ports", "ports that pause", &record::Port::pfc_pauses_sent}}) {
    PortComparison one{thing.name, thing.label, ports_with(thing.counter, sim),
                       ports_with(thing.counter, lab)};
    if (!one.sim.empty() || !one.lab.empty()) compared.push_back(std::move(one));
  }
  return compared;
}

}  // namespace railyard::validation
