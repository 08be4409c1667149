// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/lab_checks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "dpdk-app/controller/plan_builder.h"
#include "tools/experiment/version.h"
#include "tools/report/number_format.h"
#include "traffic/protocol/transport/send_queue.h"
#include "traffic/protocol/wire/roce_frame.h"

namespace railyard::lab {
namespace {

// Beyond it a one-way delay says little about a fabric of some microseconds.
constexpr int64_t kGoodClockErrorNs = 1'000'000;
constexpr double kNanosecondsPerSecond = 1e9;

std::string time_text(int64_t ns) {
  return report::quantity(static_cast<double>(ns) / kNanosecondsPerSecond, record::Unit::Time);
}

class Checker {
 public:
  Checker(const Scenario& played, const RunInput& input, const std::vector<Player>& players)
      : played_(played), input_(input), players_(players) {}

  CheckReport check() {
    check_ack_timeout();
    for (const Player& player : players_) check_player(player);
    for (const LabAgent& agent : played_.lab.agents) {
      const auto player = std::find_if(players_.begin(), players_.end(),
                                       [&](const Player& p) { return p.place.name == agent.name; });
      if (player == players_.end() || player->client == nullptr) continue;
      for (const LabPort& port : agent.ports) check_port(agent, port);
    }
    return std::move(report_);
  }

 private:
  void check_ack_timeout();
  void check_player(const Player& player);
  void check_switch(const Player& player);
  void check_port(const LabAgent& agent, const LabPort& port);
  void check_mac(const std::string& where, const control::PortStatus& status);
  void check_rate(const std::string& where, const control::PortStatus& status);

  const Scenario& played_;
  const RunInput& input_;
  const std::vector<Player>& players_;
  std::map<std::string, std::string> who_has_;  // by MAC address
  CheckReport report_;
};

// All times are multiplied, and this one must be too: queues last as much longer. But who has not thought of
// it takes the wait for a hang.
void Checker::check_ack_timeout() {
  constexpr SimTime kLongWait = SimTime::seconds(10);
  const SimTime wait = ack_timeout_of(input_.nic);
  const uint32_t scale = played_.lab.time_scale;
  if (scale == 1 || wait == SimTime::never() || wait < kLongWait) return;
  constexpr long kSecond = 18;  // the exponent: 1.07 s
  const long instead = std::max(1L, kSecond - std::lround(std::log2(scale)));
  report_.warnings.push_back(fmt::format(
      "setting '{}': where the last frame of a queue pair is lost, nothing is sent for {}: "
      "nic.ack_timeout, at a time scale of {}; nic.ack_timeout = {} makes it about a second as played",
      input_.setting, format_rounded(wait), scale, instead));
}

void Checker::check_player(const Player& player) {
  if (player.client == nullptr) return report_.errors.push_back(player.unreachable);
  const control::Identity& identity = player.client->identity();
  if (identity.version() != version())
    report_.errors.push_back(fmt::format("'{}' is Railyard {}, this is {}; install the same everywhere",
                                         player.place.name, identity.version(), version()));
  if (player.clock.error_ns > kGoodClockErrorNs)
    report_.warnings.push_back(
        fmt::format("the clock of '{}' is known to ±{} only; times between players are no better",
                    player.place.name, time_text(player.clock.error_ns)));
  if (player.place.kind == control::SOFTSWITCH) check_switch(player);
}

void Checker::check_switch(const Player& player) {
  const uint32_t frame = longest_frame_bytes(input_.nic.mtu, false);
  for (const control::PortStatus& port : player.client->identity().ports())
    if (port.max_frame_bytes() < frame)
      report_.errors.push_back(
          fmt::format("'{}': its port '{}' carries frames of {} bytes, but nic.mtu = {} makes frames of {}; "
                      "start it with --max-frame {}, or lower nic.mtu",
                      player.place.name, port.name(), port.max_frame_bytes(), input_.nic.mtu, frame, frame));
}

void Checker::check_port(const LabAgent& agent, const LabPort& port) {
  const std::string where = fmt::format("{} ('{}' of agent '{}')", port.nic, port.port, agent.name);
  const control::PortStatus* status = find_port(players_, agent.name, port.port);
  if (status == nullptr)
    return report_.errors.push_back(
        fmt::format("{}: the agent has no such port; start it with this port, or correct lab.agents", where));
  if (!status->link_up())
    report_.errors.push_back(
        fmt::format("{}: the link is down; plug in the cable, or bring its other end up", where));
  check_mac(where, *status);
  const uint32_t frame = longest_frame_bytes(input_.nic.mtu, port.vlan != 0);
  if (status->max_frame_bytes() < frame)
    report_.errors.push_back(
        fmt::format("{}: it carries frames of {} bytes, but nic.mtu = {} makes frames of "
                    "{}; raise the port's MTU or lower nic.mtu",
                    where, status->max_frame_bytes(), input_.nic.mtu, frame));
  check_rate(where, *status);
}

void Checker::check_mac(const std::string& where, const control::PortStatus& status) {
  constexpr size_t kMacBytes = 6;
  const std::string& mac = status.mac();
  const bool unicast = mac.size() == kMacBytes && (static_cast<unsigned char>(mac[0]) & 1) == 0 &&
                       mac != std::string(kMacBytes, '\0');
  if (!unicast)
    return report_.errors.push_back(
        fmt::format("{}: its MAC address {} is no station's; give the device one", where, mac_text(mac)));
  const auto [other, is_new] = who_has_.emplace(mac, where);
  if (!is_new)
    report_.errors.push_back(fmt::format("{} and {} both have the MAC address {}; give each its own",
                                         other->second, where, mac_text(mac)));
}

void Checker::check_rate(const std::string& where, const control::PortStatus& status) {
  const BitRate asked = input_.fabric.link_rate;
  if (status.is_virtual() || status.link_bps() == 0 || status.link_bps() >= asked.bps) return;
  report_.errors.push_back(
      fmt::format("{}: its link runs at {}, but the scenario plays at {}; raise "
                  "lab.time_scale, or lower fabric.link_rate",
                  where, format(BitRate{status.link_bps()}), format(asked)));
}

}  // namespace

CheckReport check_players(const Scenario& played, const RunInput& input, const std::vector<Player>& players) {
  return Checker(played, input, players).check();
}

std::string lab_table(const Scenario& played, const std::vector<Player>& players) {
  std::string text =
      fmt::format("{:<14} {:<10} {:<22} {:>12} {:>12}\n", "player", "kind", "address", "clock", "known to");
  for (const Player& player : players) {
    text += fmt::format("{:<14} {:<10} {:<22} ", player.place.name,
                        player.place.kind == control::AGENT ? "agent" : "softswitch", player.place.address);
    text += player.client == nullptr ? (player.taken ? "taken\n" : "unreachable\n")
                                     : fmt::format("{:>12} {:>12}\n", time_text(player.clock.offset_ns),
                                                   "±" + time_text(player.clock.error_ns));
  }
  text += fmt::format("\n{:<12} {:<26} {:<18} {:>6} {:>10}\n", "NIC", "port", "MAC", "frames", "link");
  for (const LabAgent& agent : played.lab.agents)
    for (const LabPort& port : agent.ports) {
      text += fmt::format("{:<12} {:<26} ", port.nic, agent.name + " " + port.port);
      const control::PortStatus* status = find_port(players, agent.name, port.port);
      text += status == nullptr
                  ? "-\n"
                  : fmt::format("{:<18} {:>6} {:>10}\n", mac_text(status->mac()), status->max_frame_bytes(),
                                !status->link_up()     ? "down"
                                : status->is_virtual() ? "virtual"
                                                       : format(BitRate{status->link_bps()}));
    }
  return text;
}

}  // namespace railyard::lab
