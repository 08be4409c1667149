// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/emulated_switch_settings.h"

#include <fmt/format.h>

#include <limits>

#include "traffic/fabric/headrooms.h"
#include "traffic/protocol/switching/headroom.h"
#include "traffic/protocol/switching/switch_layout.h"

namespace railyard::lab {

tl::expected<void, std::string> check(const EmulatedSwitchSettings& settings) {
  // Below 8 Gb/s a byte lasts so long that rounding it to a picosecond does not matter.
  constexpr int64_t kRoundingBelow = 1'000;
  constexpr int64_t kSlowest = std::numeric_limits<int32_t>::max();  // a byte, in picoseconds
  for (size_t i = 0; i < settings.rates.size(); ++i) {
    const BitRate rate = settings.rates[i];
    if (rate.bps != 0 && rate.ps_per_byte() > kSlowest)
      return tl::make_unexpected(
          fmt::format("port {}: a rate of {} is too slow: take 4 kbps or more", i, format(rate)));
    const bool exact = rate.is_whole_ps_per_byte();
    if (rate.bps != 0 && (exact || rate.ps_per_byte() >= kRoundingBelow)) continue;
    return tl::make_unexpected(
        fmt::format("port {}: a rate of {} cannot be kept: take one at which a byte lasts a whole number of "
                    "picoseconds, such as 10, 25, 40, 100 or 400 Gbps",
                    i, format(rate)));
  }
  return {};
}

Bytes shared_pool_of(const EmulatedSwitchSettings& settings) {
  std::vector<Bytes> headrooms;
  const SwitchSettings& own = settings.switching;
  const uint32_t mtu = settings.hosts.mtu;
  for (size_t i = 0; i < settings.rates.size(); ++i)
    headrooms.push_back(
        i < settings.to_switch.size() && settings.to_switch[i]
            ? headroom_from_switch(settings.rates[i], settings.link_delay, own, own, mtu)
            : headroom_from_host(settings.rates[i], settings.link_delay, own, settings.hosts, mtu));
  return buffer_shares_of(settings.switching, headrooms).shared;
}

TrafficManagerSettings traffic_settings_of(const EmulatedSwitchSettings& settings) {
  TrafficManagerSettings traffic;
  traffic.switching = settings.switching;
  traffic.switching.pool_size = shared_pool_of(settings);
  traffic.switching.mmu_size = Bytes{std::numeric_limits<uint64_t>::max()};
  for (const BitRate rate : settings.rates) {
    PausedLink link;
    link.rate = rate;
    link.propagation = settings.link_delay;
    link.pipeline_latency = settings.switching.pipeline_latency;
    link.response_time = settings.switching.pfc_response_time + settings.peer_response;
    link.max_frame_bytes = settings.max_frame_bytes;
    traffic.ports.push_back({rate.ps_per_byte(), simulated_headroom(link)});
  }
  return traffic;
}

}  // namespace railyard::lab
