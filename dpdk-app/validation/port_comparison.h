// SPDX-License-Identifier: BSD-3-Clause
// Where in the fabric it happened: the switch ports that marked, and those that paused their peers.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "dpdk-app/validation/played_runs.h"

namespace railyard::validation {

// One thing that ports count.
struct PortComparison {
  std::string name, label;         // "ecn_marks.ports", "ports that mark"
  std::set<std::string> sim, lab;  // the ports, as records name them: "leaf0:3"

  // "the same ones: leaf0:3"; or which are only on one side.
  std::string statement() const;
};

// A port counts where its share is not a straggler's: at least a hundredth of the busiest port's, of all
// repetitions together. Empty where either side has no more than one switch port, and so no choice; a thing
// that happens on neither side is left out.
std::vector<PortComparison> compare_ports(const std::vector<const PlayedRun*>& sim,
                                          const std::vector<const PlayedRun*>& lab);

}  // namespace railyard::validation
