// SPDX-License-Identifier: BSD-3-Clause
// A run folder, of the simulator or of the lab, as it is read back.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/validation/lab_facts.h"
#include "traffic/record/metrics.h"
#include "traffic/record/record.h"

namespace railyard::validation {

// Scalars of scenario.yaml by their paths: "nic.mtu", "jobs.training.iterations".
using Values = std::map<std::string, std::string>;

struct PlayedRun {
  record::Record record;
  record::Summary summary;
};

struct PlayedSetting {
  std::string name;
  Values values;  // with this setting's changes
  std::vector<PlayedRun> runs;
};

struct PlayedRuns {
  std::filesystem::path folder;
  std::string scenario;
  std::string configuration_hash;
  std::map<std::string, std::string> trace_digests;  // by job; empty in folders of old versions
  std::vector<PlayedSetting> settings;               // in the scenario's order, those with records
  LabFacts facts;
};

// Reads what `railyard run` and railyard-lab write. Captures need not be where they were. The error names the
// file.
tl::expected<PlayedRuns, std::string> read_runs(const std::filesystem::path& folder);

}  // namespace railyard::validation
