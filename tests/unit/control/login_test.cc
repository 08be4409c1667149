// SPDX-License-Identifier: BSD-3-Clause
// What somebody on the path, at the player's address or at the controller's could learn or gain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "dpdk-app/control/player_client.h"
#include "tests/unit/control/scripted_player.h"
#include "tests/unit/control/stranger.h"

namespace railyard::lab {
namespace {

using control::Message;
using testing::HasSubstr;

constexpr const char* kToken = "a secret of the lab";

// Listens where a player should, and knows no token.
class Impostor {
 public:
  Impostor() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Impostor() { close(socket_); }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

  uint16_t port() const { return port_; }
  // Answers whoever dials with these, one to each message that comes; returns all that came until he hung up.
  std::string answer_with(const std::vector<Message>& answers) const {
    const int caller = accept(socket_, nullptr, nullptr);
    FrameParser parser(kStrangerLimit);
    std::string heard;
    size_t answered = 0;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(caller, buffer, sizeof buffer, 0)) > 0;) {
      heard.append(buffer, static_cast<size_t>(got));
      parser.append({buffer, static_cast<size_t>(got)});
      for (auto message = parser.next(); message && *message; message = parser.next()) {
        if (answered == answers.size()) continue;
        const std::string frame = encode_frame(answers[answered++]).value();
        send(caller, frame.data(), frame.size(), MSG_NOSIGNAL);
      }
    }
    close(caller);
    return heard;
  }

 private:
  int socket_;
  uint16_t port_ = 0;
};

Message challenge(size_t bytes = kNonceBytes) {
  Message message;
  message.mutable_challenge()->set_nonce(std::string(bytes, 'p'));
  return message;
}

Message identity(const std::string& proof) {
  Message message;
  message.mutable_identity()->set_protocol(kProtocolVersion);
  message.mutable_identity()->set_proof(proof);
  return message;
}

struct Encounter {
  std::string heard, error;
};

// What becomes of a controller that dials the impostor.
Encounter meet(const std::vector<Message>& answers, const std::string& token = kToken) {
  const Impostor impostor;
  auto heard = std::async(std::launch::async, [&] { return impostor.answer_with(answers); });
  const auto client = PlayerClient::connect(options_for(impostor.port(), token));
  return {heard.get(), client ? "it was taken for the player" : client.error().what};
}

TEST(Login, TheTokenIsNeverOnTheWire) {
  const Encounter met = meet({challenge(), identity("")});
  EXPECT_GT(met.heard.size(), 2 * kNonceBytes);  // Hello and a Proof
  EXPECT_EQ(met.heard.find(kToken), std::string::npos);
}

TEST(Login, WhoDoesNotKnowTheTokenIsNotThePlayer) {
  for (const std::string& proof : {std::string(), std::string(32, 'x')})
    EXPECT_THAT(meet({challenge(), identity(proof)}).error, HasSubstr("does not know the token"));
  // Not without a challenge either, nor with a nonce that is short enough to come twice.
  EXPECT_THAT(meet({identity("")}).error, HasSubstr("does not speak as a player does"));
  EXPECT_THAT(meet({challenge(1)}).error, HasSubstr("does not speak as a player does"));
}

TEST(Login, TheControllersOwnProofIsNotThePlayers) {
  const Nonces nonces{std::string(kNonceBytes, 'c'), std::string(kNonceBytes, 'p')};
  EXPECT_FALSE(is_proof(proof_of(kToken, End::Controller, nonces), kToken, End::Player, nonces));
  EXPECT_TRUE(is_proof(proof_of(kToken, End::Player, nonces), kToken, End::Player, nonces));
}

TEST(Login, AProofIsHmacSha256) {
  // printf 'railyard player%s' $(printf c%.0s {1..32})$(printf p%.0s {1..32}) |
  //   openssl dgst -sha256 -hmac 'a secret of the lab'
  const std::string proof =
      proof_of(kToken, End::Player, {std::string(kNonceBytes, 'c'), std::string(kNonceBytes, 'p')});
  std::string hex;
  for (const char byte : proof) {
    constexpr const char* kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  EXPECT_EQ(hex, "c7dcc53c949e7a3b48570a5a88202c3ad444c2034867eb45bbd5bd8014509661");
}

TEST(Login, APlayerTakesNoTokenInTheClearAndNoProofTwice) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0, kToken), player).value();
  Stranger first(server->port()), second(server->port());
  first.say(hello());
  second.say(hello());
  const Nonces nonces{hello().hello().nonce(), first.hear().challenge().nonce()};
  EXPECT_NE(nonces.player, second.hear().challenge().nonce());
  Message proof;
  proof.mutable_proof()->set_hmac(proof_of(kToken, End::Controller, nonces));
  second.say(proof);
  EXPECT_THAT(second.failure(), HasSubstr("the token is wrong"));
  Stranger clear(server->port());
  clear.say(hello());
  EXPECT_TRUE(clear.hear().has_challenge());
  proof.mutable_proof()->set_hmac(kToken);
  clear.say(proof);
  EXPECT_THAT(clear.failure(), HasSubstr("the token is wrong"));
  proof.mutable_proof()->set_hmac(proof_of(kToken, End::Controller, nonces));
  first.say(proof);
  EXPECT_TRUE(first.hear().has_identity());
}

}  // namespace
}  // namespace railyard::lab
