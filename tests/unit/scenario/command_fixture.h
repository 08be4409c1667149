// SPDX-License-Identifier: GPL-2.0-only
// The command in this process, in a folder of its own, with a simulator that answers at once.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "tools/railyard/command_line.h"

namespace railyard {

namespace fs = std::filesystem;

constexpr const char* kScenario = R"(
name: pair
settings:
  fast: {}
  slow: {nic: {nic_latency: 600ns}}
seeds: [5, 6]
jobs:
  - permutation: {ranks: 2, bytes: 1kB}
expect:
  - fct.max < 2ms
)";

// One message, whose completion time follows from the settings.
inline record::Record fake_record(const RunInput& input) {
  record::Record record;
  record.scenario = input.scenario;
  record.setting = input.setting;
  record.seed = input.seed;
  record.duration = SimTime::milliseconds(2);
  record.jobs = {{"permutation", false, 2, 1}};
  record.operations = {{0, "send", "send", 1000, 2}};
  record::Message message;
  message.dst_rank = 1;
  message.bytes = 1000;
  message.received =
      SimTime::microseconds(1000 + static_cast<int64_t>(input.seed)) + input.nic.nic_latency * 1000;
  message.acked = message.received;
  message.ideal = SimTime::microseconds(2);
  record.messages = {message};
  return record;
}

class Command : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("railyard-command-test-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    write("pair.yaml", kScenario);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string content(const fs::path& file) const {
    std::ifstream stream(folder_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::vector<std::string> files_in_folder() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  int run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    return static_cast<int>(run_command_line(arguments, {out_, err_}, simulate_, estimate_));
  }

  fs::path folder_;
  std::ostringstream out_, err_;
  std::vector<RunInput> inputs_;
  Simulate simulate_ = [this](const CompiledRun& run, const ns3::ProgressCallback& progress,
                              ns3::SimulationCost&) {
    inputs_.push_back(run.input);
    progress(SimTime::milliseconds(1), 0.5);
    return tl::expected<record::Record, std::string>(fake_record(run.input));
  };
  Estimate estimate_ = [](const CompiledRun&) { return MemoryEstimate(); };
};

}  // namespace railyard
