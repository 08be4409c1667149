// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/hidden_differences.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "tools/scenario/sections.h"

namespace railyard {
namespace {

// The algorithm with all of its parameters, as text.
std::string control_in_words(const NetworkSettings& network, uint32_t algorithm) {
  CongestionSettings settings = network.congestion;
  std::string text(congestion_algorithms()[algorithm].name);
  for (const BoundParameter& parameter : settings.bind(algorithm))
    text += fmt::format(" {}={}", parameter.name, parameter.text());
  return text;
}

bool differs(const Scenario& scenario, const std::function<std::string(const NetworkSettings&)>& of) {
  return std::any_of(scenario.settings.begin(), scenario.settings.end(), [&](const Setting& setting) {
    return of(setting.network) != of(scenario.settings.front().network);
  });
}

}  // namespace

std::vector<std::string> hidden_differences(const Scenario& scenario) {
  std::vector<std::string> sentences;
  for (const Job& job : scenario.jobs) {
    const uint32_t own = job.congestion_control - 1;
    if (job.congestion_control != 0 &&
        differs(scenario, [](const auto& n) { return control_in_words(n, n.nic.congestion_control); }) &&
        !differs(scenario, [&](const auto& n) { return control_in_words(n, own); }))
      sentences.push_back(
          fmt::format("job '{}' has a congestion_control of its own, {}, which is the same in every setting: "
                      "what the settings say of congestion control does not reach it",
                      job.name, congestion_algorithms()[own].name));
    if (job.dscp != kOfTheNic && differs(scenario, [](const auto& n) { return fmt::to_string(n.nic.dscp); }))
      sentences.push_back(fmt::format(
          "job '{}' has a dscp of its own, {}: what the settings say of nic.dscp does not reach it", job.name,
          job.dscp));
  }
  return sentences;
}

}  // namespace railyard
