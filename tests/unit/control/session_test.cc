// SPDX-License-Identifier: BSD-3-Clause
// Both ends of a session against each other, over loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "dpdk-app/control/message_framing.h"
#include "dpdk-app/control/player_client.h"
#include "tests/unit/control/scripted_player.h"

namespace railyard::lab {
namespace {

using namespace std::chrono_literals;
using control::Message;
using testing::AllOf;
using testing::HasSubstr;

Message prepare() {
  Message message;
  message.mutable_prepare()->mutable_plan()->set_scenario("incast");
  return message;
}

Message prepared(uint32_t queue_pairs) {
  Message message;
  message.mutable_prepared()->set_queue_pairs(queue_pairs);
  return message;
}

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(10ms);
  return condition();
}

TEST(ControlSession, TheControllerLearnsWhoAnswers) {
  ScriptedPlayer player;
  player.mutable_identity().add_ports()->set_name("ring:a");
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port()));
  ASSERT_TRUE(client) << client.error().what;
  EXPECT_EQ((*client)->identity().name(), "scripted");
  EXPECT_EQ((*client)->identity().protocol(), kProtocolVersion);
  EXPECT_EQ((*client)->identity().ports(0).name(), "ring:a");
}

TEST(ControlSession, PrepareIsAnsweredAndUnaskedMessagesArePolled) {
  ScriptedPlayer player([](const Message&, const MessageSink& reply) {
    Message progress;
    progress.mutable_progress()->set_fraction(0.5);
    reply(progress);
    reply(prepared(7));
  });
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  client->send(prepare());
  const auto answer = client->answer(Message::kPrepared, 5s);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(answer->prepared().queue_pairs(), 7u);
  EXPECT_EQ(client->poll()->progress().fraction(), 0.5);
  EXPECT_EQ(client->poll(), std::nullopt);
  EXPECT_EQ(player.messages().front().prepare().plan().scenario(), "incast");
}

TEST(ControlSession, AFailureIsTheErrorOfWhatWasAsked) {
  ScriptedPlayer player([](const Message&, const MessageSink& reply) {
    Message failure;
    failure.mutable_failure()->set_what("host3:nic0: nobody answers ARP for 10.0.0.9");
    reply(failure);
  });
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  client->send(prepare());
  EXPECT_THAT(client->answer(Message::kPrepared, 5s).error(),
              AllOf(HasSubstr("player at 127.0.0.1:"), HasSubstr("nobody answers ARP for 10.0.0.9")));
}

TEST(ControlSession, AnAnswerThatDoesNotComeIsAnError) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  client->send(prepare());
  EXPECT_THAT(client->answer(Message::kPrepared, 50ms).error(), HasSubstr("no answer within 50 ms"));
  std::atomic<bool> cancelled = true;
  EXPECT_THAT(client->answer(Message::kPrepared, 60s, &cancelled).error(), HasSubstr("not waited for"));
}

TEST(ControlSession, AnAnswerThatCameTooLateIsNotTheNextRunsAnswer) {
  const auto measured = [](const std::string& record) {
    Message message;
    message.mutable_measurements()->set_record(record);
    return message;
  };
  ScriptedPlayer player([&](const Message& message, const MessageSink& reply) {
    if (message.has_collect()) return reply(measured("of this run"));
    reply(measured("of the run before"));
    reply(prepared(1));
  });
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  client->send(prepare());
  ASSERT_TRUE(client->answer(Message::kPrepared, 5s));
  Message collect;
  collect.mutable_collect();
  client->send(collect);
  EXPECT_EQ(client->answer(Message::kMeasurements, 5s).value().measurements().record(), "of this run");
}

TEST(ControlSession, MessagesFromManyThreadsArriveWhole) {
  constexpr int kThreads = 4, kEach = 200;
  ScriptedPlayer player([](const Message& message, const MessageSink& reply) {
    if (!message.has_start()) return;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([reply, t] {
        for (int i = 0; i < kEach; ++i) {
          Message failure;
          failure.mutable_failure()->set_what(std::string(1000, static_cast<char>('a' + t)));
          reply(failure);
        }
      });
    for (std::thread& thread : threads) thread.join();
    Message finished;
    finished.mutable_finished()->set_complete(true);
    reply(finished);
  });
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  Message start;
  start.mutable_start()->set_at_ns(1);
  client->send(start);
  int failures = 0;
  bool finished = false;
  ASSERT_TRUE(eventually([&] {
    while (const auto event = client->poll()) {
      if (event->has_finished()) finished = true;
      if (event->has_failure()) {
        ++failures;
        EXPECT_EQ(event->failure().what(), std::string(1000, event->failure().what().front()));
      }
    }
    return finished;
  }));
  EXPECT_EQ(failures, kThreads * kEach);
}

TEST(ControlSession, AMessageOfManyMegabytesPassesBothWays) {
  const std::string bulk(40 << 20, 'r');
  ScriptedPlayer player([](const Message& message, const MessageSink& reply) {
    Message measurements;
    measurements.mutable_measurements()->set_record(message.prepare().plan().jobs(0).trace());
    reply(measurements);
  });
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  Message big = prepare();
  big.mutable_prepare()->mutable_plan()->add_jobs()->set_trace(bulk);
  client->send(big);
  const auto answer = client->answer(Message::kMeasurements, 20s);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_TRUE(answer->measurements().record() == bulk);
}

TEST(ControlSession, OneMachineHasOneClock) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  const auto offset = client->measure_clock(32);
  ASSERT_TRUE(offset) << offset.error();
  EXPECT_GT(offset->error_ns, 0);
  EXPECT_LE(std::abs(offset->offset_ns), offset->error_ns);
  EXPECT_LT(offset->error_ns, 20'000'000);
}

TEST(ControlSession, AClockIsMeasuredWhileThePlayerIsBusy) {
  std::atomic<bool> measured = false, gave_up = false;
  ScriptedPlayer player(
      [&](const Message&, const MessageSink&) { gave_up = !eventually([&] { return measured.load(); }); });
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  client->send(prepare());
  EXPECT_TRUE(client->measure_clock(4));
  EXPECT_FALSE(gave_up);
  measured = true;
}

TEST(ControlSession, AnIdleSessionStaysAlive) {
  ScriptedPlayer player;
  SessionOptions options = options_for(0);
  options.lost_after = 600ms;
  const auto server = PlayerServer::listen(options, player).value();
  options.address = "127.0.0.1:" + std::to_string(server->port());
  const auto client = PlayerClient::connect(options).value();
  EXPECT_EQ(player.wait_for_loss(1500ms), "");
  EXPECT_EQ(client->lost(), "");
}

TEST(ControlSession, AControllerThatEndsIsNoticedAndTheNextOneIsLetIn) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0), player).value();
  PlayerClient::connect(options_for(server->port())).value().reset();
  EXPECT_THAT(player.wait_for_loss(), HasSubstr("hung up"));
  EXPECT_TRUE(PlayerClient::connect(options_for(server->port())));
}

TEST(ControlSession, TheLastWordOfAControllerArrives) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0), player).value();
  auto client = PlayerClient::connect(options_for(server->port())).value();
  Message stop;
  stop.mutable_stop()->set_reason("Ctrl-C");
  client->send(stop);
  client.reset();
  ASSERT_TRUE(player.wait_for_messages(1));
  EXPECT_EQ(player.messages().front().stop().reason(), "Ctrl-C");
}

TEST(ControlSession, APlayerThatEndsIsNoticed) {
  ScriptedPlayer player;
  auto server = PlayerServer::listen(options_for(0), player).value();
  const auto client = PlayerClient::connect(options_for(server->port())).value();
  server.reset();
  ASSERT_TRUE(eventually([&] { return !client->lost().empty(); }));
  EXPECT_THAT(client->lost(), HasSubstr("hung up"));
  EXPECT_THAT(client->answer(Message::kPrepared, 60s).error(), HasSubstr("hung up"));
}

TEST(ControlSession, ASecondControllerIsToldWhoIsThere) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto first = PlayerClient::connect(options_for(server->port())).value();
  const auto second = PlayerClient::connect(options_for(server->port()));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, HasSubstr("this player is taken: a controller at 127.0.0.1:"));
  EXPECT_EQ(second.error().reason, ConnectError::Reason::Taken);
  EXPECT_EQ(first->lost(), "");
}

TEST(ControlSession, AWrongTokenIsRefused) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0, "right"), player).value();
  for (const std::string token : {"", "wrong", "rigth", "right and more"}) {
    const auto client = PlayerClient::connect(options_for(server->port(), token));
    ASSERT_FALSE(client) << token;
    EXPECT_THAT(client.error().what, HasSubstr("the token is wrong; both ends need the same --token-file"));
  }
  EXPECT_TRUE(PlayerClient::connect(options_for(server->port(), "right")));
}

TEST(ControlSession, OffLoopbackATokenIsNeededAtBothEnds) {
  ScriptedPlayer player;
  SessionOptions options;
  options.address = "0.0.0.0:0";
  const auto server = PlayerServer::listen(options, player);
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error(), AllOf(HasSubstr("cannot listen for the controller on 0.0.0.0:0"),
                                    HasSubstr("give a token with --token-file")));
  options.address = "192.0.2.1:7471";  // RFC 5737: nobody's
  const auto client = PlayerClient::connect(options);
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, HasSubstr("there is no token; set lab.token_file"));
}

TEST(ControlSession, NobodyListeningNamesTheAddressAndTheRemedy) {
  ScriptedPlayer player;
  const uint16_t port = PlayerServer::listen(options_for(0), player).value()->port();
  const auto client = PlayerClient::connect(options_for(port));
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, AllOf(HasSubstr("player at 127.0.0.1:" + std::to_string(port)),
                                         HasSubstr("nobody listens there; start railyard-agent")));
  EXPECT_EQ(client.error().reason, ConnectError::Reason::NobodyListens);
}

TEST(ControlSession, APortInUseIsSaid) {
  ScriptedPlayer player;
  const auto server = PlayerServer::listen(options_for(0), player).value();
  const auto second = PlayerServer::listen(options_for(server->port()), player);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("something listens there already"));
}

TEST(ControlSession, RootNeedsATokenOnLoopbackToo) {
  SessionOptions options;
  options.address = "127.0.0.1:7471";
  EXPECT_TRUE(check_token(options, false));
  const auto refused = check_token(options, true);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), testing::AllOf(HasSubstr("--token-file is missing"), HasSubstr("at least 16"),
                                              HasSubstr("openssl rand -hex 32")));
  options.token = "0123456789abcdef";
  EXPECT_TRUE(check_token(options, true));
  options.token.clear();
  options.address = "unix:/run/railyard.sock";
  EXPECT_TRUE(check_token(options, true));
}

TEST(ControlSession, ATokenFileIsTheOwnersOnly) {
  const std::string path = testing::TempDir() + "railyard-token-" + std::to_string(getpid());
  std::ofstream(path) << "  0123456789abcdef \nsecond line\n";
  chmod(path.c_str(), 0644);
  EXPECT_THAT(read_token(path).error(), HasSubstr("others than its owner may use it; chmod 600"));
  chmod(path.c_str(), 0600);
  EXPECT_EQ(read_token(path).value(), "0123456789abcdef");
  std::ofstream(path) << "0123456789abcde\n";
  EXPECT_THAT(read_token(path).error(), HasSubstr("15 characters are too few, it takes at least 16"));
  std::ofstream(path) << "\n";
  EXPECT_THAT(read_token(path).error(), HasSubstr("first line is empty"));
  std::remove(path.c_str());
  EXPECT_THAT(read_token(path).error(), HasSubstr("No such file"));
}

}  // namespace
}  // namespace railyard::lab
