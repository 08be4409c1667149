// SPDX-License-Identifier: BSD-3-Clause
// A player's end of the control session: listens, lets one controller in at a time, and hands its messages to
// a PlayerHandler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "dpdk-app/control/control.pb.h"
#include "dpdk-app/control/session_options.h"

namespace railyard::lab {

// Sends to the controller whose message it came with; once that one is gone it does nothing. May be kept, and
// called from any thread.
using MessageSink = std::function<void(const control::Message&)>;

// What a player does. All calls come from one thread of the server's, one after the other; while one of them
// takes its time, the session's own thread keeps answering the controller's probes.
class PlayerHandler {
 public:
  virtual ~PlayerHandler() = default;
  // protocol and version are filled in by the server.
  virtual control::Identity identity() = 0;
  // Prepare, Probe, Start, Stop or Collect. A Prepare is answered with Prepared or Failure, a Probe with
  // ProbeResult or Failure, a Collect with Measurements or Failure, through `reply`, now or later.
  virtual void on_message(const control::Message& message, const MessageSink& reply) = 0;
  // A Stop came, or the session is over: that will be told below once the call that runs has returned, which
  // should therefore be soon. From the session's own thread, meanwhile.
  virtual void on_interruption() {}
  // The session is over, whichever way: a run that goes on has nobody to report to.
  virtual void on_controller_lost(const std::string& why) = 0;
};

class PlayerServer {
 public:
  // Listens and starts its threads. `handler` must outlive the server. The error names the address and the
  // remedy: in use, not of this machine, off loopback without a token, certificates that cannot be read,
  // token or TLS for a Unix socket.
  static tl::expected<std::unique_ptr<PlayerServer>, std::string> listen(const SessionOptions& options,
                                                                         PlayerHandler& handler);
  ~PlayerServer();  // hangs up and waits for the handler's last call
  PlayerServer(const PlayerServer&) = delete;
  PlayerServer& operator=(const PlayerServer&) = delete;

  uint16_t port() const;      // where it listens; 0: on a Unix socket
  std::string place() const;  // "port 7471", or the socket's path

 private:
  class Impl;
  explicit PlayerServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace railyard::lab
