// SPDX-License-Identifier: BSD-3-Clause
#include "tests/differential/play.h"

#include <stdexcept>
#include <string>

#include "traffic/protocol/transport/nic_layout.h"
#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/pfc_frame.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard {
namespace {

lab::NicConfig config_of(const Scenario& scenario, uint8_t number) {
  lab::NicConfig c;
  c.rules = nic_rules_of(scenario.nic, c.maps);
  c.rate = scenario.rate;
  c.ps_per_byte = c.pause_ps_per_byte = scenario.rate.ps_per_byte();
  c.maximum_debt = SimTime::seconds(1);
  c.mac = {2, 0, 0, 0, 0, number};
  c.ip = 0x0a000000u + number;
  c.flow_count = scenario.flows();
  c.sample_interval = scenario.sample_interval;
  c.sampled_flows = record::sampled_queue_pairs(c.flow_count, c.flow_count);
  return c;
}

}  // namespace

FrameTap::FrameTap(const Scenario& scenario) {
  for (auto& psns : psn_) psns.assign(scenario.flows(), scenario.first_psn);
}

Packet FrameTap::decode(Way direction, const FrameBytes& frame) {
  const auto decoded = railyard::decode(frame.data(), frame.size());
  if (!decoded) throw std::runtime_error("decode: " + std::string(name_of(decoded.error())));
  Packet p{};
  p.kind = decoded->kind;
  p.flags = decoded->flags;
  p.tos = decoded->tos;
  p.frame_bytes = static_cast<uint16_t>(decoded->frame_bytes);
  p.flow = lab::flow_of_queue_pair(decoded->address.destination_qp);
  uint32_t& near = psn_[static_cast<size_t>(direction)][p.flow];
  if (p.kind != PacketKind::Cnp) p.psn = near = extend_psn(decoded->psn, near);
  return p;
}

// What a switch does to a packet that it marks: the ECN field, and the IP checksum with it.
void FrameTap::mark(FrameBytes& frame) {
  uint8_t* ip = frame.data() + ethernet::kHeader;
  ip[layout::kIpTos] |= ecn::kCe;
  store_be16(ip + layout::kIpChecksum, 0);
  store_be16(ip + layout::kIpChecksum, layout::internet_checksum(ip, layout::kIpHeader));
}

FrameBytes FrameTap::pause(const Pause& pause) {
  PauseFrame frame;
  frame.enable_vector = static_cast<uint8_t>(1u << pause.priority);
  frame.quanta[pause.priority] = pause.quanta;
  FrameBytes bytes(ethernet::kMinimumNoFcs);
  encode(frame, bytes.data(), bytes.size());
  return bytes;
}

NicPair::NicPair(const Scenario& scenario, Transcript& transcript)
    : sender(config_of(scenario, 1), *this),
      receiver(config_of(scenario, 2), *this),
      transcript_(transcript) {
  transcript.received_ps.resize(scenario.flows());
  transcript.acked_ps.resize(scenario.flows());
  for (uint32_t flow = 0; flow < scenario.flows(); ++flow) {
    FlowAddress a;
    a.source_mac = sender.config().mac;
    a.destination_mac = receiver.config().mac;
    a.source_ip = sender.config().ip;
    a.destination_ip = receiver.config().ip;
    a.udp_source_port = udp_source_port(flow);
    a.source_qp = lab::sender_queue_pair(flow);
    a.destination_qp = lab::receiver_queue_pair(flow);
    sender.add_sender(flow, a, scenario.class_of(flow), scenario.first_psn);
    receiver.add_receiver(flow, a, scenario.class_of(flow), scenario.first_psn);
  }
}

}  // namespace railyard
