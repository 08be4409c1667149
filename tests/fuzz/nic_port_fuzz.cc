// SPDX-License-Identifier: BSD-3-Clause
// libFuzzer: an emulated NIC takes any frames, one after the other, while time passes and it sends. Every
// frame is counted once, under one name; what it sends decodes; nothing completes that was not posted.
#include <cstdint>

#include "dpdk-app/agent/nic_port.h"
#include "tests/fuzz/frame_script.h"
#include "tests/fuzz/mended_frame.h"

namespace {

using namespace railyard;
using namespace railyard::lab;
using fuzz::require;

// Even flows start at the NIC, odd ones end there.
constexpr uint32_t kFlows = 4;
constexpr uint32_t kBudget = 32;
constexpr uint32_t kPolls = 64;  // a step at most: else one wait of seconds would send for ever
constexpr uint64_t kMessages = 16;
constexpr size_t kLargestFrame = 2'048;
constexpr uint8_t kStranger = 0x7f;  // of a step's choices

FlowAddress address_of(uint32_t flow, bool from_us) {
  FlowAddress a;
  a.source_mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(from_us ? 1 : 2)};
  a.destination_mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(from_us ? 2 : 1)};
  a.source_ip = from_us ? 0x0a000001 : 0x0a000002;
  a.destination_ip = from_us ? 0x0a000002 : 0x0a000001;
  a.udp_source_port = udp_source_port(flow);
  a.source_qp = sender_queue_pair(flow);
  a.destination_qp = receiver_queue_pair(flow);
  return a;
}

NicConfig config(uint32_t algorithm) {
  LabPlan plan;
  plan.nic.congestion_control = algorithm;
  plan.nic.mtu = 1'024;
  plan.nic.ack_timeout = 8;
  plan.sample_interval = SimTime::milliseconds(1);
  plan.sampled_queue_pairs = 8;
  LabEndpoint e;
  e.ip = address_of(0, true).source_ip;
  e.mac = address_of(0, true).source_mac;
  e.rate = BitRate::gigabits(1);
  plan.endpoints = {e};
  return nic_config_of(plan, 0, kFlows, {});
}

struct Counted final : MessageEvents {
  uint64_t acked = 0, failed = 0;
  void message_received(uint32_t flow, SimTime) override { require(flow % 2 == 1); }
  void message_acked(uint32_t flow, SimTime) override {
    require(flow % 2 == 0);
    ++acked;
  }
  void queue_pair_failed(uint32_t flow, SimTime) override {
    require(flow % 2 == 0);
    ++failed;
  }
};

// From our peer's address to ours, and to the queue pair that the step names; some from a stranger's.
void readdress(std::vector<uint8_t>& frame, uint8_t choice) {
  constexpr size_t kQueuePair =
      ethernet::kHeader + layout::kIpHeader + layout::kUdpHeader + layout::kBthDestinationQp;
  if (frame.size() < ethernet::kHeader + layout::kHeaders) return;
  const FlowAddress to_us = address_of(0, false);
  std::copy(to_us.destination_mac.begin(), to_us.destination_mac.end(), frame.begin());
  store_be32(frame.data() + ethernet::kHeader + layout::kIpDestination, to_us.destination_ip);
  if (choice != kStranger) store_be32(frame.data() + ethernet::kHeader + layout::kIpSource, to_us.source_ip);
  const uint32_t queue_pair = kFirstQueuePair + choice % (2 * kFlows + 1);
  for (size_t i = 0; i < 3; ++i) frame[kQueuePair + i] = static_cast<uint8_t>(queue_pair >> (16 - 8 * i));
}

class Bench {
 public:
  explicit Bench(uint32_t algorithm) : nic_(config(algorithm), events_) {
    for (uint32_t flow = 0; flow < kFlows; ++flow)
      flow % 2 == 0 ? nic_.add_sender(flow, address_of(flow, true))
                    : nic_.add_receiver(flow, address_of(flow, false));
    nic_.start_sampling({});
  }

  void play(fuzz::Step& step) {
    now_ += step.wait;
    poll();
    if (step.kind == fuzz::StepKind::Act) return act(step);
    if (step.kind == fuzz::StepKind::MendedFrame) {
      readdress(step.bytes, step.choice);
      fuzz::mend(step.bytes);
    }
    nic_.on_frame(step.bytes.data(), step.bytes.size(), now_);
    ++frames_;
    poll();
  }

  void check() const {
    const NicCounters& c = nic_.counters();
    uint64_t counted = c.rx_packets + c.other_destination + c.unknown_queue_pair + c.foreign_peer +
                       c.pfc_frames + c.link_pause_frames;
    for (const uint64_t errors : c.decode_errors) counted += errors;
    require(counted == frames_);
    require(events_.acked <= posted_);
    require(c.rx_packets == c.rx_data_packets + c.acks_received + c.naks_received + c.cnps_received);
    require(c.failed_queue_pairs == events_.failed);
    (void)nic_.rates();
  }

 private:
  void act(const fuzz::Step& step) {
    if (step.choice == 0xff) return nic_.stop();
    if (posted_ == kMessages) return;
    ++posted_;
    nic_.post(2 * (step.choice % (kFlows / 2)), step.bytes.empty() ? 0 : uint64_t{step.bytes[0]} << 8, now_);
  }

  void poll() {
    for (uint32_t i = 0; i < kPolls && nic_.next_due() <= now_; ++i)
      nic_.poll(now_, kBudget, [](const Packet& p, const FlowAddress& to, const FrameBody& body) {
        uint8_t bytes[kLargestFrame];
        const size_t size = encode(p, to, body, bytes, sizeof bytes);
        const auto decoded = decode(bytes, size);
        require(decoded && decoded->kind == p.kind);
      });
  }

  Counted events_;
  NicPort nic_;
  SimTime now_;
  uint64_t frames_ = 0, posted_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  Bench bench(data[0] % static_cast<uint32_t>(congestion_algorithms().size()));
  fuzz::FrameScript script(data + 1, size - 1);
  for (fuzz::Step step; script.next(step);) bench.play(step);
  bench.check();
  return 0;
}
