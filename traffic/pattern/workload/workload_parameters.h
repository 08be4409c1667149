// SPDX-License-Identifier: BSD-3-Clause
// The generators' settings as rows: what scenarios may set.
#pragma once

#include <vector>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/pattern/workload/training_step.h"

namespace railyard {

const std::vector<Parameter<IncastSettings>>& parameters_of(const IncastSettings*);
const std::vector<Parameter<SingleCollectiveSettings>>& parameters_of(const SingleCollectiveSettings*);
const std::vector<Parameter<PermutationSettings>>& parameters_of(const PermutationSettings*);
const std::vector<Parameter<TrainingStepSettings>>& parameters_of(const TrainingStepSettings*);

}  // namespace railyard
