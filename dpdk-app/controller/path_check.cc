// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/path_check.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/session/probe_limits.h"
#include "traffic/protocol/wire/packet.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kFrames = 4;  // of each kind and pair
constexpr uint32_t kAttempts = 3;
constexpr uint32_t kSmallPayload = 64;
constexpr uint32_t kSmall = 0, kCnp = 1, kFirstFull = 2;  // kinds
// That a busy machine may be late with the last ones.
constexpr SimTime kLate = SimTime::milliseconds(200);
// Pairs are all tried where it takes no longer.
constexpr SimTime kEveryPair = SimTime::seconds(5);

constexpr uint32_t kNoEcn = ecn::kNotEct;

uint32_t frame_bytes(const PathKind& kind) {
  return kind.cnp ? wire::kCnpFrame : wire::data_frame_bytes(kind.payload, true);
}

uint32_t tos_of(const PathKind& kind) {
  return kind.dscp << 2 | (kind.cnp ? kNoEcn : uint32_t{ecn::kEct0});
}

std::vector<PathKind> kinds_of(const RunInput& input) {
  std::vector<PathKind> kinds = {{input.nic.dscp, std::min(kSmallPayload, input.nic.mtu), false},
                                 {input.nic.cnp_dscp, 0, true}};
  std::set<uint32_t> dscps = {input.nic.dscp};
  for (const JobInput& job : input.jobs) dscps.insert(job.dscp.value_or(input.nic.dscp));
  for (const uint32_t dscp : dscps)
    if (kinds.size() < kProbeKinds) kinds.push_back({dscp, input.nic.mtu, false});
  return kinds;
}

// How a kind of frames fared between two endpoints, over all attempts.
struct Fate {
  uint32_t sent = 0, arrived = 0, cut = 0, corrupt = 0, shortest = 0;
  bool ever_whole = false;  // one attempt lost none
  std::set<uint32_t> tos;
};

Fate fate_of(const ProbeKey& key, const std::vector<ProbeAnswers>& attempts) {
  Fate fate;
  for (const ProbeAnswers& attempt : attempts) {
    const auto sent = attempt.sent.find(key);
    const auto arrived = attempt.arrived.find(key);
    const uint32_t sent_frames = sent == attempt.sent.end() ? 0 : sent->second.frames();
    const uint32_t frames = arrived == attempt.arrived.end() ? 0 : arrived->second.frames();
    fate.sent += sent_frames;
    fate.arrived += frames;
    fate.ever_whole |= sent_frames > 0 && frames >= sent_frames;
    if (frames == 0) continue;
    fate.cut += arrived->second.cut();
    fate.corrupt += arrived->second.corrupt();
    fate.shortest = arrived->second.shortest();
    fate.tos.insert(arrived->second.tos().begin(), arrived->second.tos().end());
  }
  return fate;
}

// One mistake made in many places is told once, with the first of them.
class Findings {
 public:
  void add(bool is_error, const std::string& what, const std::string& pair) {
    auto& [first, count] = found_[{is_error, what}];
    if (count++ == 0) first = pair;
  }
  PathFindings take() const {
    PathFindings findings;
    for (const auto& [key, where] : found_) {
      const auto& [first, count] = where;
      const std::string others =
          count > 1 ? fmt::format(" (and between {} other pairs)", count - 1) : std::string();
      (key.first ? findings.errors : findings.warnings)
          .push_back(fmt::format("{}{}: {}", first, others, key.second));
    }
    return findings;
  }

 private:
  std::map<std::pair<bool, std::string>, std::pair<std::string, uint32_t>> found_;
};

class PairJudge {
 public:
  PairJudge(const PathProbes& probes, std::vector<Fate> fates, std::string pair, Findings& findings)
      : probes_(probes), fates_(std::move(fates)), pair_(std::move(pair)), findings_(findings) {}

  void judge() {
    const auto none = [](const Fate& fate) { return fate.arrived == 0; };
    if (std::all_of(fates_.begin(), fates_.end(), [](const Fate& fate) { return fate.sent == 0; }))
      return error("nobody answers ARP for the next hop; look at cables, VLAN and gateway");
    if (std::all_of(fates_.begin(), fates_.end(), none))
      return error(
          "ARP gets through, frames to UDP port 4791 do not; look for an access list, and for an adapter "
          "that "
          "keeps the port for its own RDMA (mlx5: devlink ... enable_roce false, docs/lab.md)");
    for (uint32_t kind = 0; kind < fates_.size(); ++kind) none(fates_[kind]) ? missing(kind) : arrived(kind);
  }

 private:
  void error(const std::string& what) { findings_.add(true, what, pair_); }

  void missing(uint32_t kind) {
    const PathKind& k = probes_.kinds[kind];
    const uint32_t bytes = frame_bytes(k);
    if (kind >= kFirstFull && k.dscp == probes_.kinds[kSmall].dscp && fates_[kSmall].arrived > 0)
      return error(
          fmt::format("frames of {} bytes get through, those of {} do not; raise the MTU of every port on "
                      "the way to {} or "
                      "more (SONiC: 9100), or lower nic.mtu",
                      frame_bytes(probes_.kinds[kSmall]), bytes, bytes - kEthernet));
    error(fmt::format(
        "{} with DSCP {} does not arrive, other frames do; look for an access list or a policer of that DSCP",
        k.cnp ? "a CNP" : fmt::format("a frame of {} bytes", bytes), k.dscp));
  }

  void arrived(uint32_t kind) {
    const PathKind& k = probes_.kinds[kind];
    const Fate& fate = fates_[kind];
    if (fate.cut > 0)
      error(
          fmt::format("frames of {} bytes arrive cut to {}; raise the MTU of every port on the way, or lower "
                      "nic.mtu",
                      frame_bytes(k), fate.shortest));
    if (fate.corrupt > 0)
      error(
          fmt::format("{} of {} frames of {} bytes arrive changed, the ICRC does not fit; look for what "
                      "rewrites more than DSCP, ECN and TTL, and for a bad cable",
                      fate.corrupt, fate.arrived, frame_bytes(k)));
    for (const uint32_t tos : fate.tos) judge_tos(k, tos);
    if (!fate.ever_whole && fate.cut == 0)
      findings_.add(
          false,
          fmt::format("of frames of {} bytes with DSCP {} some are always lost, with nothing else on "
                      "the way",
                      frame_bytes(k), k.dscp),
          pair_);
  }

  void judge_tos(const PathKind& k, uint32_t tos) {
    if (tos >> 2 != k.dscp)
      error(fmt::format("DSCP {} arrives as {}; let every port on the way trust DSCP, and rewrite none",
                        k.dscp, tos >> 2));
    const uint32_t sent = tos_of(k) & ecn::kMask, came = tos & ecn::kMask;
    const bool marked = came == ecn::kCe && sent != kNoEcn;  // a switch may
    if (came != sent && !marked)
      error(fmt::format("the ECN bits {:02b} arrive as {:02b}; look for what clears or rewrites the TOS byte",
                        sent, came));
  }

  static constexpr uint32_t kEthernet = 14 + 4;  // header and FCS, which an MTU does not count

  const PathProbes& probes_;
  const std::vector<Fate> fates_;
  const std::string pair_;
  Findings& findings_;
};

std::vector<uint32_t> distances(uint32_t endpoints, bool every_pair) {
  std::vector<uint32_t> all;
  for (uint32_t distance = 1; distance < endpoints; distance = every_pair ? distance + 1 : 2 * distance)
    all.push_back(distance);
  return all;
}

}  // namespace

std::string endpoint_text(const control::Plan& plan, uint32_t endpoint) {
  const control::Endpoint& e = plan.endpoints(static_cast<int>(endpoint));
  const std::string nic = plan.nics_per_host() > 1 ? fmt::format(":nic{}", e.nic()) : std::string();
  return fmt::format("host{}{} ('{}' of '{}')", e.host(), nic, e.port(), e.player());
}

PathProbes path_probes(const control::Plan& plan, const RunInput& input) {
  PathProbes probes;
  probes.kinds = kinds_of(input);
  const auto endpoints = static_cast<uint32_t>(plan.endpoints_size());
  const auto slot =
      serialisation_time(longest_frame_bytes(input.nic.mtu, true), input.fabric.link_rate.ps_per_byte()) * 2;
  const SimTime of_kind = slot * kFrames;
  const SimTime of_pair = of_kind * static_cast<int64_t>(probes.kinds.size());
  probes.every_pair = of_pair * endpoints <= kEveryPair;
  SimTime at;
  for (const uint32_t distance : distances(endpoints, probes.every_pair)) {
    for (uint32_t kind = 0; kind < probes.kinds.size(); ++kind, at += of_kind)
      for (uint32_t from = 0; from < endpoints; ++from) {
        control::ProbeStream& stream = *probes.probe.add_streams();
        stream.set_from(from);
        stream.set_to((from + distance) % endpoints);
        stream.set_kind(kind);
        stream.set_dscp(probes.kinds[kind].dscp);
        stream.set_cnp(probes.kinds[kind].cnp);
        stream.set_payload(probes.kinds[kind].payload);
        stream.set_frames(kFrames);
        stream.set_start_ps(at.ps);
        stream.set_interval_ps(slot.ps);
      }
  }
  probes.probe.set_duration_ps((at + kLate + kProbeSettles + input.fabric.link_delay * 16).ps);
  return probes;
}

PathFindings judge_paths(const control::Plan& plan, const PathProbes& probes,
                         const std::vector<ProbeAnswers>& attempts) {
  std::set<std::pair<uint32_t, uint32_t>> pairs;
  for (const control::ProbeStream& stream : probes.probe.streams())
    pairs.insert({stream.from(), stream.to()});
  Findings findings;
  for (const auto& [from, to] : pairs) {
    std::vector<Fate> fates;
    for (uint32_t kind = 0; kind < probes.kinds.size(); ++kind)
      fates.push_back(fate_of({from, to, kind}, attempts));
    const std::string pair = fmt::format("from {} to {}", endpoint_text(plan, from), endpoint_text(plan, to));
    PairJudge(probes, std::move(fates), pair, findings).judge();
  }
  return findings.take();
}

tl::expected<PathFindings, std::string> check_paths(const control::Plan& plan, const RunInput& input,
                                                    std::vector<Player>& players,
                                                    const std::atomic<bool>& cancelled) {
  const PathProbes probes = path_probes(plan, input);
  std::vector<ProbeAnswers> attempts;
  PathFindings findings;
  for (uint32_t attempt = 0; attempt < kAttempts && !cancelled; ++attempt) {
    auto answers = probe_all(probes.probe, players, cancelled);
    if (!answers) return tl::make_unexpected(answers.error());
    attempts.push_back(*std::move(answers));
    findings = judge_paths(plan, probes, attempts);
    if (findings.errors.empty() && findings.warnings.empty()) break;
  }
  if (!probes.every_pair)
    findings.warnings.push_back(
        "not every pair of endpoints was probed, there are too many: each with those at a distance of 1, 2, "
        "4, "
        "... in their order");
  return findings;
}

}  // namespace railyard::lab
