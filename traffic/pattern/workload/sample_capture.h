// SPDX-License-Identifier: BSD-3-Clause
// The capture that the project ships in scenarios/captures/quickstart-16ranks.
#pragma once

#include <string>
#include <vector>

#include "traffic/pattern/workload/training_step.h"

namespace railyard {

struct SampleFile {
  std::string name;     // "rank-3.pt.trace.json.gz"
  std::string content;  // before compression
};

// A small data-parallel step with an exchange between experts: buckets scaled down from PyTorch's 25 MiB so
// that its replay takes seconds.
TrainingStepSettings sample_capture_settings();

std::vector<SampleFile> make_sample_capture();

}  // namespace railyard
