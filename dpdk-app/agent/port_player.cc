// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/port_player.h"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dpdk-app/agent/frame_kind.h"
#include "dpdk-app/agent/path_probe.h"
#include "dpdk-app/agent/shared_port.h"
#include "dpdk-app/agent/transmit_buffer.h"
#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/stamp_clock.h"
#include "dpdk-app/device/tsc_clock.h"
#include "dpdk-app/device/wire_time.h"
#include "dpdk-app/measurement/pcap_ring.h"
#include "dpdk-app/measurement/run_frames.h"
#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/frame_template.h"

namespace railyard::lab {
namespace {

// Received in one poll at most, so that sending is not starved by a flood; and the other way round, a poll
// sends at most a burst.
constexpr uint32_t kReceiveBursts = 4;

// What the device counted of PFC frames that pause us, by priority, as drivers name it: mlx5's
// rx_prio3_pause, ixgbe's rx_priority3_xoff_packets.
std::array<uint64_t, kPriorities> device_pauses(const EthernetPort& port) {
  std::array<uint64_t, kPriorities> pauses{};
  for (const auto& [name, count] : port.named_statistics()) {
    const size_t prio = name.rfind("rx_prio", 0) == 0 ? name.find_first_of("0123456789") : std::string::npos;
    if (prio == std::string::npos || name.find("duration") != std::string::npos) continue;
    const auto priority = static_cast<size_t>(name[prio] - '0');
    const bool pauses_us = name.find("pause") != std::string::npos || name.find("xoff") != std::string::npos;
    if (priority < kPriorities && pauses_us) pauses[priority] += count;
  }
  return pauses;
}

class Player final : public PortPlayer {
 public:
  Player(const NicConfig& config, uint32_t endpoint, uint32_t vlan, bool capture, RunFrames run_frames,
         const PortContext& context)
      : context_(context),
        config_(config),
        endpoint_(endpoint),
        run_frames_(std::move(run_frames)),
        losses_before_(device_losses(context.port.id())),
        addresses_(config.mac, config.ip, vlan),
        out_(context.port, context.queue, context.pool),
        stamps_(stamp_clock_of(context.port, context.clock)),
        zeros_(config.rules.mtu),
        zeros_icrc_(zeros_.data(), zeros_.size()) {
    if (capture) capture_.emplace(kCaptureBytes);
  }

  bool poll() override {
    bool busy = receive();
    if (context_.shared != nullptr) busy |= receive_handed_over();
    const SimTime now = context_.clock.now();
    if (stamps_) stamps_->follow(now);
    if (nic_) {
      nic_->poll(now, silent_ ? 0 : out_.room(),
                 [this](const Packet& p, const FlowAddress& to, FrameBody& body) {
                   out_.add([&](uint8_t* bytes, size_t capacity) {
                     const size_t size = write(p, to, body, bytes, capacity);
                     record(bytes, size);
                     return size;
                   });
                 });
    }
    addresses_.poll(now, [this](const uint8_t* frame, size_t size) {
      if (out_.room() == 0) return;  // asked again, on either side
      out_.add([&](uint8_t* bytes, size_t capacity) {
        size = std::min(size, capacity);
        std::copy_n(frame, size, bytes);
        record(bytes, size);
        return size;
      });
    });
    if (probe_) send_probe(now);
    busy |= out_.flush();
    return busy || out_.waiting();
  }

  SimTime next_due() const override {
    const SimTime addresses = addresses_.unresolved() == 0 ? SimTime::never() : addresses_.ask_again_at();
    const SimTime due = probe_ ? std::min(probe_->next_due(), addresses) : addresses;
    return nic_ ? std::min(nic_->next_due(), due) : due;
  }

  void add_flows(const LabPlan& plan, const FlowTable& flows, MessageEvents& events) override {
    SharedPort* const shared = context_.shared;
    nic_.emplace(config_, events, LinkTurn(shared != nullptr ? &shared->link() : nullptr, context_.queue));
    const AddressResolution& addresses = shared != nullptr ? *shared->addresses : addresses_;
    const auto hop = [&](uint32_t peer) {
      return *addresses.lookup(next_hop_of(plan.endpoints[endpoint_], plan.endpoints[peer]));
    };
    std::vector<uint32_t> sent, received;  // here
    for (const uint32_t flow : flows.sent_by(endpoint_))
      if (shared == nullptr || shared->spread().queue_of_sender(flow) == context_.queue) sent.push_back(flow);
    for (const uint32_t flow : flows.received_by(endpoint_))
      if (shared == nullptr || shared->spread().queue_of_receiver(flow) == context_.queue)
        received.push_back(flow);
    for (const uint32_t flow : sent)
      nic_->add_sender(flow, flows.address_of(flow, hop(flows[flow].destination)),
                       config_.class_of_job[flows[flow].job]);
    for (const uint32_t flow : received)
      nic_->add_receiver(flow, flows.reply_address_of(flow, hop(flows[flow].source)),
                         config_.class_of_job[flows[flow].job]);
    if (context_.icrc.derive) make_templates(flows, sent, received, hop);
  }

  void post(uint32_t flow, uint64_t bytes, SimTime now) override { nic_->post(flow, bytes, now); }
  void start(SimTime at) override { nic_->start_sampling(at); }
  void stop() override {
    if (nic_) nic_->stop();
  }

  void begin_probe(const LabPlan& plan, const control::Probe& probe, SimTime start) override {
    probe_.emplace(config_, plan, endpoint_, probe, start);
    probed_plan_ = &plan;
    for (const uint32_t peer : probe_->peers())
      addresses_.resolve(next_hop_of(plan.endpoints[endpoint_], plan.endpoints[peer]), context_.clock.now());
    pauses_before_ = device_pauses(context_.port);
  }
  void end_probe(control::ProbeResult& result) override {
    probe_->report(result);
    probe_.reset();
    control::ProbePort& port = *result.mutable_ports(result.ports_size() - 1);
    const auto now = device_pauses(context_.port);
    for (uint32_t p = 0; p < kPriorities; ++p) port.add_device_pauses(now[p] - pauses_before_[p]);
  }

  void fall_silent() override { silent_ = true; }
  AddressResolution& addresses() override { return addresses_; }
  const NicCounters& counters() const override {
    static const NicCounters none;
    return nic_ ? nic_->counters() : none;
  }
  uint64_t retransmitted() const override { return nic_ ? nic_->retransmitted() : 0; }
  SimTime lateness_p99() const override {
    constexpr double kPercentile = 99;
    return nic_ ? SimTime{nic_->measurements().lateness.percentile(kPercentile)} : SimTime{};
  }

  NicReport report() const override {
    NicReport r;
    r.endpoint = endpoint_;
    r.counters = nic_->counters();
    r.measured = nic_->measurements();
    r.retransmitted = nic_->retransmitted();
    r.rates = nic_->rates();
    r.device = {{"polls_refused", out_.refused()}, {"polls_without_buffer", out_.no_buffer()}};
    for (const auto& [name, value] : kernel_pause_counters(context_.port.id()))
      r.kernel.push_back({name, value});
    r.port = context_.port.name();
    r.frames = frames_;
    r.frames.sent = r.counters.tx_packets - out_.waiting(run_frames_);
    r.losses = device_losses(context_.port.id()) - losses_before_;
    return r;
  }

  std::vector<const PcapRing*> captures() const override {
    if (!capture_) return {};
    return {&*capture_};
  }

 private:
  bool receive() {
    std::array<rte_mbuf*, kBurst> frames;
    uint16_t count = 0;
    bool busy = false;
    for (uint32_t burst = 0; burst < kReceiveBursts; ++burst) {
      count = context_.port.receive(context_.queue, frames.data(), kBurst);
      if (count == 0) break;
      busy = true;
      const SimTime now = context_.clock.now();
      for (uint16_t i = 0; i < count; ++i) rte_prefetch0(rte_pktmbuf_mtod(frames[i], void*));
      uint16_t ours = 0;
      for (uint16_t i = 0; i < count; ++i)
        if (take(frames[i], now)) frames[ours++] = frames[i];
      rte_pktmbuf_free_bulk(frames.data(), ours);
      if (count < kBurst) break;
    }
    return busy;
  }

  bool receive_handed_over() {
    std::array<rte_mbuf*, size_t{kBurst} * kReceiveBursts> frames;
    const uint16_t count = context_.shared->take(context_.queue, frames.data(), frames.size());
    if (count == 0) return false;
    const SimTime now = context_.clock.now();
    for (uint16_t i = 0; i < count; ++i) process(frames[i], now);
    rte_pktmbuf_free_bulk(frames.data(), count);
    return true;
  }

  // False where it was handed over to another queue, which frees it.
  bool take(rte_mbuf* frame, SimTime now) {
    if (frame->nb_segs > 1 && rte_pktmbuf_linearize(frame) != 0) {
      ++frames_.unreadable;
      return true;
    }
    const auto* bytes = rte_pktmbuf_mtod(frame, const uint8_t*);
    record(bytes, rte_pktmbuf_data_len(frame));
    count(bytes, rte_pktmbuf_data_len(frame));
    if (context_.shared != nullptr && context_.shared->hand_over(frame, context_.queue)) return false;
    process(frame, now);
    return true;
  }

  void process(const rte_mbuf* frame, SimTime now) {
    const auto* bytes = rte_pktmbuf_mtod(frame, const uint8_t*);
    const size_t size = rte_pktmbuf_data_len(frame);
    if (probe_ && probe_->on_frame(bytes, size, now)) return;
    if (look_at(bytes, size).kind == FrameKind::Other)
      addresses_.on_frame(bytes, size);
    else if (nic_)
      nic_->on_frame(bytes, size, now, stamps_ ? arrival(frame, now) : now);
  }

  SimTime arrival(const rte_mbuf* frame, SimTime now) const {
    const auto stamp = receive_time(frame);
    return stamp ? stamps_->time_of(*stamp, now).value_or(now) : now;
  }

  void send_probe(SimTime now) {
    const LabEndpoint& here = probed_plan_->endpoints[endpoint_];
    probe_->poll(
        now, nic_ ? nic_->pause_state().paused_queues() : 0, out_.room(),
        [&](uint32_t peer) { return addresses_.lookup(next_hop_of(here, probed_plan_->endpoints[peer])); },
        [this](auto fill) {
          out_.add([&](uint8_t* bytes, size_t capacity) {
            const size_t size = fill(bytes, capacity);
            record(bytes, size);
            return size;
          });
        });
  }

  void count(const uint8_t* bytes, size_t size) {
    if (run_frames_.has(bytes, size)) {
      ++frames_.received;
      frames_.flooded += std::equal(config_.mac.begin(), config_.mac.end(), bytes) ? 0 : 1;
    } else if (size < ethernet::kHeader ||
               load_be16(bytes + ethernet::kHeader - 2) != ethernet::kTypeMacControl) {
      ++frames_.foreign;
    }
  }

  void record(const uint8_t* bytes, size_t size) {
    if (capture_) capture_->record(context_.clock.now(), bytes, size);
  }

  template <class Hop>
  void make_templates(const FlowTable& flows, const std::vector<uint32_t>& sent,
                      const std::vector<uint32_t>& received, Hop hop) {
    const auto data = std::make_shared<const IcrcChanges>((config_.rules.mtu + 3) & ~3u);
    const auto acks = std::make_shared<const IcrcChanges>(wire::kAeth);
    template_of_.resize(flows.size());
    const auto add = [&](uint32_t flow, const FrameTemplate& frame) {
      template_of_[flow] = static_cast<uint32_t>(templates_.size());
      templates_.push_back(frame);
    };
    for (const uint32_t flow : sent) {
      const FlowAddress to = flows.address_of(flow, hop(flows[flow].destination));
      const uint8_t data_tos = config_.class_of_job[flows[flow].job].data_tos;
      add(flow, FrameTemplate::of_data(with_priority(to, data_tos), data_tos, config_.rules.mtu, data));
    }
    for (const uint32_t flow : received) {
      const FlowAddress to = flows.reply_address_of(flow, hop(flows[flow].source));
      const uint8_t ack_tos = config_.rules.ack.tos;
      add(flow, FrameTemplate::of_acks(with_priority(to, ack_tos), ack_tos, acks));
    }
  }

  FlowAddress with_priority(FlowAddress to, uint8_t tos) const {
    if (to.vlan) to.vlan->priority = config_.maps.dscp_to_tc[tos >> 2];
    return to;
  }

  size_t write(const Packet& p, const FlowAddress& to, FrameBody& body, uint8_t* bytes,
               size_t capacity) const {
    if (!templates_.empty()) {
      if (const size_t size = templates_[template_of_[p.flow]].write(p, body, bytes, capacity)) return size;
      if (body.payload_size == zeros_.size()) body.derived_icrc = &zeros_icrc_;
    }
    return to.vlan ? encode(p, with_priority(to, p.tos), body, bytes, capacity)
                   : encode(p, to, body, bytes, capacity);
  }

  PortContext context_;
  const NicConfig config_;
  const uint32_t endpoint_;
  const RunFrames run_frames_;
  const DeviceLosses losses_before_;
  BoundaryCounters frames_;
  bool silent_ = false;
  AddressResolution addresses_;
  TransmitBuffer out_;
  std::optional<StampClock> stamps_;
  const std::vector<uint8_t> zeros_;  // a full packet's payload
  const ConstantPayloadIcrc zeros_icrc_;
  std::vector<FrameTemplate> templates_;  // of flows that start or end here, where ICRCs are derived
  std::vector<uint32_t> template_of_;     // by flow
  std::optional<NicPort> nic_;
  std::optional<PcapRing> capture_;
  std::optional<PathProbe> probe_;  // of probed_plan_
  const LabPlan* probed_plan_ = nullptr;
  std::array<uint64_t, kPriorities> pauses_before_{};
};

}  // namespace

uint32_t next_hop_of(const LabEndpoint& from, const LabEndpoint& peer) {
  return from.on_link(peer.ip) ? peer.ip : from.gateway;
}

std::unique_ptr<PortPlayer> make_port_player(const LabPlan& plan, uint32_t endpoint, uint32_t flow_count,
                                             const PortContext& context) {
  const PortCapabilities& can = context.port.capabilities();
  NicConfig config =
      nic_config_of(plan, endpoint, flow_count, can.is_virtual ? BitRate{0} : context.port.link().rate);
  config.obey_pfc = !can.hardware_pfc && !context.ignore_pauses;
  config.icrc_sample = context.icrc.sample;
  const uint32_t vlan = plan.endpoints[endpoint].vlan;
  std::vector<uint32_t> addresses;
  for (const LabEndpoint& e : plan.endpoints) addresses.push_back(e.ip);
  return std::make_unique<Player>(config, endpoint, vlan, plan.capture, RunFrames(std::move(addresses)),
                                  context);
}

}  // namespace railyard::lab
