// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/prober.h"

#include <chrono>

#include <fmt/format.h>

#include "dpdk-app/device/raw_clock.h"

namespace railyard::lab {
namespace {

using control::Message;

// From the message to the start: every player has it by then.
constexpr std::chrono::milliseconds kLead{200};
constexpr std::chrono::milliseconds kPatience{10'000};  // beyond the probe's end

void add(const control::ProbeResult& result, const std::string& player, ProbeAnswers& to) {
  for (const control::ProbeSent& sent : result.sent()) to.sent[{sent.from(), sent.to(), sent.kind()}] = sent;
  for (const control::ProbeArrived& a : result.arrived()) to.arrived[{a.from(), a.to(), a.kind()}] = a;
  for (const control::ProbePort& port : result.ports()) to.ports[port.endpoint()] = port;
  for (const std::string& problem : result.problems())
    to.problems.push_back(fmt::format("'{}': {}", player, problem));
}

}  // namespace

tl::expected<ProbeAnswers, std::string> probe_all(control::Probe probe, std::vector<Player>& players,
                                                  const std::atomic<bool>& cancelled) {
  const int64_t at = raw_clock_ns() + std::chrono::nanoseconds(kLead).count();
  for (Player& player : players) {
    Message message;
    probe.set_at_ns(at + player.clock.offset_ns);
    *message.mutable_probe() = probe;
    player.client->send(message);
  }
  const auto limit = kLead + kPatience + std::chrono::milliseconds(probe.duration_ps() / 1'000'000'000);
  ProbeAnswers answers;
  std::string error;
  for (Player& player : players) {
    const auto answer = player.client->answer(Message::kProbeResult, limit, &cancelled);
    if (answer)
      add(answer->probe_result(), player.place.name, answers);
    else if (error.empty())
      error = fmt::format("'{}': {}", player.place.name, answer.error());
  }
  if (!error.empty()) return tl::make_unexpected(error);
  return answers;
}

}  // namespace railyard::lab
