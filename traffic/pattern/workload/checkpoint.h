// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "traffic/parameter/parameter.h"
#include "traffic/pattern/trace/rank_builder.h"
#include "traffic/pattern/trace/trace.pb.h"
#include "traffic/pattern/workload/workload.h"
#include "traffic/units/quantity.h"

namespace railyard {

enum class Sharding : uint8_t { AllRanks, OneReplica };

// Ranks write the state of training to storage endpoints, again and again.
struct CheckpointSettings {
  uint32_t model = 0;  // index in llm::models()
  Bytes size = {0};    // of a checkpoint; 0: the model's, of BF16 parameters, FP32 copy and two moments
  uint32_t ranks = 16;
  uint32_t endpoints = 4;
  Sharding sharding = Sharding::AllRanks;
  uint32_t replicas = 1;
  Bytes block = {4 << 20};
  uint32_t outstanding = 4;  // blocks of a rank at once
  uint32_t checkpoints = 1;
  SimTime interval = SimTime::seconds(60);  // from one's start to the next one's

  uint64_t bytes() const;                  // of a checkpoint
  uint64_t bytes_of(uint32_t rank) const;  // that the rank writes of it
};

// The error is one sentence: settings that do not go together.
MadeJob make_checkpoint(const CheckpointSettings& settings);

const std::vector<Parameter<CheckpointSettings>>& parameters_of(const CheckpointSettings*);
Workload checkpoint_workload();

}  // namespace railyard
