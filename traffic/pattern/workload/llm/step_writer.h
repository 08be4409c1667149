// SPDX-License-Identifier: BSD-3-Clause
// One rank's training step.
#pragma once

#include <cstdint>

#include "traffic/pattern/trace/rank_builder.h"

namespace railyard::llm {

class TrainingPlan;

void write_step(const TrainingPlan& plan, uint32_t rank, trace::RankBuilder& to);

}  // namespace railyard::llm
