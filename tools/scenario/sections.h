// SPDX-License-Identifier: BSD-3-Clause
// The maps of a scenario file and the parameters in each. The loader, the writer, `--set`, the JSON schema
// and the reference page all go through these lists, so that they cannot disagree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/scenario/scenario.h"
#include "traffic/parameter/parameter.h"

namespace railyard {

struct Section {
  std::string_view key;
  std::string help;
  std::vector<BoundParameter> parameters;
  std::optional<size_t> algorithm = {};  // index of that whose parameters and presets these are
};

// fabric, switch, nic, and one for each congestion-control algorithm with parameters: what a setting may
// change.
std::vector<Section> network_sections(NetworkSettings& network);

// `algorithm`, an index in congestion_algorithms(), gets the preset's values, and switches what goes with
// them.
tl::expected<void, std::string> apply_preset(NetworkSettings& network, size_t algorithm,
                                             std::string_view name);

// name, description.
std::vector<BoundParameter> scenario_parameters(Scenario& scenario);

// output, limits.
std::vector<Section> run_sections(Scenario& scenario);

// name, iterations, background, start, dscp, congestion_control; slow_ranks, jitter, jitter_spread,
// start_skew.
std::vector<BoundParameter> job_parameters(Job& job);

// trace, then those of workloads(): a job has one of them.
std::vector<Section> source_sections(Job& job);
// Of these, the job's own.
Section source_section(Job& job);
// Those of its parameters that name files, where they are not empty; relative ones start at the scenario
// file.
std::vector<std::string*> source_files(Job& job);
// These, and placement.topology.
std::vector<std::string*> job_files(Job& job);

Section placement_section(Job& job);

// time_scale, token_file, lateness_limit; and of each entry in its lists.
Section lab_section(LabSettings& lab);
std::vector<BoundParameter> agent_parameters(LabAgent& agent);
std::vector<BoundParameter> port_parameters(LabPort& port);
std::vector<BoundParameter> switch_parameters(LabSwitch& lab_switch);

}  // namespace railyard
