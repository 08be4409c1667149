// SPDX-License-Identifier: BSD-3-Clause
// What anybody on the network may send to a player's control port, and what becomes of the others.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "dpdk-app/control/player_client.h"
#include "tests/unit/control/scripted_player.h"
#include "tests/unit/control/stranger.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using control::Message;
using testing::HasSubstr;

class StrangerTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(player_.messages().empty());
    const auto client = PlayerClient::connect(options_for(server_->port()));
    EXPECT_TRUE(client) << "the player no longer lets a controller in: " << client.error().what;
  }

  static SessionOptions quick() {
    SessionOptions options = options_for(0);
    options.connect_timeout = 200ms;
    options.lost_after = 400ms;
    return options;
  }

  ScriptedPlayer player_;
  std::unique_ptr<PlayerServer> server_ = PlayerServer::listen(quick(), player_).value();
};

TEST_F(StrangerTest, GarbageIsHungUpOn) {
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    Stranger stranger(server_->port());
    std::string garbage(1 + random() % 300, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random());
    garbage[0] = static_cast<char>(garbage[0] | '\x40');  // a length beyond every limit
    stranger.say(garbage);
    stranger.listen();
    EXPECT_TRUE(stranger.hung_up());
  }
}

TEST_F(StrangerTest, AnHttpClientIsHungUpOn) {
  Stranger stranger(server_->port());
  stranger.say("GET / HTTP/1.1\r\nHost: lab\r\n\r\n");
  stranger.listen();
  EXPECT_TRUE(stranger.hung_up());
}

TEST_F(StrangerTest, AnotherVersionIsToldBothVersions) {
  Stranger stranger(server_->port());
  stranger.say(hello(kProtocolVersion + 1));
  EXPECT_THAT(stranger.failure(),
              HasSubstr(fmt::format("the controller (9.9) speaks version {} of the control "
                                    "protocol, this player (0.1.0) version {}",
                                    kProtocolVersion + 1, kProtocolVersion)));
}

TEST_F(StrangerTest, NothingIsHeardBeforeHello) {
  Stranger stranger(server_->port());
  Message stop;
  stop.mutable_stop();
  stranger.say(stop);
  EXPECT_THAT(stranger.failure(), HasSubstr("says Hello first"));
}

TEST_F(StrangerTest, HalfAMessageAndAClosedConnectionLeaveNoTrace) {
  const std::string whole = encode_frame(hello()).value();
  for (size_t length = 0; length < whole.size(); ++length)
    Stranger(server_->port()).say(whole.substr(0, length));
}

TEST_F(StrangerTest, WhoNeverSaysHelloIsHungUpOn) {
  Stranger silent(server_->port()), slow(server_->port());
  slow.say(encode_frame(hello()).value().substr(0, 3));
  const auto begin = std::chrono::steady_clock::now();
  silent.listen();
  slow.listen();
  EXPECT_TRUE(silent.hung_up());
  EXPECT_TRUE(slow.hung_up());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST_F(StrangerTest, AStrangerCannotMakeThePlayerHoldMuch) {
  Stranger stranger(server_->port());
  stranger.say(std::string("\x00\x01\x00\x01", 4));  // one byte more than strangers may
  stranger.listen();
  EXPECT_TRUE(stranger.hung_up());
}

TEST_F(StrangerTest, ACrowdThatSaysNothingLocksNobodyOut) {
  constexpr int kCrowd = 64, kLogins = 20;
  SessionOptions patient = options_for(0);
  patient.connect_timeout = 60s;
  const auto server = PlayerServer::listen(patient, player_).value();
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < kCrowd; ++i) crowd.push_back(std::make_unique<Stranger>(server->port()));
  for (int i = 0; i < kLogins; ++i) {
    const auto client = PlayerClient::connect(options_for(server->port()));
    ASSERT_TRUE(client) << "login " << i << ": " << client.error().what;
  }
  crowd.front()->listen();
  EXPECT_TRUE(crowd.front()->hung_up());
  crowd.back()->listen(50ms);
  EXPECT_FALSE(crowd.back()->hung_up());
}

TEST_F(StrangerTest, WhoStopsAtTheChallengeIsHungUpOn) {
  Stranger stranger(server_->port());
  stranger.say(hello());
  EXPECT_TRUE(stranger.hear().has_challenge());
  stranger.listen();
  EXPECT_TRUE(stranger.hung_up());
}

TEST_F(StrangerTest, AProofIsNotTakenWithoutAChallengeNorANonceOfAnotherLength) {
  Message proof;
  proof.mutable_proof()->set_hmac(std::string(32, 'x'));
  Stranger early(server_->port()), nonceless(server_->port());
  early.say(proof);
  EXPECT_THAT(early.failure(), HasSubstr("says Hello first, then Proof"));
  Message without = hello();
  without.mutable_hello()->clear_nonce();
  nonceless.say(without);
  EXPECT_THAT(nonceless.failure(), HasSubstr("a nonce of 0 bytes"));
}

TEST_F(StrangerTest, AControllerThatFallsSilentIsLostAndTheNextOneLetIn) {
  {
    Stranger controller(server_->port());
    EXPECT_TRUE(log_in(controller).has_identity());
    controller.listen(1500ms);
    EXPECT_TRUE(controller.hung_up());
  }
  EXPECT_EQ(player_.wait_for_loss(), "nothing was heard of it for 400 ms");
}

TEST_F(StrangerTest, AControllerThatSpeaksOutOfTurnIsToldSo) {
  Stranger controller(server_->port());
  log_in(controller);
  controller.say(hello());
  const std::string heard = controller.listen();
  EXPECT_THAT(heard, HasSubstr("a message came that only a player sends, or a second Hello"));
}

TEST_F(StrangerTest, GarbageAfterHelloEndsTheSession) {
  Stranger controller(server_->port());
  log_in(controller);
  controller.say(std::string("\x7f\xff\xff\xff garbage", 12));
  controller.listen();
  EXPECT_TRUE(controller.hung_up());
  EXPECT_THAT(player_.wait_for_loss(), HasSubstr("2147483647 bytes was announced"));
}

}  // namespace
}  // namespace railyard::lab
