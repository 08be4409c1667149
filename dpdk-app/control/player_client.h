// SPDX-License-Identifier: BSD-3-Clause
// The controller's end of the session with one player.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/control/session_options.h"

namespace railyard::lab {

// The player's clock is ours plus offset, within +- error: half of the round trip of the fastest probe.
struct ClockOffset {
  int64_t offset_ns = 0;
  int64_t error_ns = 0;
};

// Why a session did not begin.
struct ConnectError {
  enum class Reason : uint8_t {
    NobodyListens,  // a player that is starting does not yet
    Taken,          // by another controller
    Other,
  };
  std::string what;  // with the address and the remedy
  Reason reason = Reason::Other;
};

class PlayerClient {
 public:
  // Connects and logs in: both ends have shown that they know the token.
  static tl::expected<std::unique_ptr<PlayerClient>, ConnectError> connect(const SessionOptions& options);
  ~PlayerClient();
  PlayerClient(const PlayerClient&) = delete;
  PlayerClient& operator=(const PlayerClient&) = delete;

  const control::Identity& identity() const;
  // The fastest of `probes` round trips, one after the other.
  tl::expected<ClockOffset, std::string> measure_clock(unsigned probes);

  void send(const control::Message& message);
  // The next Prepared, ProbeResult or Measurements; a Failure is the error, as are a lost player and a time
  // that ran out or was cut short by `cancelled`. Several players are asked at once by sending to all, then
  // waiting for each.
  tl::expected<control::Message, std::string> answer(control::Message::KindCase kind,
                                                     std::chrono::milliseconds timeout,
                                                     const std::atomic<bool>* cancelled = nullptr);
  // The oldest Progress, Finished or Failure not seen yet; nothing where there is none.
  std::optional<control::Message> poll();
  // Why the player is gone; empty while it is there.
  std::string lost() const;

 private:
  class Impl;
  explicit PlayerClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace railyard::lab
