// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/transport/nic_settings.h"

namespace railyard {

const std::vector<Parameter<NicSettings>>& parameters_of(const NicSettings*);

}  // namespace railyard
