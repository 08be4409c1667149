// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/players.h"

#include <future>
#include <thread>

#include <fmt/format.h>

namespace railyard::lab {
namespace {

std::string_view name_of(control::PlayerKind kind) {
  return kind == control::AGENT ? "railyard-agent" : "railyard-softswitch";
}

using Connected = tl::expected<std::unique_ptr<PlayerClient>, ConnectError>;

Connected connect_patiently(const SessionOptions& options, std::chrono::milliseconds patience) {
  constexpr auto kPause = std::chrono::milliseconds(100);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto client = PlayerClient::connect(options);
    const bool may_be_starting = !client && client.error().reason == ConnectError::Reason::NobodyListens;
    if (!may_be_starting || std::chrono::steady_clock::now() >= deadline) return client;
    std::this_thread::sleep_for(kPause);
  }
}

Player connect_to(const PlayerPlace& place, SessionOptions options, std::chrono::milliseconds patience) {
  Player player{place, nullptr, "", false, {}};
  options.address = place.address;
  auto client = connect_patiently(options, patience);
  if (!client) {
    player.taken = client.error().reason == ConnectError::Reason::Taken;
    player.unreachable = fmt::format("'{}': {}", place.name, client.error().what);
    return player;
  }
  const control::PlayerKind kind = (*client)->identity().kind();
  const auto clock = (*client)->measure_clock(kClockProbes);
  if (kind != place.kind)
    player.unreachable = fmt::format("'{}': at {} listens a {}, not a {}; correct its address", place.name,
                                     place.address, name_of(kind), name_of(place.kind));
  else if (!clock)
    player.unreachable = fmt::format("'{}': {}", place.name, clock.error());
  if (!player.unreachable.empty()) return player;
  player.clock = *clock;
  player.client = *std::move(client);
  return player;
}

}  // namespace

std::vector<PlayerPlace> places_of(const LabSettings& lab) {
  std::vector<PlayerPlace> places;
  for (const LabAgent& agent : lab.agents) places.push_back({agent.name, agent.address, control::AGENT});
  for (const LabSwitch& lab_switch : lab.switches)
    if (lab_switch.kind == LabSwitchKind::Softswitch)
      places.push_back({lab_switch.name, lab_switch.address, control::SOFTSWITCH});
  return places;
}

std::string mac_text(const std::string& mac) {
  std::string text;
  for (const char byte : mac)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", static_cast<unsigned char>(byte));
  return text;
}

tl::expected<SessionOptions, std::string> session_options(const Scenario& scenario, const TlsFiles& tls) {
  SessionOptions options;
  options.tls = tls;
  if (scenario.lab.token_file.empty()) return options;
  auto token = read_token((scenario.file.parent_path() / scenario.lab.token_file).string());
  if (!token) return tl::make_unexpected(token.error());
  options.token = *std::move(token);
  return options;
}

std::vector<Player> connect_all(const std::vector<PlayerPlace>& places, const SessionOptions& options,
                                std::chrono::milliseconds patience) {
  std::vector<std::future<Player>> connecting;
  for (const PlayerPlace& place : places)
    connecting.push_back(std::async(std::launch::async, connect_to, place, options, patience));
  std::vector<Player> players;
  for (std::future<Player>& player : connecting) players.push_back(player.get());
  return players;
}

}  // namespace railyard::lab
