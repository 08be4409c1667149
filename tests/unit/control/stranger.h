// SPDX-License-Identifier: BSD-3-Clause
// Whoever dials a player's control port with a socket of his own.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "dpdk-app/control/message_framing.h"
#include "dpdk-app/control/token_proof.h"

namespace railyard::lab {

class Stranger {
 public:
  explicit Stranger(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Stranger() { close(socket_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  bool connected() const { return connected_; }
  void say(const std::string& bytes) { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void say(const control::Message& message) { say(encode_frame(message).value()); }
  // All that the player says until it hangs up; how many bytes came where it does not within `patience`.
  std::string listen(std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    timeval timeout{patience.count() / 1000, patience.count() % 1000 * 1000};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    std::string heard;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = recv(socket_, buffer, sizeof buffer, 0)) > 0)
      heard.append(buffer, static_cast<size_t>(got));
    hung_up_ = got == 0 || errno == ECONNRESET;
    return heard;
  }
  bool hung_up() const { return hung_up_; }
  // The player's next message; without a kind where none comes.
  control::Message hear() {
    char buffer[4096];
    for (;;) {
      const auto message = parser_.next();
      if (!message) return {};
      if (*message) return **message;
      const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) return {};
      parser_.append({buffer, static_cast<size_t>(got)});
    }
  }
  // The player's last word.
  std::string failure() { return hear().failure().what(); }

 private:
  int socket_;
  FrameParser parser_{kPeerLimit};
  bool connected_ = false, hung_up_ = false;
};

inline control::Message hello(uint32_t protocol = kProtocolVersion) {
  control::Message message;
  message.mutable_hello()->set_protocol(protocol);
  message.mutable_hello()->set_version("9.9");
  message.mutable_hello()->set_nonce(std::string(kNonceBytes, 'n'));
  return message;
}

// What the player says to Hello and a Proof by `token`.
inline control::Message log_in(Stranger& controller, const std::string& token = "") {
  const control::Message said = hello();
  controller.say(said);
  const Nonces nonces{said.hello().nonce(), controller.hear().challenge().nonce()};
  control::Message proof;
  proof.mutable_proof()->set_hmac(proof_of(token, End::Controller, nonces));
  controller.say(proof);
  return controller.hear();
}

}  // namespace railyard::lab
