// SPDX-License-Identifier: BSD-3-Clause
// The runs of one scenario under one or more settings: what every report is made from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/record/comparison.h"
#include "traffic/record/metrics.h"
#include "traffic/record/record.h"

namespace railyard::report {

struct Run {
  uint64_t seed = 0;
  record::Record record;
  record::Summary summary;
};

struct Setting {
  std::string name;
  std::string resolved_yaml;  // the scenario with this setting, every default filled in
  std::vector<Run> runs;      // one a seed
};

// A setting that could not be played to its end, and so has no runs to show.
struct Failure {
  std::string setting;
  uint64_t seed = 0;
  std::string reason;
};

struct RunSet {
  std::string scenario;
  std::string description;
  std::string fabric;  // in words: "fat-tree, k = 4, 16 hosts, 100 Gb/s links"
  std::string configuration_hash;
  std::string version;                // of Railyard
  std::string command;                // as the user typed it
  std::vector<std::string> cautions;  // what a reader must know before the figures; mostly none
  std::vector<Setting> settings;
  std::vector<Failure> failures;  // of settings that are not among these
  record::ComparisonRule rule;
};

// The settings against each other, from the runs' summaries.
record::Comparison comparison_of(const RunSet& runs);

}  // namespace railyard::report
