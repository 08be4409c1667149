// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/agent/address_resolution.h"

#include <algorithm>

#include "traffic/protocol/wire/byte_order.h"
#include "traffic/protocol/wire/roce_layout.h"

namespace railyard::lab {
namespace {

constexpr uint16_t kTypeArp = 0x0806;
// Of an address's first byte. Nobody's own address is a group's [RFC 1812 section 3.3.2].
constexpr uint8_t kGroupBit = 1;
constexpr MacAddress kBroadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// ARP for Ethernet and IPv4, from its first byte [RFC 826, "Packet format"].
constexpr size_t kArpSize = 28;
constexpr size_t kArpOperation = 6, kArpSenderMac = 8, kArpSenderIp = 14, kArpTargetMac = 18,
                 kArpTargetIp = 24;
constexpr uint64_t kArpEthernetIpv4 = 0x0001'0800'06'04;  // both types, both lengths
constexpr uint16_t kArpRequest = 1, kArpReply = 2;

// [RFC 792, "Echo or Echo Reply Message"]
constexpr uint8_t kProtocolIcmp = 1, kEchoRequest = 8, kEchoReply = 0;
constexpr size_t kIcmpHeader = 8, kIcmpChecksum = 2;

std::vector<uint8_t> ethernet_frame(const MacAddress& to, const MacAddress& from, uint32_t vlan,
                                    uint16_t type) {
  std::vector<uint8_t> frame(to.begin(), to.end());
  frame.insert(frame.end(), from.begin(), from.end());
  const auto put16 = [&](uint32_t value) {
    frame.push_back(static_cast<uint8_t>(value >> 8));
    frame.push_back(static_cast<uint8_t>(value));
  };
  if (vlan != 0) {
    put16(ethernet::kTypeVlan);
    put16(vlan);
  }
  put16(type);
  return frame;
}

MacAddress mac_at(const uint8_t* bytes) {
  MacAddress mac;
  std::copy_n(bytes, mac.size(), mac.begin());
  return mac;
}

std::vector<uint8_t> arp_frame(uint16_t operation, const MacAddress& from, uint32_t from_ip,
                               const MacAddress& to, uint32_t to_ip, uint32_t vlan) {
  const bool request = operation == kArpRequest;
  std::vector<uint8_t> frame = ethernet_frame(request ? kBroadcast : to, from, vlan, kTypeArp);
  const size_t start = frame.size();
  frame.resize(std::max(start + kArpSize, ethernet::kMinimumNoFcs));
  uint8_t* arp = frame.data() + start;
  store_be(arp, kArpEthernetIpv4, kArpOperation);
  store_be16(arp + kArpOperation, operation);
  std::copy(from.begin(), from.end(), arp + kArpSenderMac);
  store_be32(arp + kArpSenderIp, from_ip);
  if (!request) std::copy(to.begin(), to.end(), arp + kArpTargetMac);
  store_be32(arp + kArpTargetIp, to_ip);
  return frame;
}

}  // namespace

void AddressResolution::resolve(uint32_t ip, SimTime now) {
  const auto known =
      std::find_if(neighbours_.begin(), neighbours_.end(), [&](const Neighbour& n) { return n.ip == ip; });
  if (known != neighbours_.end()) return;
  neighbours_.push_back({ip, std::nullopt});
  ++unresolved_;
  ask_again_at_ = now;
}

bool AddressResolution::on_frame(const uint8_t* frame, size_t size) {
  size_t header = ethernet::kHeader;
  if (size < header) return false;
  uint16_t type = load_be16(frame + header - 2);
  uint32_t vlan = 0;
  if (type == ethernet::kTypeVlan && size >= header + ethernet::kVlanTag) {
    vlan = load_be16(frame + header) & 0xfff;
    header += ethernet::kVlanTag;
    type = load_be16(frame + header - 2);
  }
  if (vlan != vlan_) return false;
  if (type == kTypeArp) {
    if (size >= header + kArpSize && load_be(frame + header, kArpOperation) == kArpEthernetIpv4)
      on_arp(frame + header);
    return true;
  }
  return type == ethernet::kTypeIpv4 && on_echo_request(frame, header, size);
}

void AddressResolution::on_arp(const uint8_t* arp) {
  const uint32_t sender_ip = load_be32(arp + kArpSenderIp);
  const MacAddress sender = mac_at(arp + kArpSenderMac);
  if ((sender[0] & kGroupBit) != 0) return;
  if (sender_ip == ip_) {
    if (sender != mac_) conflict_ = sender;
    return;
  }
  if (sender_ip != 0) learn(sender_ip, sender);
  if (load_be16(arp + kArpOperation) != kArpRequest || load_be32(arp + kArpTargetIp) != ip_) return;
  if (outgoing_.size() < kMaximumQueue)
    outgoing_.push_back(arp_frame(kArpReply, mac_, ip_, sender, sender_ip, vlan_));
}

void AddressResolution::learn(uint32_t ip, const MacAddress& mac) {
  for (Neighbour& n : neighbours_) {
    if (n.ip != ip) continue;
    unresolved_ -= n.mac ? 0 : 1;
    n.mac = mac;
  }
}

bool AddressResolution::on_echo_request(const uint8_t* frame, size_t header, size_t size) {
  using namespace layout;
  if (size < header + kIpHeader + kIcmpHeader) return false;
  const uint8_t* ip = frame + header;
  if (ip[0] != kIpVersionAndLength || ip[kIpProtocol] != kProtocolIcmp || ip[kIpHeader] != kEchoRequest ||
      load_be32(ip + kIpDestination) != ip_)
    return false;
  const size_t length = load_be16(ip + kIpTotalLength);
  if (length < kIpHeader + kIcmpHeader || header + length > size || outgoing_.size() >= kMaximumQueue)
    return true;
  std::vector<uint8_t> reply = ethernet_frame(mac_at(frame + 6), mac_, vlan_, ethernet::kTypeIpv4);
  header = reply.size();  // a priority tag, of VLAN 0, is not given back
  reply.insert(reply.end(), ip, ip + length);
  uint8_t* out = reply.data() + header;
  store_be32(out + kIpSource, ip_);
  store_be32(out + kIpDestination, load_be32(ip + kIpSource));
  out[kIpTtl] = kTimeToLive;
  store_be16(out + kIpChecksum, 0);
  store_be16(out + kIpChecksum, internet_checksum(out, kIpHeader));
  uint8_t* icmp = out + kIpHeader;
  icmp[0] = kEchoReply;
  if (length % 2 != 0) reply.push_back(0);  // the checksum's last word
  icmp = reply.data() + header + kIpHeader;
  store_be16(icmp + kIcmpChecksum, 0);
  store_be16(icmp + kIcmpChecksum, internet_checksum(icmp, (length - kIpHeader + 1) & ~size_t{1}));
  reply.resize(std::max(header + length, ethernet::kMinimumNoFcs));
  outgoing_.push_back(std::move(reply));
  return true;
}

std::vector<uint8_t> AddressResolution::request_for(uint32_t ip) const {
  return arp_frame(kArpRequest, mac_, ip_, {}, ip, vlan_);
}

std::optional<MacAddress> AddressResolution::lookup(uint32_t ip) const {
  for (const Neighbour& n : neighbours_)
    if (n.ip == ip) return n.mac;
  return std::nullopt;
}

std::vector<uint32_t> AddressResolution::unresolved_addresses() const {
  std::vector<uint32_t> addresses;
  for (const Neighbour& n : neighbours_)
    if (!n.mac) addresses.push_back(n.ip);
  return addresses;
}

}  // namespace railyard::lab
