// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/frame_balance.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/controller/players.h"

namespace railyard::lab {
namespace {

uint64_t sum(const google::protobuf::RepeatedPtrField<control::FrameCount>& counts) {
  uint64_t total = 0;
  for (const control::FrameCount& count : counts) total += count.frames();
  return total;
}

// One port with what was counted at it.
struct End {
  const CountedFrames* player = nullptr;
  const control::PortFrames* frames = nullptr;
  std::string mac;

  std::string name() const { return fmt::format("{} {}", player->player, frames->port()); }
  uint64_t pauses_from(const std::string& source) const {
    for (const control::PauseSource& pauses : frames->pauses_received())
      if (pauses.mac() == source) return pauses.frames();
    return 0;
  }
};

std::optional<End> end_of(const std::vector<CountedFrames>& players, const std::string& player,
                          const std::string& port) {
  for (const CountedFrames& candidate : players) {
    if (candidate.player != player) continue;
    End end{&candidate, nullptr, ""};
    for (const control::PortFrames& frames : candidate.frames->ports())
      if (frames.port() == port) end.frames = &frames;
    for (const control::PortStatus& status : candidate.identity->ports())
      if (status.name() == port) end.mac = status.mac();
    if (end.frames != nullptr) return end;
  }
  return std::nullopt;
}

CableBalance cable_between(const End& from, const End& to) {
  CableBalance cable;
  cable.name = fmt::format("{} -> {}", from.name(), to.name());
  cable.sent = from.frames->sent() + from.frames->pauses_sent();
  cable.received = to.frames->received() + to.pauses_from(from.mac);
  const auto missing = static_cast<int64_t>(cable.sent - cable.received);
  const auto in_devices = static_cast<int64_t>(sum(from.frames->lost_out()) + sum(to.frames->lost_in()));
  cable.lost_in_hosts = static_cast<uint64_t>(std::clamp(missing, int64_t{0}, in_devices));
  cable.unexplained = missing - static_cast<int64_t>(cable.lost_in_hosts);
  if (cable.lost_in_hosts == 0) return cable;
  const auto add = [&](const End& end, const auto& counts) {
    for (const control::FrameCount& count : counts)
      cable.counted_by.push_back(fmt::format("{} {} at {}", count.name(), count.frames(), end.name()));
  };
  add(from, from.frames->lost_out());
  add(to, to.frames->lost_in());
  return cable;
}

int64_t unexplained_in(const control::Frames& of) {
  auto in = static_cast<int64_t>(of.copied());
  auto out = static_cast<int64_t>(of.held() + sum(of.dropped()) + sum(of.given_up()));
  for (const control::PortFrames& port : of.ports()) {
    in += static_cast<int64_t>(port.received());
    out += static_cast<int64_t>(port.sent());
  }
  return in - out;
}

class Balancer {
 public:
  Balancer(const std::vector<Cable>& cables, const std::vector<CountedFrames>& players)
      : cables_(cables), players_(players) {}

  FrameBalance balance(uint64_t reported_drops) {
    balance_.known = std::all_of(players_.begin(), players_.end(),
                                 [](const CountedFrames& player) { return player.frames != nullptr; });
    if (!balance_.known) return balance_;
    for (const CountedFrames& player : players_) add(player);
    if (has_switch_)
      balance_cables();
    else
      balance_agents(reported_drops);
    return std::move(balance_);
  }

 private:
  void add(const CountedFrames& player) {
    const control::Frames& frames = *player.frames;
    for (const control::PortFrames& port : frames.ports()) balance_.foreign += port.foreign();
    if (player.identity->kind() == control::SOFTSWITCH) {
      has_switch_ = true;
      for (const control::PortFrames& port : frames.ports())
        for (const control::PauseSource& pauses : port.pauses_received())
          balance_.host_pauses += pauses.frames();
      balance_.copied += frames.copied();
      balance_.held += frames.held();
      for (const auto& count : frames.dropped()) balance_.dropped[count.name()] += count.frames();
      for (const auto& count : frames.given_up()) balance_.given_up[count.name()] += count.frames();
      note_unexplained("within " + player.player, unexplained_in(frames));
      return;
    }
    for (const control::PortFrames& port : frames.ports()) {
      balance_.sent += port.sent();
      balance_.accepted += port.accepted();
      balance_.rejected += port.received() - port.accepted();
    }
  }

  void note_unexplained(const std::string& where, int64_t frames) {
    if (frames == 0) return;
    balance_.unexplained += std::abs(frames);
    balance_.where_unexplained.push_back(frames > 0
                                             ? fmt::format("{} lost {}", frames, where)
                                             : fmt::format("{} more came than were sent {}", -frames, where));
  }

  void balance_cables() {
    for (const Cable& cable : cables_) {
      const auto a = end_of(players_, cable.player_a, cable.port_a);
      const auto b = end_of(players_, cable.player_b, cable.port_b);
      if (!a || !b) continue;
      add(cable_between(*a, *b));
      add(cable_between(*b, *a));
      note_pausers(*a, *b);
      note_pausers(*b, *a);
    }
  }

  void add(CableBalance cable) {
    balance_.lost_in_hosts += cable.lost_in_hosts;
    if (cable.lost_in_hosts > 0)
      balance_.where_in_hosts.push_back(
          fmt::format("{} on {} ({})", cable.lost_in_hosts, cable.name, fmt::join(cable.counted_by, ", ")));
    note_unexplained("on " + cable.name, cable.unexplained);
    balance_.cables.push_back(std::move(cable));
  }

  void note_pausers(const End& paused, const End& partner) {
    for (const control::PauseSource& source : paused.frames->pauses_received())
      if (source.mac() != partner.mac) note_pauser(paused, source);
  }
  void note_pauser(const End& paused, const control::PauseSource& source) {
    balance_.pausers.push_back(fmt::format(
        "{} obeyed {} pause frames from {}, which is not its link partner's address", paused.name(),
        source.frames(), source.mac().empty() ? "more addresses than were kept" : mac_text(source.mac())));
  }

  // Agents' ends alone: a switch that is not ours sits between, or none.
  void balance_agents(uint64_t reported_drops) {
    uint64_t received = 0, in_devices = 0;
    std::vector<std::string> counted_by;
    for (const CountedFrames& player : players_)
      for (const control::PortFrames& port : player.frames->ports()) {
        received += port.received() - port.flooded();
        balance_.rejected -= port.flooded();  // copies, which nobody counts
        in_devices += sum(port.lost_in()) + sum(port.lost_out());
        for (const auto* counts : {&port.lost_in(), &port.lost_out()})
          for (const control::FrameCount& count : *counts)
            counted_by.push_back(
                fmt::format("{} {} at {} {}", count.name(), count.frames(), player.player, port.port()));
        note_several_pausers({&player, &port, ""});
      }
    if (reported_drops > 0) balance_.dropped["by switches"] = reported_drops;
    const auto missing = static_cast<int64_t>(balance_.sent - received - reported_drops);
    balance_.lost_in_hosts =
        static_cast<uint64_t>(std::clamp(missing, int64_t{0}, static_cast<int64_t>(in_devices)));
    if (balance_.lost_in_hosts > 0)
      balance_.where_in_hosts.push_back(fmt::format("{}", fmt::join(counted_by, ", ")));
    if (missing < 0)
      note_unexplained("between the agents", missing);
    else
      balance_.lost_somewhere = static_cast<uint64_t>(missing) - balance_.lost_in_hosts;
  }

  // The partner's address is not known: whoever paused the port most is taken for it.
  void note_several_pausers(const End& paused) {
    const auto& sources = paused.frames->pauses_received();
    const auto most = std::max_element(sources.begin(), sources.end(),
                                       [](const auto& a, const auto& b) { return a.frames() < b.frames(); });
    for (auto source = sources.begin(); source != sources.end(); ++source)
      if (source != most) note_pauser(paused, *source);
  }

  const std::vector<Cable>& cables_;
  const std::vector<CountedFrames>& players_;
  bool has_switch_ = false;
  FrameBalance balance_;
};

}  // namespace

std::vector<Cable> cables_of(const control::Plan& plan, const FabricPlan& fabric) {
  // Of a port of the fabric's: player and port; empty where nobody of ours plays it.
  const auto place_of = [&](const FabricPort& at) -> std::pair<std::string, std::string> {
    if (at.node < fabric.host_count) {
      const control::Endpoint& endpoint =
          plan.endpoints(static_cast<int>(at.node * fabric.nics_per_host + at.port));
      return {endpoint.player(), endpoint.port()};
    }
    for (const control::Switch& planned : plan.fabric())
      if (planned.node() == at.node) return {planned.name(), planned.ports(static_cast<int>(at.port)).name()};
    return {};
  };
  std::vector<Cable> cables;
  for (const FabricLink& link : fabric.links) {
    const auto a = place_of(link.a), b = place_of(link.b);
    if (!a.first.empty() && !b.first.empty()) cables.push_back({a.first, a.second, b.first, b.second});
  }
  return cables;
}

FrameBalance balance_of(const std::vector<Cable>& cables, const std::vector<CountedFrames>& players,
                        uint64_t reported_drops) {
  return Balancer(cables, players).balance(reported_drops);
}

std::string invalid_because(const FrameBalance& balance, bool lossless) {
  std::vector<std::string> reasons;
  if (balance.unexplained != 0)
    reasons.push_back(fmt::format("{} frames are unexplained ({})", balance.unexplained,
                                  fmt::join(balance.where_unexplained, "; ")));
  if (lossless && balance.lost_in_hosts > 0)
    reasons.push_back(
        fmt::format("{} frames were lost in hosts, not in the fabric: {}; give the players "
                    "processors of their own, or a larger time_scale",
                    balance.lost_in_hosts, fmt::join(balance.where_in_hosts, "; ")));
  if (lossless && balance.lost_somewhere > 0)
    reasons.push_back(fmt::format("{} frames of a lossless scenario were lost, nobody knows where",
                                  balance.lost_somewhere));
  if (lossless)
    for (const auto& [reason, frames] : balance.given_up)
      reasons.push_back(fmt::format("the soft switch's machine gave up {} frames ({})", frames, reason));
  return fmt::format("{}", fmt::join(reasons, "; "));
}

std::string text_of(const FrameBalance& balance) {
  if (!balance.known) return "not known: a player did not tell";
  std::string text = fmt::format("sent {}", balance.sent);
  if (balance.copied > 0) text += fmt::format(" + copied {}", balance.copied);
  text += fmt::format(" = received {}", balance.accepted);
  if (balance.rejected > 0) text += fmt::format(" + rejected {}", balance.rejected);
  for (const auto* counts : {&balance.dropped, &balance.given_up})
    for (const auto& [reason, frames] : *counts) text += fmt::format(" + {} {}", reason, frames);
  if (balance.held > 0) text += fmt::format(" + under way {}", balance.held);
  if (balance.lost_in_hosts > 0) text += fmt::format(" + lost in hosts {}", balance.lost_in_hosts);
  if (balance.lost_somewhere > 0) text += fmt::format(" + lost somewhere {}", balance.lost_somewhere);
  return text + fmt::format(" + unexplained {}", balance.unexplained);
}

}  // namespace railyard::lab
