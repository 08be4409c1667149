// SPDX-License-Identifier: GPL-2.0-only
// How exact the timing wheel paces: flows of one rate each on one core, every frame sent by a call of its own
// into net_null, which swallows it. The 99th percentile is the machine's doing more than the wheel's: what
// its hypervisor, interrupts and neighbours take.
#include <benchmark/benchmark.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/timing_wheel.h"
#include "dpdk-app/device/tsc_clock.h"
#include "dpdk-app/measurement/histogram.h"
#include "tests/benchmarks/lab_benchmark.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kBudget = 64;
constexpr int64_t kGapErrorUnits =
    10'000;  // of a gap: a hundredth of a percent, as the histogram counts integers

struct Pacing {
  Histogram lateness_ps;
  Histogram gap_error;  // in 1 / kGapErrorUnits of the gap
  uint64_t sent = 0;
};

// Sends for `duration`; `flows` flows, a frame of `size` bytes each `gap`.
Pacing pace(EthernetPort& port, const TscClock& clock, uint32_t flows, uint16_t size, SimTime gap,
            SimTime duration) {
  Pacing result;
  const SimTime begin = clock.now() + SimTime::milliseconds(1);
  const SimTime end = begin + duration;
  TimingWheel<> wheel(flows, begin);
  std::vector<SimTime> last(flows, SimTime::never());
  for (uint32_t flow = 0; flow < flows; ++flow) wheel.schedule(flow, begin + gap * flow / flows);
  for (SimTime now = begin; now < end; now = clock.now()) {
    wheel.poll(now, kBudget, [&](uint32_t flow, SimTime due) {
      rte_mbuf* frame = rte_pktmbuf_alloc(benchmark_pool());
      if (frame != nullptr && rte_pktmbuf_append(frame, size) != nullptr) {
        const SimTime at = clock.now();
        if (port.transmit(0, &frame, 1) == 0) rte_pktmbuf_free(frame);
        result.lateness_ps.add((at - due).ps);
        if (last[flow] != SimTime::never()) {
          result.gap_error.add(std::abs((at - last[flow] - gap).ps) * kGapErrorUnits / gap.ps);
        }
        last[flow] = at;
        ++result.sent;
      }
      wheel.schedule(flow, due + gap);
    });
  }
  return result;
}

// Arguments: flows, Mb/s of each, bytes of a frame.
void pacing(benchmark::State& state) {
  auto port = EthernetPort::open("net_null0,no-rx=1", 1, kLargestFrame, benchmark_pool());
  if (!port) return state.SkipWithError(port.error().c_str());
  const TscClock clock = TscClock::calibrate();
  const auto flows = static_cast<uint32_t>(state.range(0));
  const auto rate = BitRate::megabits(static_cast<uint64_t>(state.range(1)));
  const auto size = static_cast<uint16_t>(state.range(2));
  const SimTime gap = rate.time_of(Bytes{size});
  const SimTime duration = SimTime::milliseconds(500);
  Pacing result;
  for (auto _ : state) result = pace(*port, clock, flows, size, gap, duration);

  constexpr double kPercent = 100.0 / kGapErrorUnits;
  constexpr double kPicosecondsPerNanosecond = 1'000;
  const double wanted = static_cast<double>(flows) * duration.to_seconds() / gap.to_seconds();
  state.counters["gap_error_p50_percent"] = static_cast<double>(result.gap_error.percentile(50)) * kPercent;
  state.counters["gap_error_p99_percent"] = static_cast<double>(result.gap_error.percentile(99)) * kPercent;
  state.counters["late_p50_ns"] =
      static_cast<double>(result.lateness_ps.percentile(50)) / kPicosecondsPerNanosecond;
  state.counters["late_p99_ns"] =
      static_cast<double>(result.lateness_ps.percentile(99)) / kPicosecondsPerNanosecond;
  state.counters["rate_error_percent"] = 100 * (static_cast<double>(result.sent) / wanted - 1);
}

}  // namespace

BENCHMARK(pacing)
    ->ArgNames({"flows", "Mbps", "bytes"})
    ->Args({1, 100, 1'024})
    ->Args({16, 100, 1'024})
    ->Args({256, 100, 1'024})
    ->Args({1'024, 100, 4'096})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace railyard::lab
