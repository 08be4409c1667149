// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/all_to_all.h"
#include "traffic/pattern/workload/checkpoint.h"
#include "traffic/pattern/workload/data_loading.h"
#include "traffic/pattern/workload/flow_list.h"
#include "traffic/pattern/workload/flow_mix.h"
#include "traffic/pattern/workload/hotspot.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/llm/inference.h"
#include "traffic/pattern/workload/llm/training.h"
#include "traffic/pattern/workload/parameter_server.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/pattern/workload/training_step.h"
#include "traffic/pattern/workload/workload.h"

namespace railyard {

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> rows = {
      incast_workload(),      single_collective_workload(), permutation_workload(),
      all_to_all_workload(),  hotspot_workload(),           flow_list_workload(),
      flow_mix_workload(),    training_step_workload(),     llm_workload(),
      inference_workload(),   parameter_server_workload(),  checkpoint_workload(),
      data_loading_workload()};
  return rows;
}

WorkloadSettings::WorkloadSettings() {
  for (const Workload& workload : workloads()) settings_.push_back(workload.defaults);
}

}  // namespace railyard
