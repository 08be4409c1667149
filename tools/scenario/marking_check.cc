// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/marking_check.h"

#include <algorithm>

#include <fmt/format.h>

namespace railyard {

std::string marking_warning(const NetworkSettings& network) {
  // The DCQCN paper's 200 kB are 40 us of its 40 Gb/s. Eight senders of 10 MB to one reach 43 % of its link
  // at 100 Gb/s (16 us) with them, 23 % at 200 and 13 % at 400.
  constexpr SimTime kShort = SimTime::microseconds(10);
  constexpr double kBitPicoseconds = 8e12;
  const SwitchSettings& switches = network.switches;
  const CongestionAlgorithm& algorithm = congestion_algorithms()[network.nic.congestion_control];
  if (!switches.ecn || switches.green_reference_rate.bps != 0 || algorithm.receiver.arrived == nullptr)
    return "";
  const SimTime ramp{
      static_cast<int64_t>(static_cast<double>(switches.green_max_threshold.n) * kBitPicoseconds /
                           static_cast<double>(network.fabric.link_rate.bps))};
  if (ramp >= kShort) return "";
  std::string remedy = "raise it with the link's rate";
  for (const CongestionPreset& preset : algorithm.presets)
    if (!preset.switches.empty())
      remedy =
          fmt::format("{}.preset: {} scales thresholds and rates with the link", algorithm.name, preset.name);
  return fmt::format(
      "switch: green_max_threshold ({}) is only {} of a link of {}, where {} may keep little of it: {}",
      format(switches.green_max_threshold), format(ramp), format(network.fabric.link_rate), algorithm.name,
      remedy);
}

}  // namespace railyard
