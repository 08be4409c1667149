// SPDX-License-Identifier: BSD-3-Clause
#include "tools/scenario/time_scale.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "tools/scenario/sections.h"
#include "traffic/protocol/switching/fault_settings.h"
#include "traffic/record/metric_catalogue.h"

namespace railyard {
namespace {

using Done = tl::expected<void, std::string>;

constexpr SimTime kLongest = SimTime::seconds(100ll * 24 * 3600);  // SimTime ends at 106 days
constexpr uint32_t kMostAckTimeout = 31;                           // five bits [IBTA 9.7.6.1.3]

Done scale_time(const std::string& name, uint32_t n, SimTime& time) {
  if (time.ps > kLongest.ps / n)
    return tl::make_unexpected(fmt::format(
        "time_scale: {} {} times {} is more than 100 days: make one smaller", name, format(time), n));
  time = time * n;
  return {};
}

Done scale_rate(const std::string& name, uint32_t n, BitRate& rate) {
  const uint64_t scaled = (rate.bps + n / 2) / n;
  if (scaled == 0 && rate.bps != 0)
    return tl::make_unexpected(
        fmt::format("time_scale: {} {} divided by {} is less than a bit per second: "
                    "make the time scale smaller",
                    name, format(rate), n));
  rate.bps = scaled;
  return {};
}

Done scale_section(const Section& section, uint32_t n) {
  for (const BoundParameter& parameter : section.parameters) {
    const std::string name = fmt::format("{}.{}", section.key, parameter.name);
    Done done;
    if (SimTime* time = parameter.as_time()) done = scale_time(name, n, *time);
    if (BitRate* rate = parameter.as_rate()) done = scale_rate(name, n, *rate);
    if (!done) return done;
  }
  return {};
}

Done scale_network(NetworkSettings& network, uint32_t n) {
  for (const Section& section : network_sections(network))
    if (auto done = scale_section(section, n); !done) return done;
  if (network.nic.ack_timeout != 0)  // which is: wait for ever
    network.nic.ack_timeout =
        std::min(kMostAckTimeout, network.nic.ack_timeout + static_cast<uint32_t>(std::lround(std::log2(n))));
  return {};
}

// Of a path such as "2.in.delay" the last part says what it is. Texts that are wrong stay as they are, and
// are found where the whole lab is checked.
Done scale_fault(const std::string& switch_name, uint32_t n, LabFault& fault) {
  const std::string parameter = fault.path.substr(fault.path.rfind('.') + 1);
  FaultSettings faults;
  for (const BoundParameter& row : bind(faults)) {
    SimTime* time = row.as_time();
    if (time == nullptr || row.name != parameter || !row.set(fault.text)) continue;
    const std::string name = fmt::format("switch '{}': faults.{}", switch_name, fault.path);
    if (auto done = scale_time(name, n, *time); !done) return done;
    fault.text = row.text();
    if (const auto done = row.set(fault.text); !done)
      return tl::make_unexpected(fmt::format("time_scale: {} times {}: {}", name, n, done.error()));
  }
  return {};
}

void scale_expectation(Expectation& expectation, uint32_t n) {
  const auto metric = record::find_metric(expectation.metric);
  const record::Unit unit = metric ? metric->unit : record::Unit::Count;
  if (unit == record::Unit::Time) expectation.limit *= n;
  if (unit == record::Unit::Rate) expectation.limit /= n;
  expectation.text += fmt::format(" at time scale {}", n);
}

}  // namespace

tl::expected<Scenario, std::string> scaled(Scenario scenario) {
  const uint32_t n = scenario.lab.time_scale;
  if (n == 1) return scenario;
  std::vector<Section> sections = run_sections(scenario);
  sections.push_back(lab_section(scenario.lab));
  for (Job& job : scenario.jobs) sections.push_back({"jobs", "", job_parameters(job)});
  for (const Section& section : sections)
    if (auto done = scale_section(section, n); !done) return tl::make_unexpected(done.error());
  if (auto done = scale_network(scenario.network, n); !done) return tl::make_unexpected(done.error());
  for (LabSwitch& lab_switch : scenario.lab.switches)
    for (LabFault& fault : lab_switch.faults)
      if (auto done = scale_fault(lab_switch.name, n, fault); !done) return tl::make_unexpected(done.error());
  for (Setting& setting : scenario.settings)
    if (auto done = scale_network(setting.network, n); !done)
      return tl::make_unexpected(fmt::format("in setting '{}': {}", setting.name, done.error()));
  for (Expectation& expectation : scenario.expectations) scale_expectation(expectation, n);
  return scenario;
}

std::shared_ptr<const trace::RankSource> scaled(std::shared_ptr<const trace::RankSource> source,
                                                uint32_t time_scale) {
  if (time_scale == 1) return source;
  return trace::changed(std::move(source), [time_scale](trace::Rank& rank) {
    for (trace::Operation& operation : *rank.mutable_operations())
      if (operation.has_compute())
        operation.mutable_compute()->set_duration_ns(operation.compute().duration_ns() * time_scale);
  });
}

std::string time_scale_in_words(const Scenario& scenario) {
  const uint32_t n = scenario.lab.time_scale;
  if (n == 1) return "";
  const BitRate rate = scenario.settings.front().network.fabric.link_rate;
  return fmt::format("time scale {}: {} is played at {}", n, format(rate), format(BitRate{rate.bps / n}));
}

}  // namespace railyard
