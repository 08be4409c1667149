// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/lab_run.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dpdk-app/device/raw_clock.h"

namespace railyard::lab {
namespace {

using control::Message;
using SteadyClock = std::chrono::steady_clock;

class Play {
 public:
  Play(const control::Plan& plan, std::vector<Player>& players, const PlayTimes& times,
       const std::atomic<bool>& cancelled, const Watch& watch)
      : plan_(plan), players_(players), times_(times), cancelled_(cancelled), watch_(watch) {
    for (const Player& player : players) {
      PlayerResult result;
      result.state.name = player.place.name;
      result.state.kind = player.place.kind;
      result.clock_before = player.clock;  // where it cannot be measured again
      run_.players.push_back(std::move(result));
    }
  }

  tl::expected<LabRun, std::string> play() {
    if (auto prepared = prepare(); !prepared) {
      tell_all(stop_message("another player could not be prepared"));
      return tl::make_unexpected(prepared.error());
    }
    measure_clocks(&PlayerResult::clock_before);
    start();
    watch_until_over();
    stop();
    measure_clocks(&PlayerResult::clock_after);
    find_drifts();
    drain();
    collect();
    return std::move(run_);
  }

 private:
  static Message stop_message(const std::string& reason) {
    Message message;
    message.mutable_stop()->set_reason(reason);
    return message;
  }
  bool is_there(size_t i) const { return run_.players[i].state.lost.empty(); }
  void tell_all(const Message& message) {
    for (size_t i = 0; i < players_.size(); ++i)
      if (is_there(i)) players_[i].client->send(message);
  }

  tl::expected<void, std::string> prepare();
  void measure_clocks(ClockOffset PlayerResult::*where);
  void start();
  void watch_until_over();
  void stop();
  void drain();
  void collect();
  tl::expected<Message, std::string> measurements_of(PlayerClient& client);
  void find_drifts();
  void take_events();
  void take_event(size_t i, const Message& event);
  bool all_finished(bool agents_only) const;
  void show() const;

  const control::Plan& plan_;
  std::vector<Player>& players_;
  const PlayTimes& times_;
  const std::atomic<bool>& cancelled_;
  const Watch& watch_;
  LabRun run_;
  int64_t measured_before_ns_ = 0, measured_after_ns_ = 0;
  std::optional<SteadyClock::time_point> collect_until_;  // once the user interrupts
};

tl::expected<void, std::string> Play::prepare() {
  const auto prepared = prepare_all(plan_, players_, times_.prepare, cancelled_);
  if (!prepared) return tl::make_unexpected(fmt::format("{}", fmt::join(prepared.error(), "\n")));
  run_.warnings = *prepared;
  return {};
}

void Play::measure_clocks(ClockOffset PlayerResult::*where) {
  for (size_t i = 0; i < players_.size(); ++i) {
    if (!is_there(i)) continue;
    if (const auto clock = players_[i].client->measure_clock(kClockProbes)) run_.players[i].*where = *clock;
  }
  (measured_before_ns_ == 0 ? measured_before_ns_ : measured_after_ns_) = raw_clock_ns();
}

void Play::start() {
  const int64_t at = raw_clock_ns() + std::chrono::nanoseconds(times_.lead).count();
  for (size_t i = 0; i < players_.size(); ++i) {
    Message message;
    message.mutable_start()->set_at_ns(at + run_.players[i].clock_before.offset_ns);
    players_[i].client->send(message);
  }
}

void Play::take_event(size_t i, const Message& event) {
  PlayerResult& player = run_.players[i];
  if (event.has_progress()) {
    player.state.progress = event.progress();
  } else if (event.has_finished()) {
    player.state.finished = true;
    if (!event.finished().complete() && player.state.kind == control::AGENT && run_.stopped_by.empty())
      run_.stopped_by = fmt::format("'{}' ended early: {}", player.state.name, event.finished().stopped_by());
  } else if (event.has_failure()) {
    player.events.push_back(event.failure().what());
    if (event.failure().fatal() && run_.stopped_by.empty())
      run_.stopped_by = fmt::format("'{}': {}", player.state.name, event.failure().what());
  }
}

void Play::take_events() {
  for (size_t i = 0; i < players_.size(); ++i) {
    while (const auto event = players_[i].client->poll()) take_event(i, *event);
    if (!is_there(i)) continue;
    PlayerResult& player = run_.players[i];
    player.state.lost = players_[i].client->lost();
    if (player.state.lost.empty()) continue;
    player.events.push_back(player.state.lost);
    if (run_.stopped_by.empty())
      run_.stopped_by = fmt::format("'{}' is lost: {}", player.state.name, player.state.lost);
  }
}

bool Play::all_finished(bool agents_only) const {
  return std::all_of(run_.players.begin(), run_.players.end(), [&](const PlayerResult& player) {
    return player.state.finished || !player.state.lost.empty() ||
           (agents_only && player.state.kind != control::AGENT);
  });
}

void Play::show() const {
  std::vector<PlayerState> states;
  for (const PlayerResult& player : run_.players) states.push_back(player.state);
  watch_(states);
}

void Play::watch_until_over() {
  const auto limit = times_.lead + times_.grace +
                     std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::nanoseconds(plan_.maximum_duration_ps() / 1000));
  const auto deadline = SteadyClock::now() + limit;
  for (;;) {
    take_events();
    show();
    if (!run_.stopped_by.empty()) return;
    if (all_finished(true)) return;
    if (cancelled_) {
      run_.interrupted = true;
      run_.stopped_by = "interrupted by the user";
      return;
    }
    if (SteadyClock::now() > deadline) {
      run_.stopped_by = fmt::format("the players did not end within {} ms", limit.count());
      return;
    }
    std::this_thread::sleep_for(times_.poll);
  }
}

void Play::stop() {
  run_.complete = run_.stopped_by.empty();
  tell_all(stop_message(run_.complete ? "every rank has ended" : run_.stopped_by));
  const auto deadline = SteadyClock::now() + times_.stop;
  while (!all_finished(false) && SteadyClock::now() < deadline) {
    std::this_thread::sleep_for(times_.poll);
    take_events();
  }
  if (!run_.complete || run_.stopped_by.empty()) return;
  run_.complete = false;  // a player was lost after the last rank had ended, and its measurements with it
}

void Play::find_drifts() {
  const auto between = static_cast<double>(measured_after_ns_ - measured_before_ns_);
  for (PlayerResult& player : run_.players) {
    if (!player.state.lost.empty() || player.clock_after.error_ns == 0) continue;
    const int64_t moved = player.clock_after.offset_ns - player.clock_before.offset_ns;
    if (std::abs(moved) <= player.clock_before.error_ns + player.clock_after.error_ns) continue;
    player.drift_ppm = static_cast<double>(moved) / between * 1e6;
  }
}

void Play::drain() {
  Message message;
  message.mutable_drain();
  tell_all(message);
  const auto deadline = SteadyClock::now() + times_.drain;
  for (size_t i = 0; i < players_.size(); ++i) {
    if (!is_there(i)) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    const auto answer =
        players_[i].client->answer(Message::kDrained, std::max(left, std::chrono::milliseconds(1)));
    if (!answer)
      run_.players[i].events.push_back(
          fmt::format("frames were still under way when its counters were read: {}", answer.error()));
  }
}

// An interrupted run keeps what can be had within seconds.
tl::expected<Message, std::string> Play::measurements_of(PlayerClient& client) {
  if (!cancelled_) {
    auto answer = client.answer(Message::kMeasurements, times_.collect, &cancelled_);
    if (answer || !cancelled_) return answer;
  }
  if (!collect_until_) collect_until_ = SteadyClock::now() + times_.collect_interrupted;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(*collect_until_ - SteadyClock::now());
  return client.answer(Message::kMeasurements, std::max(left, std::chrono::milliseconds(1)));
}

void Play::collect() {
  Message message;
  message.mutable_collect();
  tell_all(message);
  for (size_t i = 0; i < players_.size(); ++i) {
    if (!is_there(i)) continue;
    PlayerResult& player = run_.players[i];
    auto answer = measurements_of(*players_[i].client);
    if (answer) {
      player.measurements = std::move(*answer->mutable_measurements());
      continue;
    }
    player.events.push_back(answer.error());
    player.state.lost = players_[i].client->lost();
    run_.complete = false;
    run_.interrupted = cancelled_;
    if (run_.stopped_by.empty())
      run_.stopped_by = fmt::format("nothing was collected from '{}': {}", player.state.name, answer.error());
  }
}

}  // namespace

tl::expected<LabRun, std::string> play(const control::Plan& plan, std::vector<Player>& players,
                                       const PlayTimes& times, const std::atomic<bool>& cancelled,
                                       const Watch& watch) {
  return Play(plan, players, times, cancelled, watch).play();
}

}  // namespace railyard::lab
