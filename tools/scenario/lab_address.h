// SPDX-License-Identifier: BSD-3-Clause
// The texts of a lab section as the numbers that they stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/fabric/fabric_plan.h"

namespace railyard {

// Addresses are in the host's byte order.
struct Ipv4Interface {
  uint32_t address = 0;
  uint32_t prefix_length = 0;

  uint32_t mask() const { return prefix_length == 0 ? 0 : ~uint32_t{0} << (32 - prefix_length); }
  bool holds(uint32_t other) const { return ((address ^ other) & mask()) == 0; }
};

// "10.0.0.1"; empty where it is none.
std::optional<uint32_t> parse_ipv4(std::string_view text);

// "10.0.0.1/24".
std::optional<Ipv4Interface> parse_ipv4_interface(std::string_view text);

// The endpoint (host * nics_per_host + NIC) of "host3:nic1", or "host3", which is its NIC 0; empty where the
// fabric has no such NIC.
std::optional<uint32_t> endpoint_of(std::string_view nic, const FabricPlan& plan);

// "host3:nic1", as records name it.
std::string nic_name(uint32_t endpoint, const FabricPlan& plan);

// Index in plan.nodes of the switch "leaf0"; empty where there is none of this name.
std::optional<uint32_t> switch_of(std::string_view name, const FabricPlan& plan);

// Whether `text` is host:port, with a port from 1 to 65535, or unix:/PATH.
bool is_player_address(std::string_view text);

}  // namespace railyard
