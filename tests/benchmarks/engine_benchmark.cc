// SPDX-License-Identifier: GPL-2.0-only
// The engine's cases at a hundredth of their size, in this process: for the profiler and for quick looks.
// `railyard bench engine` measures them in full.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

#include "tools/bench/engine_cases.h"

namespace railyard::bench {
namespace {

constexpr uint64_t kShrink = 100;

void run_engine_case(benchmark::State& state, const EngineCase& engine_case, uint32_t threads) {
  const Bytes bytes{std::max<uint64_t>(engine_case.bytes.n / kShrink, 1000)};
  RunInput input = input_of(engine_case, bytes);
  input.threads = threads;
  double seconds = 0, hops = 0, data_hops = 0, events = 0;
  for (auto _ : state) {
    ns3::SimulationCost cost;
    const auto record = ns3::Simulate(input, {}, &cost);
    if (!record) {
      state.SkipWithError(record.error().c_str());
      return;
    }
    const double time = threads == 1 ? cost.runCpuSeconds : cost.runSeconds;
    state.SetIterationTime(time);
    seconds += time;
    hops += static_cast<double>(record->totals.packet_hops);
    data_hops += static_cast<double>(record->totals.data_hops);
    events += static_cast<double>(cost.events);
  }
  state.counters["ns/hop"] = 1e9 * seconds / hops;
  state.counters["ns/data_hop"] = 1e9 * seconds / data_hops;
  state.counters["events/hop"] = events / hops;
  state.counters["hops/s"] = hops / seconds;
}

const bool kRegistered = [] {
  for (const EngineCase& engine_case : engine_cases()) {
    if (!engine_case.by_default) continue;
    for (const uint32_t threads : {1U, 2U}) {
      const std::string name =
          "engine/" + std::string(engine_case.name) + "/threads:" + std::to_string(threads);
      benchmark::RegisterBenchmark(
          name.c_str(),
          [&engine_case, threads](benchmark::State& state) { run_engine_case(state, engine_case, threads); })
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
}  // namespace railyard::bench
