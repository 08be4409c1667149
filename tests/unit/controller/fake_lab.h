// SPDX-License-Identifier: BSD-3-Clause
// A lab of two agents and a soft switch whose players are in this process: they take plans, start when they
// are told, and report messages as if each had taken a millisecond.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dpdk-app/control/player_server.h"

namespace railyard::lab {

// How a player behaves.
struct FakeBehaviour {
  std::string refuses_plan;     // Failure to Prepare
  bool never_finishes = false;  // until Stop
  uint64_t endless_seed = 0;    // never finishes with this seed
  std::string fails;            // Failure soon after the start
  std::string invalid_because;  // its verdict on its own lateness
  bool link_up = true;
  uint32_t max_frame_bytes = 9014;
  std::string first_mac = std::string("\x02\0\0\0\0", 5);  // one byte more makes each port's
  bool is_virtual = true;
  bool ignores_pauses = false;
  bool never_tells = false;  // what it measured
};

class FakePlayer : public PlayerHandler {
 public:
  FakePlayer(control::PlayerKind kind, std::string name, std::vector<std::string> ports,
             FakeBehaviour behaviour);
  ~FakePlayer() override;

  control::Identity identity() override;
  void on_message(const control::Message& message, const MessageSink& reply) override;
  void on_controller_lost(const std::string& why) override;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void hang_up() { server_.reset(); }
  void listen();  // where it did before, if it did
  control::Plan plan();
  int64_t started_at();  // by the clock of this machine; 0: not
  bool wait_for_start();
  bool was_asked_to_tell();
  std::vector<std::string> stopped_because();
  FakeBehaviour behaviour;

 private:
  void start(int64_t at_ns, const MessageSink& reply);
  void finish(bool complete, const std::string& stopped_by, const MessageSink& reply);
  control::Measurements measure();
  control::ProbeResult probe(const control::Probe& probe);

  control::PlayerKind kind_;
  std::string name_;
  std::vector<std::string> ports_;
  std::mutex mutex_;
  std::condition_variable changed_;
  control::Plan plan_;
  int64_t started_at_ = 0;
  bool finished_ = false;
  bool asked_to_tell_ = false;
  std::vector<std::string> stopped_because_;
  std::vector<std::thread> threads_;
  std::unique_ptr<PlayerServer> server_;
  uint16_t port_ = 0;
};

// Agent "left" plays host0 and host1, "right" host2; leaf0 is the soft switch.
class FakeLab {
 public:
  explicit FakeLab(const FakeBehaviour& left = {}, const FakeBehaviour& right = {},
                   const FakeBehaviour& leaf = {});
  ~FakeLab();

  // A scenario file with this lab: an incast of 2:1 with 64 KiB messages, in settings `a` and `b`.
  std::filesystem::path scenario(const std::string& extra = "") const;
  std::filesystem::path folder() const { return folder_; }

  FakePlayer left, right, leaf;

 private:
  std::filesystem::path folder_;
};

}  // namespace railyard::lab
