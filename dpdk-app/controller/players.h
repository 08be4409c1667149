// SPDX-License-Identifier: BSD-3-Clause
// The agents and soft switches of a lab, as the controller holds them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/control/player_client.h"
#include "tools/scenario/scenario.h"

namespace railyard::lab {

// Of one measurement of a player's clock: the probe whose answer came soonest counts.
constexpr unsigned kClockProbes = 32;

struct PlayerPlace {
  std::string name;  // in the scenario: "agent0", "leaf0"
  std::string address;
  control::PlayerKind kind = control::AGENT;
};

// All agents, then all soft switches, in the scenario's order.
std::vector<PlayerPlace> places_of(const LabSettings& lab);

struct Player {
  PlayerPlace place;
  std::unique_ptr<PlayerClient> client;  // null: it could not be reached
  std::string unreachable;               // why
  bool taken = false;                    // because another controller is connected to it
  ClockOffset clock;
};

// Of PortStatus::mac: "02:00:00:00:00:01".
std::string mac_text(const std::string& mac);

// Reads the scenario's token file. The error names it.
tl::expected<SessionOptions, std::string> session_options(const Scenario& scenario, const TlsFiles& tls);

// Connects to all at once, and measures their clocks. For so long as `patience` players may still be
// starting: where nobody listens it tries again.
std::vector<Player> connect_all(const std::vector<PlayerPlace>& places, const SessionOptions& options,
                                std::chrono::milliseconds patience);

}  // namespace railyard::lab
