// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/pfc_self_test.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "dpdk-app/controller/path_check.h"
#include "dpdk-app/controller/prober.h"
#include "dpdk-app/session/probe_limits.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kAttempts = 3;
constexpr uint32_t kPayload = 256;
constexpr uint32_t kOtherKind = kProbeKinds - 1;  // lossless classes have those from 0 on
// A program that plays a switch or a NIC is kept from its processor for tens of milliseconds; and the pauses
// of real ones must be over before a switch's PFC watchdog acts (SONiC: 200 ms by default).
constexpr SimTime kUnitOfPrograms = SimTime::milliseconds(100), kUnitOfDevices = SimTime::milliseconds(50);

bool all_virtual(const std::vector<Player>& players) {
  return std::all_of(players.begin(), players.end(), [](const Player& player) {
    const auto& ports = player.client->identity().ports();
    return std::all_of(ports.begin(), ports.end(), [](const auto& port) { return port.is_virtual(); });
  });
}

class SelfTest {
 public:
  explicit SelfTest(const PfcLab& lab)
      : lab_(lab),
        endpoints_(static_cast<uint32_t>(lab.plan.endpoints_size())),
        partners_(partners_of(lab.fabric, lab.settings)),
        classes_(pfc_classes(lab.input)),
        timing_(pfc_timing(lab.input, all_virtual(lab.players) ? kUnitOfPrograms : kUnitOfDevices)),
        of_partner_(endpoints_),
        of_nic_(endpoints_) {}

  tl::expected<std::vector<PauseVerdict>, std::string> run() {
    if (const std::string why = untestable(); !why.empty()) {
      for (uint32_t e = 0; e < endpoints_; ++e) of_partner_[e].reason = of_nic_[e].reason = why;
      return verdicts();
    }
    if (!endpoints_pause() || !switches_pause() || !press()) return tl::make_unexpected(error_);
    return verdicts();
  }

 private:
  using Snapshots = std::map<uint32_t, SwitchSnapshot>;  // by index in lab.switches

  std::string untestable() const;
  control::Probe steady_streams() const;
  void pause(control::Probe& probe, uint32_t endpoint, const std::string& by_switch) const;
  bool ask(const control::Probe& probe, ProbeAnswers& answers);
  PauseVerdict judge(const ProbeAnswers& answers, uint32_t from, uint32_t to) const;
  PauseVerdict judge_arrivals(const ProbeAnswers& answers, uint32_t from, uint32_t to) const;
  bool endpoints_pause();
  bool switches_pause();
  bool press();
  bool press_onto(uint32_t receiver, const std::vector<uint32_t>& judged);
  Snapshots snapshots() const;
  uint64_t counted_by_switch(uint32_t endpoint, const Snapshots& before, const Snapshots& after) const;
  std::vector<PauseVerdict> verdicts() const;
  uint32_t next(uint32_t endpoint) const { return (endpoint + 1) % endpoints_; }
  uint32_t previous(uint32_t endpoint) const { return (endpoint + endpoints_ - 1) % endpoints_; }
  bool faces_an_endpoint(uint32_t e) const { return partners_[e].kind == LinkPartner::Kind::Endpoint; }

  const PfcLab& lab_;
  const uint32_t endpoints_;
  const std::vector<LinkPartner> partners_;
  const PfcClasses classes_;
  const PfcTiming timing_;
  // By endpoint: what its link's other end does when it is paused by the endpoint, and the endpoint itself.
  std::vector<PauseVerdict> of_partner_, of_nic_;
  std::string error_;
};

std::string SelfTest::untestable() const {
  if (endpoints_ < 2) return "there is nobody to send to it";
  if (classes_.lossless.empty())
    return "none of the scenario's data is of a priority in switch.pfc_enable; see nic.dscp and "
           "dscp_to_tc_map";
  if (timing_.unit * PfcTiming::kEnd + kProbeSettles > kLongestProbe)
    return "its links are so slow that it would take too long; lower lab.time_scale";
  return "";
}

// From each endpoint to the next one.
control::Probe SelfTest::steady_streams() const {
  control::Probe probe;
  probe.set_duration_ps((timing_.unit * PfcTiming::kEnd + kProbeSettles).ps);
  probe.set_bin_ps((timing_.unit / PfcTiming::kBins).ps);
  const auto add = [&](uint32_t from, uint32_t kind, uint32_t dscp) {
    control::ProbeStream& stream = *probe.add_streams();
    stream.set_from(from);
    stream.set_to(next(from));
    stream.set_kind(kind);
    stream.set_dscp(dscp);
    stream.set_payload(std::min(kPayload, lab_.input.nic.mtu));
    stream.set_frames(static_cast<uint32_t>(timing_.unit * PfcTiming::kEnd / timing_.interval));
    stream.set_interval_ps(timing_.interval.ps);
  };
  for (uint32_t from = 0; from < endpoints_; ++from) {
    for (uint32_t i = 0; i < classes_.lossless.size(); ++i) add(from, i, classes_.lossless[i].dscp);
    if (classes_.other) add(from, kOtherKind, *classes_.other);
  }
  return probe;
}

void SelfTest::pause(control::Probe& probe, uint32_t endpoint, const std::string& by_switch) const {
  uint32_t priorities = 0;
  for (const PfcClasses::Class& lossless : classes_.lossless) priorities |= 1u << lossless.priority;
  control::ProbePause& pause = *probe.add_pauses();
  pause.set_endpoint(endpoint);
  pause.set_switch_name(by_switch);
  pause.set_priorities(priorities);
  pause.set_from_ps((timing_.unit * PfcTiming::kPaused).ps);
  pause.set_until_ps((timing_.unit * PfcTiming::kResumed).ps);
}

bool SelfTest::ask(const control::Probe& probe, ProbeAnswers& answers) {
  auto asked = probe_all(probe, lab_.players, lab_.cancelled);
  if (!asked) error_ = asked.error();
  if (asked) answers = *std::move(asked);
  return error_.empty();
}

// Where a player could not do its part, no link is said to ignore anything.
PauseVerdict SelfTest::judge(const ProbeAnswers& answers, uint32_t from, uint32_t to) const {
  PauseVerdict verdict = judge_arrivals(answers, from, to);
  if (verdict.outcome != PauseOutcome::Ignored || answers.problems.empty()) return verdict;
  verdict.outcome = PauseOutcome::NotTestable;
  verdict.reason = answers.problems[0];
  return verdict;
}

PauseVerdict SelfTest::judge_arrivals(const ProbeAnswers& answers, uint32_t from, uint32_t to) const {
  const auto bins = [&](uint32_t kind) {
    const auto arrived = answers.arrived.find({from, to, kind});
    return arrived == answers.arrived.end()
               ? std::vector<uint32_t>()
               : std::vector<uint32_t>(arrived->second.bins().begin(), arrived->second.bins().end());
  };
  std::vector<std::vector<uint32_t>> lossless;
  for (uint32_t kind = 0; kind < classes_.lossless.size(); ++kind) lossless.push_back(bins(kind));
  std::optional<std::vector<uint32_t>> other;
  if (classes_.other) other = bins(kOtherKind);
  return judge_pause(lossless, other, timing_.unit / timing_.interval);
}

bool is_obeyed(const PauseVerdict& verdict) {
  return verdict.outcome == PauseOutcome::Obeyed;
}

// Each pauses what is at the other end of its link, and sees whether it goes on sending.
bool SelfTest::endpoints_pause() {
  control::Probe probe = steady_streams();
  for (uint32_t e = 0; e < endpoints_; ++e) pause(probe, e, "");
  for (uint32_t attempt = 0; attempt < kAttempts && !lab_.cancelled; ++attempt) {
    ProbeAnswers answers;
    if (!ask(probe, answers)) return false;
    for (uint32_t e = 0; e < endpoints_; ++e)
      if (!is_obeyed(of_partner_[e])) of_partner_[e] = judge(answers, previous(e), e);
    if (std::all_of(of_partner_.begin(), of_partner_.end(), is_obeyed)) break;
  }
  for (uint32_t e = 0; e < endpoints_; ++e) {
    PauseVerdict& verdict = of_partner_[e];
    if (partners_[e].kind != LinkPartner::Kind::Unmanaged || verdict.outcome != PauseOutcome::Ignored)
      continue;
    verdict.outcome = PauseOutcome::NotTestable;
    verdict.reason +=
        ", but an unmanaged switch cannot be asked whether it has PFC at all: a bridge has none";
  }
  return true;
}

bool SelfTest::switches_pause() {
  const auto commanded = [&](uint32_t e) { return partners_[e].kind == LinkPartner::Kind::Softswitch; };
  control::Probe probe = steady_streams();
  for (uint32_t e = 0; e < endpoints_; ++e)
    if (commanded(e)) pause(probe, e, partners_[e].name);
  for (uint32_t attempt = 0; attempt < kAttempts && probe.pauses_size() > 0 && !lab_.cancelled; ++attempt) {
    ProbeAnswers answers;
    if (!ask(probe, answers)) return false;
    bool all = true;
    for (uint32_t e = 0; e < endpoints_; ++e) {
      if (!commanded(e) || is_obeyed(of_nic_[e])) continue;
      of_nic_[e] = judge(answers, e, next(e));
      all &= is_obeyed(of_nic_[e]);
    }
    if (all) break;
  }
  return true;
}

// Two rounds: the one that all send to in the first is a sender in the second.
bool SelfTest::press() {
  std::vector<uint32_t> foreign;
  for (uint32_t e = 0; e < endpoints_; ++e)
    if (partners_[e].kind == LinkPartner::Kind::Sonic || partners_[e].kind == LinkPartner::Kind::Unmanaged)
      foreign.push_back(e);
  if (foreign.empty() || lab_.cancelled) return true;
  const uint32_t first = foreign[0];
  const std::vector<uint32_t> others(foreign.begin() + 1, foreign.end());
  return press_onto(first, others) && press_onto(next(first), {first});
}

bool SelfTest::press_onto(uint32_t receiver, const std::vector<uint32_t>& judged) {
  control::Probe probe;
  probe.set_duration_ps((timing_.unit * PfcTiming::kEnd + kProbeSettles).ps);
  probe.set_bin_ps((timing_.unit / PfcTiming::kBins).ps);
  const SimTime interval = serialisation_time(longest_frame_bytes(lab_.input.nic.mtu, false),
                                              lab_.input.fabric.link_rate.ps_per_byte());
  for (uint32_t from = 0; from < endpoints_; ++from) {
    if (from == receiver) continue;
    control::ProbeStream& stream = *probe.add_streams();
    stream.set_from(from);
    stream.set_to(receiver);
    stream.set_dscp(classes_.lossless[0].dscp);
    stream.set_payload(lab_.input.nic.mtu);
    stream.set_frames(static_cast<uint32_t>(timing_.unit * PfcTiming::kResumed / interval));
    stream.set_interval_ps(interval.ps);
  }
  pause(probe, receiver, "");
  const Snapshots before = snapshots();
  ProbeAnswers answers;
  if (!ask(probe, answers)) return false;
  const Snapshots after = snapshots();
  const uint8_t priority = classes_.lossless[0].priority;
  for (const uint32_t e : judged) {
    const auto& port = answers.ports[e];
    uint64_t told = 0;
    if (port.pauses_size() > priority) told += port.pauses(priority);
    if (port.device_pauses_size() > priority) told += port.device_pauses(priority);
    told = std::max(told, counted_by_switch(e, before, after));
    const auto& bins = answers.sent[{e, receiver, 0}].bins();
    of_nic_[e] = judge_pressure({bins.begin(), bins.end()}, told);
  }
  return true;
}

SelfTest::Snapshots SelfTest::snapshots() const {
  Snapshots taken;
  for (uint32_t i = 0; i < lab_.settings.switches.size(); ++i) {
    const LabSwitch& one = lab_.settings.switches[i];
    if (one.kind != LabSwitchKind::Sonic) continue;
    if (auto snapshot = lab::snapshot(one, lab_.ssh)) taken[i] = *std::move(snapshot);
  }
  return taken;
}

// PFC frames that the switch counted as sent to an endpoint meanwhile; 0 where it could not be asked.
uint64_t SelfTest::counted_by_switch(uint32_t endpoint, const Snapshots& before,
                                     const Snapshots& after) const {
  const LinkPartner& partner = partners_[endpoint];
  const auto first = before.find(partner.index), last = after.find(partner.index);
  if (partner.kind != LinkPartner::Kind::Sonic || first == before.end() || last == after.end()) return 0;
  const LabSwitch& one = lab_.settings.switches[partner.index];
  if (partner.port >= one.ports.size()) return 0;
  const SwitchPorts counted = ports_between(one.name, {one.ports[partner.port]}, first->second.parsed,
                                            last->second.parsed, last->second.speeds);
  return counted.ports.empty() ? 0 : counted.ports[0].pfc_pauses_sent;
}

std::vector<PauseVerdict> SelfTest::verdicts() const {
  std::vector<PauseVerdict> all;
  for (uint32_t e = 0; e < endpoints_; ++e) {
    const std::string self = endpoint_text(lab_.plan, e);
    const bool cable = faces_an_endpoint(e);
    const std::string partner = cable ? endpoint_text(lab_.plan, next(e)) : partners_[e].name;
    all.push_back(of_partner_[e]);
    all.back().paused_by = self, all.back().paused = partner;
    if (cable) continue;  // the other end's verdict is the other direction's
    all.push_back(of_nic_[e]);
    all.back().paused_by = partner, all.back().paused = self;
  }
  return all;
}

}  // namespace

tl::expected<std::vector<PauseVerdict>, std::string> pfc_self_test(const PfcLab& lab) {
  return SelfTest(lab).run();
}

}  // namespace railyard::lab
