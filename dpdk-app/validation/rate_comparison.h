// SPDX-License-Identifier: BSD-3-Clause
// The rates that congestion control allowed in simulation and lab, like with like: of the same queue pairs,
// at the same sample times, while each of them had something to send in every repetition of both.
//
// A single path is chaotic, since marking is random: whether a lab's path is one of the simulation's is told
// by how far it lies from their mean, beside how far each of them lies from the mean of the others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dpdk-app/validation/played_runs.h"

namespace railyard::validation {

// Medians of absolute differences, as parts of the line rate.
struct Distances {
  std::vector<double> lab;  // each repetition's from the mean of the simulation's
  std::vector<double> sim;  // each repetition's from the mean of the other ones; empty of a single one
};

// All rates are parts of the line rate of the queue pair's port, and so the same at every time scale.
struct RateComparison {
  std::string impossible = "there is no run to compare";  // empty: what follows holds
  size_t queue_pairs = 0;
  SimTime interval;
  bool restrained = false;                   // some queue pair was, below its line rate, in some repetition
  std::vector<double> sim_means, lab_means;  // of each repetition, over queue pairs and time
  Distances over_time;                       // of the mean over the queue pairs, at each sample time
  Distances by_queue_pair;                   // of the mean over time, of each queue pair
  // At each sample time, of the mean over the queue pairs:
  std::vector<double> seconds;
  std::vector<double> sim, sim_least, sim_most;  // over the simulation's repetitions
  std::vector<double> lab;                       // mean of the lab's
};

// Neither is empty.
RateComparison compare_rates(const std::vector<const PlayedRun*>& sim,
                             const std::vector<const PlayedRun*>& lab);

}  // namespace railyard::validation
