// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/path_probe.h"

#include <algorithm>

#include "dpdk-app/control/control.pb.h"
#include "traffic/protocol/switching/held_pause.h"
#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {
namespace {

// Entropy of a stream's own, so that streams take the paths that flows may take.
constexpr uint32_t kEntropyOfKind = 0x9e5, kEntropyOfPeer = 0x1f3;

constexpr uint32_t kFcs = 4;  // that the device has taken off

// Where a probe's frame must hold what it is known by, however much of it was cut off.
struct ProbeHeader {
  uint32_t source_ip = 0, kind = 0;
  uint8_t tos = 0;
  size_t whole = 0;  // bytes that its IPv4 header announces, from the destination's MAC address on
};

bool read(const uint8_t* frame, size_t size, ProbeHeader& header) {
  using namespace layout;
  size_t at = ethernet::kHeader;
  if (size < at + kHeaders) return false;
  uint16_t type = load_be16(frame + at - 2);
  if (type == ethernet::kTypeVlan) {
    at += ethernet::kVlanTag;
    type = load_be16(frame + at - 2);
  }
  if (type != ethernet::kTypeIpv4 || size < at + kHeaders) return false;
  const uint8_t* ip = frame + at;
  const uint8_t* udp = ip + kIpHeader;
  const uint8_t* bth = udp + kUdpHeader;
  if (ip[0] != kIpVersionAndLength || ip[kIpProtocol] != kIpProtocolUdp ||
      load_be16(udp + kUdpDestination) != kRoceUdpPort)
    return false;
  const uint32_t queue_pair = load_be24(bth + kBthDestinationQp);
  header.kind = queue_pair - kProbeQueuePair;
  if (!is_probe(queue_pair)) return false;
  header.source_ip = load_be32(ip + kIpSource);
  header.tos = ip[kIpTos];
  header.whole = at + load_be16(ip + kIpTotalLength);
  return true;
}

void put(google::protobuf::RepeatedField<uint32_t>& to, const std::vector<uint32_t>& bins) {
  to.Assign(bins.begin(), bins.end());
}

}  // namespace

PathProbe::PathProbe(const NicConfig& config, const LabPlan& plan, uint32_t endpoint,
                     const control::Probe& probe, SimTime start)
    : config_(config),
      plan_(plan),
      endpoint_(endpoint),
      start_(start),
      end_(start + SimTime{probe.duration_ps()} - kProbeSettles),
      bin_{probe.bin_ps()},
      refresh_(held_pause_refresh(config.pause_ps_per_byte)) {
  for (const control::ProbeStream& from : probe.streams()) {
    if (from.from() != endpoint) continue;
    Outgoing& stream = outgoing_.emplace_back();
    stream.to = from.to();
    stream.kind = from.kind();
    stream.queue = plan.switches.maps.queue_of_dscp(from.dscp());
    stream.tos = static_cast<uint8_t>(from.dscp() << 2 | (from.cnp() ? ecn::kNotEct : ecn::kEct0));
    stream.cnp = from.cnp();
    stream.payload = std::min(from.payload(), plan.nic.mtu);
    stream.left = from.frames();
    stream.interval = SimTime{from.interval_ps()};
    stream.next = start + SimTime{from.start_ps()};
  }
  for (const control::ProbePause& from : probe.pauses())
    if (from.endpoint() == endpoint && from.switch_name().empty())
      pauses_.push_back({static_cast<uint8_t>(from.priorities()), start + SimTime{from.until_ps()},
                         start + SimTime{from.from_ps()}});
}

bool PathProbe::on_frame(const uint8_t* frame, size_t size, SimTime now) {
  if (size < ethernet::kHeader) return false;
  if (load_be16(frame + ethernet::kHeader - 2) == ethernet::kTypeMacControl) {
    on_pause(frame, size);
    return false;  // it is the NIC's to obey
  }
  ProbeHeader header;
  if (!std::equal(config_.mac.begin(), config_.mac.end(), frame) || !read(frame, size, header)) return false;
  const auto from = std::find_if(plan_.endpoints.begin(), plan_.endpoints.end(),
                                 [&](const LabEndpoint& e) { return e.ip == header.source_ip; });
  if (from == plan_.endpoints.end()) return true;
  const auto sender = static_cast<uint32_t>(from - plan_.endpoints.begin());
  Arrived& arrived = arrived_[sender * kProbeKinds + header.kind];
  ++arrived.frames;
  arrived.tos.set(header.tos);
  arrived.shortest = std::min(arrived.shortest, static_cast<uint32_t>(size) + kFcs);
  if (size < header.whole)
    ++arrived.cut;
  else if (!decode(frame, size))
    ++arrived.corrupt;
  count(arrived.bins, now);
  return true;
}

void PathProbe::on_pause(const uint8_t* frame, size_t size) {
  const auto pause = decode_pause(frame, size);
  if (!pause || !pause->per_priority) return;
  for (uint32_t p = 0; p < kPriorities; ++p)
    if ((pause->enable_vector >> p & 1) != 0 && pause->quanta[p] != 0) ++paused_[p];
}

void PathProbe::count(std::vector<uint32_t>& bins, SimTime now) const {
  if (bin_ <= SimTime{} || now < start_ || now >= end_ + kProbeSettles) return;
  const auto bin = static_cast<size_t>((now - start_) / bin_);
  if (bins.size() <= bin) bins.resize(bin + 1);
  ++bins[bin];
}

size_t PathProbe::write(const Outgoing& stream, const MacAddress& hop, uint8_t* bytes,
                        size_t capacity) const {
  const LabEndpoint& here = plan_.endpoints[endpoint_];
  FlowAddress address;
  address.source_mac = config_.mac;
  address.destination_mac = hop;
  address.source_ip = config_.ip;
  address.destination_ip = plan_.endpoints[stream.to].ip;
  address.udp_source_port = udp_source_port(stream.kind * kEntropyOfKind + stream.to * kEntropyOfPeer);
  address.destination_qp = kProbeQueuePair + stream.kind;
  if (here.vlan != 0)
    address.vlan = VlanTag{static_cast<uint16_t>(here.vlan), config_.maps.dscp_to_tc[stream.tos >> 2]};
  Packet packet{};
  packet.psn = stream.sent & 0xffffff;
  packet.tos = stream.tos;
  FrameBody body;
  if (stream.cnp) {  // it answers a flow that comes from where it goes to
    std::swap(address.source_mac, address.destination_mac);
    std::swap(address.source_ip, address.destination_ip);
    address.source_qp = address.destination_qp;
    packet.kind = PacketKind::Cnp;
    packet.frame_bytes = wire::kCnpFrame;
  } else {
    packet.kind = PacketKind::Data;
    packet.flags = packet_flag::kFirst | packet_flag::kLast;
    packet.frame_bytes = static_cast<uint16_t>(wire::data_frame_bytes(stream.payload, true));
    body.payload_size = stream.payload;
    body.reth.dma_length = stream.payload;
  }
  return encode(packet, address, body, bytes, capacity);
}

size_t PathProbe::write_pause(Pause& pause, SimTime now, uint8_t* bytes, size_t capacity) const {
  PauseFrame frame;
  frame.source = config_.mac;
  frame.enable_vector = pause.priorities;
  pause.over = now >= pause.until;
  pause.lapsed |= now > pause.lasts_to;
  pause.lasts_to = now + pause_duration(kLongestPause, config_.pause_ps_per_byte);
  if (!pause.over) frame.quanta.fill(kLongestPause);
  pause.next = pause.over ? SimTime::never() : std::min(now + refresh_, pause.until);
  return encode(frame, bytes, capacity);
}

SimTime PathProbe::next_due() const {
  SimTime due = SimTime::never();
  for (const Pause& pause : pauses_) due = std::min(due, pause.next);
  for (const Outgoing& stream : outgoing_)
    if (stream.left > 0 && !stream.waits && stream.next < end_) due = std::min(due, stream.next);
  return due;
}

std::vector<uint32_t> PathProbe::peers() const {
  std::vector<uint32_t> peers;
  for (const Outgoing& stream : outgoing_) peers.push_back(stream.to);
  std::sort(peers.begin(), peers.end());
  peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
  return peers;
}

void PathProbe::report(control::ProbeResult& to) const {
  for (const Outgoing& stream : outgoing_) {
    control::ProbeSent& sent = *to.add_sent();
    sent.set_from(endpoint_);
    sent.set_to(stream.to);
    sent.set_kind(stream.kind);
    sent.set_frames(stream.sent);
    put(*sent.mutable_bins(), stream.bins);
  }
  for (const auto& [from, arrived] : arrived_) {
    control::ProbeArrived& a = *to.add_arrived();
    a.set_from(from / kProbeKinds);
    a.set_to(endpoint_);
    a.set_kind(from % kProbeKinds);
    a.set_frames(arrived.frames);
    a.set_cut(arrived.cut);
    a.set_corrupt(arrived.corrupt);
    a.set_shortest(arrived.shortest);
    for (uint32_t tos = 0; tos < arrived.tos.size(); ++tos)
      if (arrived.tos.test(tos)) a.add_tos(tos);
    put(*a.mutable_bins(), arrived.bins);
  }
  if (std::any_of(pauses_.begin(), pauses_.end(), [](const Pause& pause) { return pause.lapsed; }))
    to.add_problems("it was kept from its processor until a pause of its own had run out");
  control::ProbePort& port = *to.add_ports();
  port.set_endpoint(endpoint_);
  port.mutable_pauses()->Assign(paused_.begin(), paused_.end());
}

}  // namespace railyard::lab
