// SPDX-License-Identifier: BSD-3-Clause
// A player that answers as a test tells it to.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "dpdk-app/control/player_server.h"

namespace railyard::lab {

class ScriptedPlayer : public PlayerHandler {
 public:
  using Script = std::function<void(const control::Message&, const MessageSink&)>;

  explicit ScriptedPlayer(Script script = [](auto&&...) {}) : script_(std::move(script)) {
    identity_.set_name("scripted");
  }

  control::Identity identity() override { return identity_; }
  void on_message(const control::Message& message, const MessageSink& reply) override {
    {
      std::lock_guard lock(mutex_);
      messages_.push_back(message);
    }
    changed_.notify_all();
    script_(message, reply);
  }
  void on_controller_lost(const std::string& why) override {
    std::lock_guard lock(mutex_);
    lost_.push_back(why);
    changed_.notify_all();
  }

  control::Identity& mutable_identity() { return identity_; }
  std::vector<control::Message> messages() {
    std::lock_guard lock(mutex_);
    return messages_;
  }
  // Why the first session ended; empty after `timeout`.
  std::string wait_for_loss(std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [this] { return !lost_.empty(); });
    return lost_.empty() ? "" : lost_.front();
  }
  bool wait_for_messages(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return messages_.size() >= count; });
  }

 private:
  Script script_;
  control::Identity identity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<control::Message> messages_;
  std::vector<std::string> lost_;
};

inline SessionOptions options_for(uint16_t port, const std::string& token = "") {
  SessionOptions options;
  options.address = "127.0.0.1:" + std::to_string(port);
  options.token = token;
  return options;
}

}  // namespace railyard::lab
