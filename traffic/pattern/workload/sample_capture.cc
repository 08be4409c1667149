// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pattern/workload/sample_capture.h"

#include <fmt/format.h>

#include "traffic/pattern/workload/kineto_writer.h"

namespace railyard {

TrainingStepSettings sample_capture_settings() {
  TrainingStepSettings settings;
  settings.ranks = 16;
  settings.forward = SimTime::microseconds(400);
  settings.backward = SimTime::microseconds(800);
  settings.optimizer = SimTime::microseconds(100);
  settings.buckets = 4;
  settings.bucket_bytes = {2'097'152};
  settings.all_to_all_bytes = {1'048'576};
  settings.skew = SimTime::microseconds(60);
  settings.seed = 7;
  return settings;
}

std::vector<SampleFile> make_sample_capture() {
  const auto trace = make_training_step(sample_capture_settings());
  std::vector<SampleFile> files;
  if (!trace) return files;  // the settings above are in range
  for (std::string& content : write_kineto(*trace, CapturedNetwork())) {
    files.push_back({fmt::format("rank-{}.pt.trace.json.gz", files.size()), std::move(content)});
  }
  return files;
}

}  // namespace railyard
