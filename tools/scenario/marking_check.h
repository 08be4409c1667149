// SPDX-License-Identifier: BSD-3-Clause
// Whether switches mark where the algorithm that heeds the marks can live with it.
#pragma once

#include <string>

#include "tools/scenario/scenario.h"

namespace railyard {

// A sentence without a full stop where NICs send notifications for marks that begin within a few microseconds
// of a link's time, because thresholds are those of slower links; otherwise empty.
std::string marking_warning(const NetworkSettings& network);

}  // namespace railyard
