// SPDX-License-Identifier: BSD-3-Clause
// The soft switch between real ports: one lcore polls them all, and tells the switch the time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/idle_wait.h"
#include "dpdk-app/device/tsc_clock.h"
#include "dpdk-app/measurement/histogram.h"
#include "dpdk-app/measurement/pcap_ring.h"
#include "dpdk-app/softswitch/emulated_switch.h"
#include "dpdk-app/softswitch/mbuf_store.h"

namespace railyard::lab {

constexpr Bytes kCaptureBytes = {64 << 20};  // some 60,000 frames of 1 KB

struct Capture {
  std::unique_ptr<PcapRing> frames;
  std::chrono::nanoseconds epoch{};
};

struct LoopCounters {
  // After a stall the switch lives through the time it missed, so that its links' rates hold over it; but no
  // more than kLongestStall of it, or it would swamp its peers. What lies beyond is lost: for the switch it
  // never was.
  uint64_t long_stalls = 0;
  SimTime lost;
};

class SwitchLoop {
 public:
  static constexpr SimTime kLongestStall = SimTime::milliseconds(100);

  // The pool must outlive it.
  SwitchLoop(std::vector<EthernetPort> ports, rte_mempool* pool, const TscClock& clock,
             const EmulatedSwitchSettings& settings);
  ~SwitchLoop();  // stops
  SwitchLoop(const SwitchLoop&) = delete;
  SwitchLoop& operator=(const SwitchLoop&) = delete;

  // In real time it sleeps when idle; otherwise it has the processor to itself. Those `beside` it, of the
  // process's other switches, are polled in turn with it, and stop with it: they must outlive it.
  void start(unsigned lcore, bool real_time = false, std::vector<SwitchLoop*> beside = {});
  void stop();
  // One look at every port, and whether frames came or went; the caller's thread is the loop's.
  bool poll();

  // Has the loop call `command` between two polls, with the switch's time, and waits for it.
  using Command = std::function<void(EmulatedSwitch& on, SimTime now)>;
  void call(const Command& command);

  // The switch's time of an instant of CLOCK_MONOTONIC_RAW, and back. For commands.
  SimTime from_raw_ns(int64_t ns) const { return clock_.from_raw_ns(ns) - counters_.lost; }

  const std::vector<EthernetPort>& ports() const { return ports_; }
  // For commands: how much later than its time a frame was handed to its device.
  Histogram& lateness() { return lateness_; }
  const LoopCounters& counters() const { return counters_; }

  // From here on the last frames that left, of all ports, are kept, as much as fits; 0 keeps none.
  void capture(Bytes capacity);
  // What was kept, and where its times begin, since 1970; ends the capture. No frames where there was none.
  Capture take_capture();

 private:
  static int run(void* self);
  void wait(const IdleWait& idle, SimTime idle_for) const;
  SimTime time();
  size_t receive(uint32_t port);
  size_t transmit(uint32_t port, SimTime now);
  void record(rte_mbuf* const* frames, size_t count, SimTime now);

  std::vector<EthernetPort> ports_;
  MbufStore store_;
  TscClock clock_;
  EmulatedSwitch switch_;
  Histogram lateness_;
  LoopCounters counters_;
  std::unique_ptr<PcapRing> capture_;
  SimTime now_;
  unsigned lcore_ = 0;
  bool real_time_ = false;
  std::vector<SwitchLoop*> polled_;  // by its lcore: itself, and those beside it
  std::atomic<bool> running_{false};
  std::atomic<const Command*> command_{nullptr};
  std::mutex calling_;
};

}  // namespace railyard::lab
