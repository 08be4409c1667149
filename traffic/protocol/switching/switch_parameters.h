// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/switching/switch_settings.h"

namespace railyard {

// Without the maps, which have rows of their own.
const std::vector<Parameter<SwitchSettings>>& parameters_of(const SwitchSettings*);
const std::vector<Parameter<QosMaps>>& parameters_of(const QosMaps*);

}  // namespace railyard
