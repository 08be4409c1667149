// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/pfc_judgement.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "dpdk-app/session/probe_limits.h"
#include "traffic/protocol/wire/packet.h"

namespace railyard::lab {
namespace {

// Shares of what was expected, in percent. Between "stopped" and "went on" nothing is concluded: the machine
// was busy.
constexpr int64_t kStopped = 10, kWentOn = 50, kResumed = 25, kHeldBack = 60;

uint32_t sum(const std::vector<uint32_t>& bins, int64_t from_unit, int64_t to_unit) {
  const auto at = [&](int64_t unit) {
    return bins.begin() + std::min<int64_t>(unit * PfcTiming::kBins, static_cast<int64_t>(bins.size()));
  };
  return std::accumulate(at(from_unit), at(to_unit), uint32_t{0});
}

bool at_least(uint32_t count, int64_t percent, int64_t of) {
  return int64_t{count} * 100 >= percent * of;
}

constexpr const char* kTooBusy =
    "the frames do not come steadily enough: the machines are too busy, or paths lose";

}  // namespace

std::string_view name_of(PauseOutcome outcome) {
  switch (outcome) {
    case PauseOutcome::Obeyed:
      return "obeyed";
    case PauseOutcome::Ignored:
      return "ignored";
    case PauseOutcome::NotTestable:
      return "not testable";
  }
  return "";
}

PfcTiming pfc_timing(const RunInput& input, SimTime least_unit) {
  constexpr uint32_t kPayload = 256;
  constexpr int64_t kShareOfLine = 16;  // a stream takes less than this part of a link
  constexpr int64_t kFramesInUnit = 20;
  PfcTiming timing;
  timing.interval = std::max(
      SimTime::milliseconds(2),
      serialisation_time(wire::data_frame_bytes(kPayload, true), input.fabric.link_rate.ps_per_byte()) *
          kShareOfLine);
  timing.unit = std::max({least_unit, timing.interval * kFramesInUnit, input.fabric.link_delay * 8});
  return timing;
}

PfcClasses pfc_classes(const RunInput& input) {
  const SwitchSettings& s = input.switches;
  const auto priority_of = [&](uint32_t dscp) { return s.maps.pg_to_pfc[s.maps.group_of_dscp(dscp)]; };
  std::set<uint32_t> data = {input.nic.dscp};
  for (const JobInput& job : input.jobs) data.insert(job.dscp.value_or(input.nic.dscp));
  PfcClasses classes;
  std::set<uint32_t> queues;
  for (const uint32_t dscp : data) {
    const uint8_t priority = priority_of(dscp);
    if (!s.pfc_enable.has(priority) || classes.lossless.size() + 1 == kProbeKinds) continue;
    classes.lossless.push_back({priority, dscp});
    queues.insert({s.maps.queue_of_dscp(dscp), s.maps.pfc_to_queue[priority]});
  }
  std::vector<uint32_t> candidates = {input.nic.cnp_dscp};
  for (uint32_t dscp = 0; dscp < s.maps.dscp_to_tc.size(); ++dscp) candidates.push_back(dscp);
  for (const uint32_t dscp : candidates) {
    const bool lossless = s.pfc_enable.has(priority_of(dscp));
    if (lossless || queues.count(s.maps.queue_of_dscp(dscp)) != 0) continue;
    classes.other = dscp;
    break;
  }
  return classes;
}

PauseVerdict judge_pause(const std::vector<std::vector<uint32_t>>& lossless,
                         const std::optional<std::vector<uint32_t>>& other, int64_t frames_in_unit) {
  constexpr int64_t kEffective = PfcTiming::kPaused + 1;  // by then a pause has taken hold,
  constexpr int64_t kOnAgain = PfcTiming::kResumed + 1;   // and ended
  const int64_t before = frames_in_unit * PfcTiming::kPaused;
  const int64_t paused = frames_in_unit * (PfcTiming::kResumed - kEffective);
  const int64_t after = frames_in_unit * (PfcTiming::kEnd - kOnAgain);
  const uint32_t others = other ? sum(*other, kEffective, PfcTiming::kResumed) : 0;
  std::string seen;
  for (const std::vector<uint32_t>& stream : lossless) {
    const uint32_t first = sum(stream, 0, PfcTiming::kPaused);
    if (!at_least(first, kWentOn, before))
      return {"", "", PauseOutcome::NotTestable, kTooBusy,
              fmt::format("{} of {} frames came before the pause", first, before)};
    const uint32_t during = sum(stream, kEffective, PfcTiming::kResumed);
    const uint32_t last = sum(stream, kOnAgain, PfcTiming::kEnd);
    seen = fmt::format("{} of {} frames came during the pause, {} of {} after it, {} of {} of another class",
                       during, paused, last, after, others, other ? paused : 0);
    if (at_least(during, kWentOn, paused))
      return {"", "", PauseOutcome::Ignored, "frames of the lossless class come while it is paused", seen};
    if (other && !at_least(others, kStopped, paused) && at_least(last, kResumed, after))
      return {"", "", PauseOutcome::Ignored,
              "the pause of one priority stops another, too: it is taken for a pause of the link", seen};
    if (at_least(during, kStopped, paused) || (other && !at_least(others, kWentOn, paused)))
      return {"", "", PauseOutcome::NotTestable, kTooBusy, seen};
    if (!at_least(last, kResumed, after))
      return {"", "", PauseOutcome::Ignored, "the pause does not end with the frame that resumes", seen};
  }
  return {"", "", PauseOutcome::Obeyed, "", seen};
}

PauseVerdict judge_pressure(const std::vector<uint32_t>& sent, uint64_t told) {
  const uint32_t peak = sent.empty() ? 0 : *std::max_element(sent.begin(), sent.end());
  const int64_t full = int64_t{peak} * PfcTiming::kBins;
  const uint32_t last = sum(sent, PfcTiming::kResumed - 1, PfcTiming::kResumed);
  const std::string seen = fmt::format("{} pauses came, and it went on at {} % of its rate", told,
                                       full == 0 ? 0 : int64_t{last} * 100 / full);
  if (told == 0)
    return {
        "", "", PauseOutcome::NotTestable,
        "all sent to one port at line rate, and no pause came: the switch's buffer took it, or it has no PFC",
        seen};
  if (peak == 0) return {"", "", PauseOutcome::NotTestable, "it could not send", seen};
  if (at_least(last, kHeldBack, full))
    return {"", "", PauseOutcome::Ignored, "it goes on at its rate while it is paused", seen};
  return {"", "", PauseOutcome::Obeyed, "", seen};
}

std::vector<LinkPartner> partners_of(const FabricPlan& fabric, const LabSettings& lab) {
  std::vector<LinkPartner> partners(fabric.endpoint_count());
  if (lab.switches.empty()) {
    if (partners.size() == 2)
      for (LinkPartner& partner : partners) partner.kind = LinkPartner::Kind::Endpoint;
    for (LinkPartner& partner : partners) partner.name = "the switch";
    return partners;
  }
  const auto join = [&](const FabricPort& host, const FabricPort& leaf) {
    if (host.node >= fabric.host_count || leaf.node < fabric.host_count) return;
    LinkPartner& partner = partners[host.node * fabric.nics_per_host + host.port];
    partner.name = fabric.nodes[leaf.node].name;
    partner.port = leaf.port;
    for (uint32_t i = 0; i < lab.switches.size(); ++i) {
      if (lab.switches[i].name != partner.name) continue;
      partner.index = i;
      partner.kind = lab.switches[i].kind == LabSwitchKind::Softswitch ? LinkPartner::Kind::Softswitch
                     : lab.switches[i].kind == LabSwitchKind::Sonic    ? LinkPartner::Kind::Sonic
                                                                       : LinkPartner::Kind::Unmanaged;
    }
  };
  for (const FabricLink& link : fabric.links) {
    join(link.a, link.b);
    join(link.b, link.a);
  }
  return partners;
}

}  // namespace railyard::lab
