// SPDX-License-Identifier: GPL-2.0-only
// What runs at the scale of large clusters take of memory, measured on processes of their own.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <type_traits>

#include <fmt/format.h>

#include "ns3-modules/replay/model/memory-estimate.h"
#include "ns3-modules/replay/model/replay.h"
#include "tests/unit/trace/temporary_folder.h"
#include "tools/experiment/experiment.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/llm/training.h"
#include "traffic/pattern/workload/single_collective.h"

namespace railyard {
namespace {

constexpr uint64_t kMebi = uint64_t{1} << 20, kGibi = uint64_t{1} << 30;

// What a process tells of its run.
struct Seen {
  MemoryEstimate estimate;
  uint64_t flows = 0;
  uint64_t compiled_bytes = 0;  // resident once the run is compiled
  uint64_t start_bytes = 0;     // resident when it begins
  uint64_t peak_bytes = 0;      // by the kernel's account
  double fraction = 0;          // of all messages, received at the end
  char end[512] = "";           // why it ended
};
static_assert(std::is_trivially_copyable_v<Seen>);

uint64_t resident_bytes() {
  uint64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void play(const std::function<RunInput()>& input, Seen& seen) {
  auto run = compile_run(input());
  if (!run) {
    std::strncpy(seen.end, run.error().c_str(), sizeof seen.end - 1);
    return;
  }
  seen.compiled_bytes = resident_bytes();
  seen.flows = run->jobs->flow_count();
  seen.estimate = ns3::EstimateMemory(*run);
  const auto progress = [&](SimTime now, double fraction) {
    if (now == SimTime{}) seen.start_bytes = resident_bytes();
    seen.fraction = fraction;
    return true;
  };
  const auto record = ns3::Simulate(*run, progress);
  if (!record) std::strncpy(seen.end, record.error().c_str(), sizeof seen.end - 1);
}

// In a process of its own, whose memory nobody else's allocations have been in.
Seen measured(const std::function<RunInput()>& input) {
  Seen seen;
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    play(input, seen);
    const bool written = write(ends[1], &seen, sizeof seen) == sizeof seen;
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  EXPECT_EQ(read(ends[0], &seen, sizeof seen), static_cast<ssize_t>(sizeof seen))
      << "it ended without a word";
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  seen.peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts KiB
  return seen;
}

double mebi(uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(kMebi);
}

void print(const char* what, const Seen& seen) {
  std::printf("%s: %.0f MiB compiled, %.0f MiB at the start, %.0f MiB at most; %lu queue pairs\n", what,
              mebi(seen.compiled_bytes), mebi(seen.start_bytes), mebi(seen.peak_bytes), seen.flows);
  std::printf("  estimated: schedule %.0f MiB, %s\n  %.4f of the messages; ended: %s\n",
              mebi(seen.estimate.schedule), in_words(seen.estimate).c_str(), seen.fraction, seen.end);
}

JobInput placed(std::shared_ptr<const trace::RankSource> source, uint32_t gpus_per_host) {
  JobInput job;
  job.name = "job";
  for (uint32_t rank = 0; rank < source->header().rank_count(); ++rank)
    job.placement.push_back({rank / gpus_per_host, rank % gpus_per_host});
  job.source = std::move(source);
  return job;
}

// 2,048 hosts of 8 GPUs and NICs at 400 Gb/s, eight rails of 32 leaves.
RunInput rails() {
  RunInput input;
  input.fabric.kind = FabricKind::RailOptimized;
  input.fabric.gpus_per_host = input.fabric.nics_per_host = 8;
  input.fabric.hosts_per_leaf = 64;
  input.fabric.leaves = 32;
  input.fabric.spines = 32;
  input.fabric.link_rate = BitRate::gigabits(400);
  input.maximum_duration = SimTime::nanoseconds(1);  // the start is what is looked at
  return input;
}

// The paper's 16,384 GPUs [Llama team, "The Llama 3 Herd of Models", 2024, table 4, without CP].
RunInput llama() {
  LlmSettings settings;
  for (settings.model = 0; llm::models()[settings.model].name != "llama3-405b";) ++settings.model;
  settings.tp = 8;
  settings.pp = 16;
  settings.dp = 128;
  settings.micro_batches = 16;
  RunInput input = rails();
  input.jobs.push_back(placed(make_llm(settings).value(), 8));
  return input;
}

RunInput two_messages() {
  RunInput input = rails();
  input.jobs.push_back(placed(trace::HeldTrace::of(make_incast({1, Bytes{4'096}}).value()).value(), 1));
  return input;
}

TEST(Memory, Llama405bOn16384GpusBeginsWithinAGibibyteBesideItsFabric) {
  const Seen fabric = measured(two_messages), step = measured(llama);
  print("the fabric alone", fabric);
  print("llama3-405b, TP8 PP16 DP128", step);
  ASSERT_NE(step.start_bytes, 0u);
  EXPECT_NE(std::string(step.end).find("has not ended"), std::string::npos) << step.end;
  EXPECT_LT(step.start_bytes - fabric.start_bytes, kGibi);
  EXPECT_LT(step.estimate.schedule + step.estimate.queue_pairs + step.estimate.hosts, kGibi);
}

// The same from a scenario file, with all that `railyard run` holds of it.
RunInput llama_scenario() {
  const TemporaryFolder folder;
  ExperimentOptions options;
  options.scenario_file = folder.file("llama.yaml");
  std::ofstream(options.scenario_file) << R"(
fabric: {kind: rail-optimized, gpus_per_host: 8, nics_per_host: 8, hosts_per_leaf: 64, leaves: 32, spines: 32,
         link_rate: 400Gbps}
limits: {duration: 1ns}
jobs:
  - llm: {model: llama3-405b, tp: 8, pp: 16, dp: 128, micro_batches: 16}
)";
  static const Experiment experiment = prepare_experiment(options).value();
  return experiment.inputs.front();
}

TEST(Memory, AScenarioOf16384GpusIsNeverHeldWhole) {
  const Seen fabric = measured(two_messages), step = measured(llama_scenario);
  print("llama3-405b, TP8 PP16 DP128, from a scenario", step);
  ASSERT_NE(step.start_bytes, 0u);
  EXPECT_NE(std::string(step.end).find("has not ended"), std::string::npos) << step.end;
  EXPECT_LT(step.start_bytes - fabric.start_bytes, kGibi);
  EXPECT_LT(step.peak_bytes - fabric.start_bytes, kGibi);  // nor while it was prepared
}

// k = 32 fat-tree.
RunInput all_to_all(uint32_t iterations, SimTime duration) {
  constexpr uint32_t kRanks = 8'192;
  SingleCollectiveSettings settings;
  settings.kind = 4;  // all-to-all
  settings.ranks = kRanks;
  settings.bytes = Bytes{uint64_t{kRanks} << 16};
  RunInput input;
  input.fabric.kind = FabricKind::FatTree;
  input.fabric.k = 32;
  input.fabric.hosts_per_leaf = 0;
  input.maximum_duration = duration;
  input.jobs.push_back(placed(trace::HeldTrace::of(make_single_collective(settings).value()).value(), 1));
  input.jobs.back().iterations = iterations;
  return input;
}

TEST(Memory, AnAllToAllOf8192RanksHoldsWhatIsUnderWay) {
  const Seen seen = measured([] { return all_to_all(1, SimTime::microseconds(210)); });
  print("all-to-all of 8,192 ranks, 64 KiB a pair, its first 0.2 ms", seen);
  EXPECT_EQ(seen.flows, 8'192u * 8'191);
  EXPECT_GT(seen.fraction, 16.0 / 8'191) << "rounds";
  EXPECT_LT(seen.peak_bytes, 4 * kGibi);
  EXPECT_NE(std::string(seen.end).find("has not ended"), std::string::npos) << seen.end;
}

TEST(Memory, ARunThatDoesNotFitEndsBeforeItBegins) {
  const Seen seen = measured([] {
    // A thousand times over nothing can be put away, and the record has 67 billion messages.
    return all_to_all(1'000, SimTime::seconds(10));
  });
  print("the same a thousand times", seen);
  EXPECT_EQ(std::string(seen.end).find("the run needs "), 0u) << seen.end;
  EXPECT_NE(std::string(seen.end).find("queue pairs "), std::string::npos);
  EXPECT_EQ(seen.start_bytes, 0u);
}

}  // namespace
}  // namespace railyard
