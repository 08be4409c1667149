// SPDX-License-Identifier: GPL-2.0-only
// Frames a second that one lcore takes through the soft switch, between rings in this process. Every
// iteration is a burst out of each host's port, polls until it came out again, and a burst into the other's;
// the hosts' part of it (a ring's enqueue and dequeue) is in the time.
#include <benchmark/benchmark.h>
#include <rte_mbuf.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/softswitch/switch_loop.h"
#include "tests/unit/softswitch/memory_store.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kMaxFrame = 4'200;
constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;
constexpr uint16_t kBurst = 32;

template <class T>
T or_exit(tl::expected<T, std::string> made) {
  if (made) return *std::move(made);
  std::fprintf(stderr, "%s\n", made.error().c_str());
  std::exit(1);
}

rte_mempool* frame_pool() {
  static const Eal eal = or_exit(start_eal({{usable_cores().back()}, {}, 256}));
  static const FramePool pool = or_exit(make_frame_pool("frames", 8'191, kMaxFrame));
  return pool.get();
}

class RingSwitch {
 public:
  // Pairs of hosts that talk to each other.
  explicit RingSwitch(uint32_t count) : pool_(frame_pool()) {
    EmulatedSwitchSettings settings;
    settings.rates.assign(count, BitRate::gigabits(8'000));  // never what limits
    settings.switching.pipeline_latency = {};
    settings.max_frame_bytes = kMaxFrame;
    std::vector<EthernetPort> ports;
    for (uint32_t i = 0; i < count; ++i) {
      ports.push_back(open("ring:b" + std::to_string(i) + ",a"));
      hosts_.push_back(open("ring:b" + std::to_string(i) + ",b"));
    }
    loop_ = std::make_unique<SwitchLoop>(std::move(ports), pool_, TscClock::calibrate(), settings);
  }

  void fill(uint32_t frame_bytes) {
    for (uint32_t host = 0; host < hosts_.size(); ++host) {
      const auto at = static_cast<uint8_t>(host + 1);
      const Bytes8 bytes = data_frame(at, static_cast<uint8_t>((host ^ 1) + 1),
                                      frame_bytes - wire::data_frame_bytes(0, false), kTos);
      std::array<rte_mbuf*, kBurst> frames;
      rte_pktmbuf_alloc_bulk(pool_, frames.data(), kBurst);
      for (rte_mbuf* frame : frames) {
        std::copy(bytes.begin(), bytes.end(), rte_pktmbuf_mtod(frame, uint8_t*));
        rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes.size()));
      }
      hosts_[host].transmit(0, frames.data(), kBurst);
    }
    for (int i = 0; i < 1'000; ++i) step();
  }

  // What comes out of the switch goes into it again; returns how many frames that were.
  uint64_t step() {
    loop_->poll();
    uint64_t frames = 0;
    for (uint32_t host = 0; host < hosts_.size(); ++host) {
      std::array<rte_mbuf*, kBurst> burst;
      const uint16_t count = hosts_[host].receive(0, burst.data(), kBurst);
      for (uint16_t i = 0; i < count; ++i) turn_round(burst[i]);
      hosts_[host].transmit(0, burst.data(), count);
      frames += count;
    }
    return frames;
  }

 private:
  EthernetPort open(const std::string& name) {
    return or_exit(EthernetPort::open(name, 1, kMaxFrame, pool_));
  }
  // The frame came from the neighbour, to whom it goes back.
  static void turn_round(rte_mbuf* frame) {
    auto* bytes = rte_pktmbuf_mtod(frame, uint8_t*);
    std::swap_ranges(bytes, bytes + 6, bytes + 6);
  }

  rte_mempool* pool_;
  std::vector<EthernetPort> hosts_;
  std::unique_ptr<SwitchLoop> loop_;
};

void forward(benchmark::State& state) {
  RingSwitch ring(static_cast<uint32_t>(state.range(0)));
  ring.fill(static_cast<uint32_t>(state.range(1)));
  uint64_t frames = 0;
  for (auto _ : state) frames += ring.step();
  if (frames == 0) state.SkipWithError("no frame came through");
  state.SetItemsProcessed(static_cast<int64_t>(frames));
}
BENCHMARK(forward)->ArgNames({"ports", "bytes"})->ArgsProduct({{2, 8, 16}, {128, 1'082, 4'154}});

}  // namespace
}  // namespace railyard::lab

BENCHMARK_MAIN();
