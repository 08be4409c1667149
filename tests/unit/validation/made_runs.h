// SPDX-License-Identifier: BSD-3-Clause
// Run folders made by arithmetic alone, which pose as simulation and lab.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "traffic/record/record_file.h"

namespace railyard::validation {

namespace fs = std::filesystem;

struct Made {
  double slowness = 1;     // stretches every completion
  uint32_t messages = 40;  // of each of four senders
  uint64_t marks = 100, pauses = 0, drops = 0;
  bool has_switch = true;
  double rate = 0.5;  // allowed to each sender, on average; 0: not sampled
  SimTime interval = SimTime::milliseconds(1);
  uint64_t marks_beyond = 0;  // at a second switch port; 0: there is none
};

// Each sender's rate has a level of its own, and swings about it with the seed.
inline void add_rates(record::Record& r, const Made& made, uint64_t seed) {
  for (uint32_t sender = 1; sender <= 4 && made.rate > 0; ++sender) {
    record::RateSamples samples{sender - 1, 0, sender, 0, 0, made.interval, {}, {}};
    for (int64_t i = 1; made.interval * i <= r.duration; ++i) {
      const int64_t ms = (made.interval * i).ps / SimTime::milliseconds(1).ps;
      const double swing = 0.01 * static_cast<double>((static_cast<uint64_t>(ms) + seed) % 2);
      const double part = made.rate + 0.02 * (sender - 2.5) + swing;
      samples.rate_bps.push_back(static_cast<uint64_t>(part * static_cast<double>(r.ports[0].rate.bps)));
      samples.window_bytes.push_back(kNoWindow);
    }
    r.rates.push_back(std::move(samples));
  }
}

inline record::Record made_record(const Made& made, const std::string& setting, uint64_t seed) {
  record::Record r;
  r.scenario = "incast";
  r.setting = setting;
  r.seed = seed;
  r.jobs = {{"incast", false, 5, 1}};
  r.operations = {{0, "gather", "gather", 4'000'000, 5}};
  const auto at = [&](double us) {
    return SimTime::nanoseconds(static_cast<int64_t>(us * 1000 * made.slowness));
  };
  for (uint32_t sender = 1; sender <= 4; ++sender)
    for (uint32_t i = 0; i < made.messages; ++i) {
      const double posted = 1000.0 * i, took = 300 + 5.0 * sender + 2.0 * i + static_cast<double>(seed % 7);
      r.messages.push_back({0, 0, sender, 0, 25'000, at(posted), at(posted + took), at(posted + took + 9),
                            SimTime::microseconds(20)});
    }
  const double end = 1000.0 * made.messages + 500;
  r.duration = at(end);
  for (uint32_t rank = 0; rank < 5; ++rank) {
    r.iterations.push_back({0, 0, rank, at(0), at(end)});
    r.spans.push_back({0, 0, rank, at(0), at(end)});
  }
  record::Port port;
  port.node = made.has_switch ? "leaf0" : "host0";
  port.name = made.has_switch ? "leaf0:0" : "host0:nic0";
  port.is_switch = made.has_switch;
  port.rate = BitRate::megabits(100);
  port.ecn_marked = made.marks;
  port.pfc_pauses_sent = made.pauses;
  port.drops[0] = made.drops;
  r.ports = {port};
  if (made.marks_beyond > 0) {
    port.name = "leaf0:1";
    port.ecn_marked = made.marks_beyond;
    port.pfc_pauses_sent = port.drops[0] = 0;
    r.ports.push_back(port);
  }
  r.totals.cnps = made.marks / 10;
  add_rates(r, made, seed);
  return r;
}

class MadeRuns : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("railyard-validation-test-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }

  static std::string scenario(const std::string& changes = "") {
    return "name: incast\nseeds: [1, 2]\nfabric: {}\n" + changes +
           "\nsettings:\n  dcqcn: {}\njobs:\n  - name: incast\n    iterations: 1\n    incast:\n      "
           "senders: 4\n";
  }

  // A folder with two repetitions.
  void make(const std::string& name, const Made& made, const std::string& yaml = scenario(),
            const std::string& digest = "aaaaaaaaaaaa") const {
    fs::create_directories(folder_ / name / "records");
    write(name + "/scenario.yaml", yaml);
    write(name + "/manifest.json",
          R"({"scenario": "incast", "configuration_sha256": "00", "trace_sha256": {"incast": ")" + digest +
              "\"}}");
    for (const uint64_t seed : {1, 2})
      ASSERT_TRUE(
          record::write_record(path(name + "/records/dcqcn-seed" + std::to_string(seed) + ".ryrecord"),
                               made_record(made, "dcqcn", seed)));
  }

  // What the lab says of its run with each seed.
  void say(const std::string& name, double clock_error_ns, double lateness_seconds,
           bool first_is_valid = true, const std::string& frames = "null") const {
    std::string runs;
    for (const int seed : {1, 2}) {
      const bool valid = seed != 1 || first_is_valid;
      runs += std::string(runs.empty() ? "" : ",") + R"({"setting": "dcqcn", "seed": )" +
              std::to_string(seed) + R"(, "complete": true, "valid": )" + (valid ? "true" : "false") +
              R"(, "invalid_because": "the pacer was late", "frames": )" + frames + R"(, "players": [)" +
              R"({"name": "a0", "clock_before": {"error_ns": )" + std::to_string(clock_error_ns) +
              R"(}, "histograms": {"lateness": {"p99": )" + std::to_string(lateness_seconds) + "}}}," +
              R"({"name": "a1", "clock_before": {"error_ns": )" + std::to_string(clock_error_ns) + "}}]}";
    }
    write(
        name + "/lab.json",
        R"({"format": 1, "players": [{"name": "a0", "kind": "agent", "ports": [{"driver": "net_af_packet", )"
        R"("virtual": true}]}, {"name": "a1", "kind": "agent"}], "runs": [)" +
            runs + "]}");
  }

  fs::path folder_;
};

}  // namespace railyard::validation
