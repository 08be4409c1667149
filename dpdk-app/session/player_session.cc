// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/player_session.h"

#include <fmt/format.h>

#include <utility>

#include "dpdk-app/control/session_options.h"
#include "dpdk-app/device/raw_clock.h"
#include "dpdk-app/session/probe_limits.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {
namespace {

constexpr int64_t kProgressNs = 250'000'000;
constexpr int64_t kLongestProbeLeadNs = 5'000'000'000;
constexpr int64_t kLatestStartNs = 3'600'000'000'000;  // an hour from now

void fail(const MessageSink& reply, const std::string& what) {
  control::Message message;
  message.mutable_failure()->set_what(what);
  message.mutable_failure()->set_fatal(true);
  reply(message);
}

}  // namespace

control::Identity PlayerSession::identity() {
  return player_.identity();
}

void PlayerSession::on_interruption() {
  const std::lock_guard lock(interruptions_mutex_);
  ++interruptions_;
  interrupted_ = true;
}

void PlayerSession::handled_interruption() {
  const std::lock_guard lock(interruptions_mutex_);
  if (interruptions_ > 0) --interruptions_;
  interrupted_ = interruptions_ > 0;
}

void PlayerSession::on_message(const control::Message& message, const MessageSink& reply) {
  if (message.has_prepare()) return prepare(message.prepare().plan(), reply);
  if (message.has_stop()) handled_interruption();
  const std::lock_guard lock(mutex_);
  handle(message, reply);
}

void PlayerSession::handle(const control::Message& message, const MessageSink& reply) {
  switch (message.kind_case()) {
    case control::Message::kProbe:
      return probe(message.probe(), reply);
    case control::Message::kStart:
      return start(message.start().at_ns(), reply);
    case control::Message::kStop:
      if (state_ == State::Prepared || state_ == State::Running)
        finish(raw_clock_ns(), false, message.stop().reason());
      else
        player_.stop(message.stop().reason());
      return;
    case control::Message::kDrain:
      return drain(reply);
    case control::Message::kCollect:
      return collect(reply);
    default:
      return fail(
          reply,
          "a player is told Prepare, Probe, Start, Stop, Drain or Collect; use one version everywhere");
  }
}

void PlayerSession::on_controller_lost(const std::string& why) {
  handled_interruption();
  const std::lock_guard lock(mutex_);
  if (state_ == State::Running) player_.stop(why);
  player_.release();
  state_ = State::Idle;
  controller_ = {};
  drained_ = {};
}

// It may take its time: meanwhile tick() finds nothing to do, and need not wait.
void PlayerSession::prepare(const control::Plan& plan, const MessageSink& reply) {
  {
    const std::lock_guard lock(mutex_);
    player_.release();
    state_ = State::Idle;
    drained_ = {};
    controller_ = reply;
  }
  auto prepared = player_.prepare(plan, interrupted_);
  const std::lock_guard lock(mutex_);
  if (!prepared) {
    player_.release();
    return fail(reply, prepared.error());
  }
  state_ = State::Prepared;
  maximum_duration_ = prepared->maximum_duration;
  endpoints_ = static_cast<size_t>(plan.endpoints_size());
  control::Message message;
  message.mutable_prepared()->set_queue_pairs(prepared->queue_pairs);
  for (const std::string& warning : prepared->warnings) message.mutable_prepared()->add_warnings(warning);
  reply(message);
}

void PlayerSession::probe(const control::Probe& probe, const MessageSink& reply) {
  if (state_ != State::Prepared) return fail(reply, "there is no plan to probe for; send Prepare first");
  if (probe.at_ns() < 0 || probe.at_ns() > raw_clock_ns() + kLongestProbeLeadNs)
    return fail(reply, fmt::format("a probe at {} ns of this player's clock is not within {} s from now",
                                   probe.at_ns(), kLongestProbeLeadNs / 1'000'000'000));
  if (auto good = check_probe(probe, endpoints_); !good) return fail(reply, good.error());
  auto result = player_.probe(probe);
  if (!result) return fail(reply, result.error());
  control::Message message;
  *message.mutable_probe_result() = std::move(*result);
  reply(message);
}

void PlayerSession::start(int64_t at_ns, const MessageSink& reply) {
  if (state_ != State::Prepared) return fail(reply, "there is nothing to start; send Prepare first");
  if (at_ns < 0 || at_ns > raw_clock_ns() + kLatestStartNs)
    return fail(reply,
                fmt::format("a start at {} ns of this player's clock is not within an hour from now", at_ns));
  if (auto started = player_.start(at_ns); !started) return fail(reply, started.error());
  state_ = State::Running;
  controller_ = reply;
  started_ns_ = at_ns;
  next_progress_ns_ = at_ns;
}

void PlayerSession::tick(int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::Running) return watch(now_ns);
  if (!drained_ || !player_.drained()) return;
  control::Message message;
  message.mutable_drained();
  std::exchange(drained_, {})(message);
}

void PlayerSession::watch(int64_t now_ns) {
  const RunStatus status = player_.status();
  if (!status.failure.empty()) {
    control::Message message;
    message.mutable_failure()->set_what(status.failure);
    controller_(message);
    return finish(now_ns, false, status.failure);
  }
  const bool late =
      maximum_duration_ > SimTime{} && SimTime::nanoseconds(now_ns - started_ns_) > maximum_duration_;
  if (status.complete) return finish(now_ns, true, "");
  if (late)
    return finish(now_ns, false,
                  fmt::format("limits.duration = {} is over; raise it, or look for what holds the traffic",
                              format(maximum_duration_)));
  if (now_ns < next_progress_ns_) return;
  next_progress_ns_ = now_ns + kProgressNs;
  control::Message message;
  *message.mutable_progress() = status.progress;
  controller_(message);
}

// A run that ended goes on answering others, and with its background jobs, until it is stopped or collected.
void PlayerSession::finish(int64_t now_ns, bool complete, const std::string& stopped_by) {
  if (!complete) player_.stop(stopped_by);
  state_ = State::Finished;
  control::Message message;
  *message.mutable_progress() = player_.status().progress;
  controller_(message);
  message.Clear();
  control::Finished& finished = *message.mutable_finished();
  finished.set_at_ns(now_ns);
  finished.set_complete(complete);
  finished.set_stopped_by(stopped_by);
  controller_(message);
}

void PlayerSession::drain(const MessageSink& reply) {
  if (state_ != State::Finished) return fail(reply, "only a run that has ended is drained; send Stop first");
  player_.drain();
  drained_ = reply;
}

void PlayerSession::collect(const MessageSink& reply) {
  if (state_ != State::Finished && state_ != State::Running)
    return fail(reply, "there is nothing to collect: no run was started");
  auto collected = player_.collect();
  if (!collected) return fail(reply, collected.error());
  state_ = State::Finished;
  control::Message message;
  *message.mutable_measurements() = std::move(*collected);
  reply(message);
}

}  // namespace railyard::lab
