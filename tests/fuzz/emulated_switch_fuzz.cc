// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: the soft switch takes any frames at its ports, with faults and without. No frame is lost sight
// of, each is counted, its buffer is empty once all is through.
#include <cstdint>
#include <memory>

#include "dpdk-app/softswitch/emulated_switch.h"
#include "tests/fuzz/frame_script.h"
#include "tests/fuzz/mended_frame.h"
#include "tests/unit/softswitch/memory_store.h"

namespace {

using namespace railyard;
using namespace railyard::lab;
using fuzz::require;

constexpr uint32_t kPorts = 4;
constexpr SimTime kPausesOver = SimTime::seconds(10);

EmulatedSwitchSettings settings(uint8_t choice) {
  EmulatedSwitchSettings s;
  s.rates.assign(kPorts, BitRate::megabits(100));
  s.link_delay = SimTime::microseconds(1);
  if ((choice & 1) != 0) s.switching.pool_size = Bytes{20'000};
  if ((choice & 2) != 0) s.switching.pfc_enable = PrioritySet{};
  return s;
}

std::vector<PortFaults> faults(uint8_t choice) {
  std::vector<PortFaults> ports(kPorts);
  if ((choice & 4) == 0) return ports;
  constexpr double kOften = 25;
  for (PortFaults& port : ports)
    for (FaultSettings* f : {&port.in, &port.out}) {
      f->drop = f->corrupt = f->duplicate = f->reorder = kOften;
      f->corrupt_part = (choice >> 3 & 1) != 0 ? CorruptPart::Payload : CorruptPart::Frame;
      f->reorder_delay = f->jitter = SimTime::microseconds(100);
    }
  return ports;
}

class Bench {
 public:
  explicit Bench(uint8_t choice)
      : switch_(std::make_unique<EmulatedSwitch>(settings(choice),
                                                 std::vector<MacAddress>(kPorts, mac_of(0xee)), store_)) {
    switch_->set_faults(faults(choice));
    switch_->start_run({}, SimTime::milliseconds(100));
  }

  void play(fuzz::Step& step) {
    now_ += step.wait;
    if (step.kind == fuzz::StepKind::Act) return drain();
    if (step.kind == fuzz::StepKind::MendedFrame) fuzz::mend(step.bytes);
    const uint32_t port = step.choice % kPorts;
    const FrameHandle frame = store_.add(step.bytes);
    switch_->receive(port, &frame, 1, now_);
    ++received_;
  }

  void end() {
    now_ += kPausesOver;
    drain();
    check();
    switch_.reset();
    require(store_.held() == 0);
  }

 private:
  void drain() {
    switch_->advance(now_);
    for (uint32_t port = 0; port < kPorts; ++port)
      for (FrameHandle frame; switch_->due(port, now_, &frame, 1) == 1;) {
        require(switch_->take(port) <= now_);
        store_.free(frame);
      }
  }

  void check() const {
    uint64_t received = 0;
    for (uint32_t port = 0; port < kPorts; ++port) {
      const LinkCounters& c = switch_->counters(port);
      received += c.rx_packets;
      require(c.pfc_received + c.malformed + c.filtered + c.flooded <=
              c.rx_packets + switch_->faults(port, Direction::In).counters().duplicated);
      require(switch_->traffic().queued_bytes(port) == 0);
      for (uint32_t group = 0; group < kPriorities; ++group)
        require(switch_->traffic().group(port, group).used == 0);
    }
    require(received == received_);
    require(switch_->traffic().pool().used == 0 && switch_->traffic().pool().headroom_used == 0);
  }

  MemoryStore store_;
  std::unique_ptr<EmulatedSwitch> switch_;
  SimTime now_;
  uint64_t received_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Bench bench(data[0]);
  fuzz::FrameScript script(data + 1, size - 1);
  for (fuzz::Step step; script.next(step);) bench.play(step);
  bench.end();
  return 0;
}
