// SPDX-License-Identifier: BSD-3-Clause
// Whether the parts of a scenario fit together.
#pragma once

#include "tools/scenario/scenario.h"
#include "tools/scenario/yaml_reader.h"

namespace railyard {

// For every setting: the fabric can be built, buffers and thresholds agree, and each job's hosts exist and
// have room for its ranks. The ranks of captured traces are not known yet.
void check_scenario(const Scenario& scenario, YamlReader& reader);

}  // namespace railyard
