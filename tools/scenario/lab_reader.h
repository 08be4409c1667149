// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/scenario/lab_settings.h"
#include "tools/scenario/yaml_reader.h"

namespace railyard {

// Reads the map under `lab`; lab_check.h checks whether it fits the fabric.
void read_lab(YamlReader& reader, const YAML::Node& node, LabSettings& lab);

}  // namespace railyard
