// SPDX-License-Identifier: BSD-3-Clause
// What anybody on the network may send to a player's control port, and what becomes of the others.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <random>
#include <thread>

#include "dpdk-app/control/message_framing.h"
#include "dpdk-app/control/player_client.h"
#include "tests/unit/control/scripted_player.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using control::Message;
using testing::HasSubstr;

// A plain socket on the control port.
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
  void say(const Message& message) { say(encode_frame(message).value()); }
  // All that the player says until it hangs up; how many bytes came where it does not within `patience`.
  std::string listen(std::chrono::milliseconds patience = 5s) {
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
  // The player's last word.
  std::string failure() {
    FrameParser parser(kStrangerLimit);
    parser.append(listen());
    const auto message = parser.next();
    return message && *message ? (*message)->failure().what() : "no message";
  }

 private:
  int socket_;
  bool connected_ = false, hung_up_ = false;
};

Message hello(uint32_t protocol = kProtocolVersion) {
  Message message;
  message.mutable_hello()->set_protocol(protocol);
  message.mutable_hello()->set_version("9.9");
  return message;
}

class StrangerTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(player_.messages().empty());
    const auto client = PlayerClient::connect(options_for(server_->port()));
    EXPECT_TRUE(client) << "the player no longer lets a controller in: " << client.error();
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

TEST_F(StrangerTest, ACrowdIsTurnedAwayAtTheDoor) {
  SessionOptions patient = options_for(0);
  patient.connect_timeout = 60s;
  const auto server = PlayerServer::listen(patient, player_).value();
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(std::make_unique<Stranger>(server->port()));
  crowd.back()->listen();
  EXPECT_TRUE(crowd.back()->hung_up());
  crowd.front()->listen(50ms);
  EXPECT_FALSE(crowd.front()->hung_up());
}

TEST_F(StrangerTest, AControllerThatFallsSilentIsLostAndTheNextOneLetIn) {
  {
    Stranger controller(server_->port());
    controller.say(hello());
    EXPECT_GT(controller.listen(1500ms).size(), 0u);  // Identity; then it is hung up on
    EXPECT_TRUE(controller.hung_up());
  }
  EXPECT_EQ(player_.wait_for_loss(), "nothing was heard of it for 400 ms");
}

TEST_F(StrangerTest, AControllerThatSpeaksOutOfTurnIsToldSo) {
  Stranger controller(server_->port());
  controller.say(hello());
  controller.say(hello());
  const std::string heard = controller.listen();
  EXPECT_THAT(heard, HasSubstr("a message came that only a player sends, or a second Hello"));
}

TEST_F(StrangerTest, GarbageAfterHelloEndsTheSession) {
  Stranger controller(server_->port());
  controller.say(hello());
  controller.say(std::string("\x7f\xff\xff\xff garbage", 12));
  controller.listen();
  EXPECT_TRUE(controller.hung_up());
  EXPECT_THAT(player_.wait_for_loss(), HasSubstr("2147483647 bytes was announced"));
}

}  // namespace
}  // namespace railyard::lab
