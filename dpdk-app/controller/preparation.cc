// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/preparation.h"

#include <fmt/format.h>

namespace railyard::lab {

using control::Message;
using Outcome = tl::expected<std::vector<std::string>, std::vector<std::string>>;

namespace {

void send_plan(const control::Plan& plan, Player& player) {
  while (player.client->poll()) continue;  // of an earlier run
  Message message;
  *message.mutable_prepare()->mutable_plan() = plan;
  if (player.place.kind == control::SOFTSWITCH)
    message.mutable_prepare()->mutable_plan()->set_switch_name(player.place.name);
  player.client->send(message);
}

}  // namespace

// Switches first: agents ask for addresses when they prepare, over a fabric that must not have a ring by
// then.
Outcome prepare_all(const control::Plan& plan, std::vector<Player>& players,
                    std::chrono::milliseconds timeout, const std::atomic<bool>& cancelled) {
  std::vector<std::string> errors, warnings;
  for (const control::PlayerKind kind : {control::SOFTSWITCH, control::AGENT}) {
    for (Player& player : players)
      if (player.place.kind == kind) send_plan(plan, player);
    for (Player& player : players) {
      if (player.place.kind != kind) continue;
      const auto prepared = player.client->answer(Message::kPrepared, timeout, &cancelled);
      if (!prepared)
        errors.push_back(fmt::format("'{}': {}", player.place.name, prepared.error()));
      else
        for (const std::string& warning : prepared->prepared().warnings())
          warnings.push_back(fmt::format("'{}': {}", player.place.name, warning));
    }
    if (!errors.empty()) return tl::make_unexpected(errors);
  }
  return warnings;
}

}  // namespace railyard::lab
