// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/lab_address.h"

#include <charconv>

#include <fmt/format.h>

namespace railyard {
namespace {

constexpr uint32_t kOctet = 255;
constexpr uint32_t kAddressBits = 32;
constexpr uint32_t kMostPort = 65'535;

// All of `text` as a decimal number up to `most`.
std::optional<uint32_t> number(std::string_view text, uint32_t most) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  uint32_t address = 0;
  for (int octet = 0; octet < 4; ++octet) {
    const size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (octet == 3)) return std::nullopt;
    const auto value = number(text.substr(0, dot), kOctet);
    if (!value) return std::nullopt;
    address = address << 8 | *value;
    text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  }
  return address;
}

std::optional<Ipv4Interface> parse_ipv4_interface(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ipv4(text.substr(0, slash));
  const auto length = number(text.substr(slash + 1), kAddressBits);
  if (!address || !length) return std::nullopt;
  return Ipv4Interface{*address, *length};
}

std::optional<uint32_t> endpoint_of(std::string_view nic, const FabricPlan& plan) {
  constexpr std::string_view kHost = "host", kNic = ":nic";
  if (nic.substr(0, kHost.size()) != kHost) return std::nullopt;
  nic.remove_prefix(kHost.size());
  const size_t colon = nic.find(kNic);
  const auto host = number(nic.substr(0, colon), plan.host_count - 1);
  const auto index = colon == std::string_view::npos
                         ? std::optional<uint32_t>(0)
                         : number(nic.substr(colon + kNic.size()), plan.nics_per_host - 1);
  if (!host || !index) return std::nullopt;
  return *host * plan.nics_per_host + *index;
}

std::string nic_name(uint32_t endpoint, const FabricPlan& plan) {
  return fmt::format("host{}:nic{}", endpoint / plan.nics_per_host, endpoint % plan.nics_per_host);
}

std::optional<uint32_t> switch_of(std::string_view name, const FabricPlan& plan) {
  for (uint32_t node = plan.host_count; node < plan.nodes.size(); ++node)
    if (plan.nodes[node].name == name) return node;
  return std::nullopt;
}

bool is_player_address(std::string_view text) {
  constexpr std::string_view kUnix = "unix:/";
  if (text.substr(0, kUnix.size()) == kUnix) return text.size() > kUnix.size();
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || text.find(' ') != std::string_view::npos) return false;
  return number(text.substr(colon + 1), kMostPort).value_or(0) != 0;
}

}  // namespace railyard
