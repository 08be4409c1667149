// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "traffic/parameter/parameter.h"
#include "traffic/protocol/congestion/dcqcn_settings.h"

namespace railyard {

const std::vector<Parameter<DcqcnSettings>>& parameters_of(const DcqcnSettings*);

}  // namespace railyard
