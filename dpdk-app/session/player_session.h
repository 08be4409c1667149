// SPDX-License-Identifier: BSD-3-Clause
// The control protocol as a player sees it, an agent or a switch: what is asked, in which state, and what is
// answered. Knows neither sockets nor DPDK.
//
//   Idle -Prepare-> Prepared -Start-> Running -ranks end, Stop, time runs out-> Finished -Collect-> Finished
//   Prepared takes any number of Probes. Prepare begins anew from every state; so does losing the controller,
//   which leaves Idle.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/control/player_server.h"
#include "traffic/units/quantity.h"

namespace railyard::lab {

struct PreparedRun {
  uint32_t queue_pairs = 0;
  SimTime maximum_duration;  // 0: none
  std::vector<std::string> warnings;
};

struct RunStatus {
  bool started = false;
  bool complete = false;  // every rank ended its iterations
  std::string failure;    // why it cannot; empty: it goes on
  control::Progress progress;
};

// What plays a run. Errors are one sentence with the place and the remedy.
class RunPlayer {
 public:
  virtual ~RunPlayer() = default;
  virtual control::Identity identity() = 0;
  // Gives up soon once `cancelled` holds.
  virtual tl::expected<PreparedRun, std::string> prepare(const control::Plan& plan,
                                                         const std::atomic<bool>& cancelled) = 0;
  // Of a plan that is prepared; returns when it is over. `probe` is such as check_probe() passes.
  virtual tl::expected<control::ProbeResult, std::string> probe(const control::Probe& probe) = 0;
  virtual tl::expected<void, std::string> start(int64_t at_ns) = 0;
  virtual RunStatus status() = 0;
  // Ranks and queue pairs do no more; what was measured is kept.
  virtual void stop(const std::string& why) = 0;
  // After stop(): nothing is sent but what is held already. Then whether nothing is under way any more.
  virtual void drain() {}
  virtual bool drained() { return true; }
  virtual tl::expected<control::Measurements, std::string> collect() = 0;
  // Forgets the run.
  virtual void release() = 0;
};

class PlayerSession final : public PlayerHandler {
 public:
  enum class State : uint8_t { Idle, Prepared, Running, Finished };

  explicit PlayerSession(RunPlayer& player) : player_(player) {}

  control::Identity identity() override;
  void on_message(const control::Message& message, const MessageSink& reply) override;
  void on_interruption() override;
  void on_controller_lost(const std::string& why) override;

  // To be called some times a second: tells the controller of progress and of the end. `now_ns` is
  // CLOCK_MONOTONIC_RAW.
  void tick(int64_t now_ns);

  State state() const { return state_; }

 private:
  void handle(const control::Message& message, const MessageSink& reply);
  void handled_interruption();
  void prepare(const control::Plan& plan, const MessageSink& reply);
  void probe(const control::Probe& probe, const MessageSink& reply);
  void start(int64_t at_ns, const MessageSink& reply);
  void finish(int64_t now_ns, bool complete, const std::string& stopped_by);
  void watch(int64_t now_ns);
  void drain(const MessageSink& reply);
  void collect(const MessageSink& reply);

  RunPlayer& player_;
  std::mutex mutex_;  // on_message() and tick() come from two threads; free while a run is prepared
  State state_ = State::Idle;
  MessageSink controller_;
  MessageSink drained_;  // to be told; none: nobody has asked
  SimTime maximum_duration_;
  size_t endpoints_ = 0;  // of the plan that is prepared
  int64_t started_ns_ = 0, next_progress_ns_ = 0;

  std::mutex interruptions_mutex_;
  uint32_t interruptions_ = 0;  // that came and were not handled yet
  std::atomic<bool> interrupted_ = false;
};

}  // namespace railyard::lab
