// SPDX-License-Identifier: BSD-3-Clause
// ARP of one NIC: answers for its own IP address, and asks for those it will send to. [RFC 826; RFC 5227
// section 2.3 for the announcement] Also answers ICMP echo requests, so that an operator can ping an agent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "traffic/protocol/wire/ethernet.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

class AddressResolution {
 public:
  AddressResolution(const MacAddress& mac, uint32_t ip, uint32_t vlan) : mac_(mac), ip_(ip), vlan_(vlan) {}

  // Asks for it now and again until it is known.
  void resolve(uint32_t ip, SimTime now);

  // True where the frame was ARP or an echo request for this NIC, so that nobody else need look.
  bool on_frame(const uint8_t* frame, size_t size);

  // Gives what is to be sent to emit(const uint8_t*, size_t).
  template <class Emit>
  void poll(SimTime now, Emit emit) {
    for (const std::vector<uint8_t>& frame : outgoing_) emit(frame.data(), frame.size());
    outgoing_.clear();
    if (now < ask_again_at_ || unresolved() == 0) return;
    ask_again_at_ = now + kAskAgain;
    for (const Neighbour& n : neighbours_)
      if (!n.mac) {
        const std::vector<uint8_t> request = request_for(n.ip);
        emit(request.data(), request.size());
      }
  }

  std::optional<MacAddress> lookup(uint32_t ip) const;
  uint32_t unresolved() const { return unresolved_; }
  SimTime ask_again_at() const { return ask_again_at_; }
  std::vector<uint32_t> unresolved_addresses() const;
  // Who else says that it has our address; empty where nobody does.
  std::optional<MacAddress> conflict() const { return conflict_; }

 private:
  struct Neighbour {
    uint32_t ip = 0;
    std::optional<MacAddress> mac;
  };
  // Other agents may be preparing still, and do not answer before they know their addresses.
  static constexpr SimTime kAskAgain = SimTime::milliseconds(100);
  static constexpr size_t kMaximumQueue = 256;  // answers between two polls; more are dropped

  std::vector<uint8_t> request_for(uint32_t ip) const;
  void on_arp(const uint8_t* arp);
  bool on_echo_request(const uint8_t* frame, size_t header, size_t size);
  void learn(uint32_t ip, const MacAddress& mac);

  MacAddress mac_;
  uint32_t ip_, vlan_;
  std::vector<Neighbour> neighbours_;
  uint32_t unresolved_ = 0;
  SimTime ask_again_at_;
  std::vector<std::vector<uint8_t>> outgoing_;
  std::optional<MacAddress> conflict_;
};

}  // namespace railyard::lab
