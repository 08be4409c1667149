// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/session/player_session.h"

#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <limits>
#include <thread>

namespace railyard::lab {
namespace {

using control::Message;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class FakePlayer final : public RunPlayer {
 public:
  control::Identity identity() override { return {}; }
  tl::expected<PreparedRun, std::string> prepare(const control::Plan& plan,
                                                 const std::atomic<bool>& cancelled) override {
    log += "prepare ";
    while (plan.scenario() == "endless" && !cancelled) std::this_thread::sleep_for(1ms);
    if (plan.scenario() == "endless") return tl::unexpected<std::string>("cancelled");
    if (plan.scenario() == "bad") return tl::unexpected<std::string>("it is bad");
    PreparedRun run;
    run.queue_pairs = 3;
    run.maximum_duration = SimTime::seconds(10);
    run.warnings = {"careful"};
    return run;
  }
  tl::expected<control::ProbeResult, std::string> probe(const control::Probe&) override {
    log += "probe ";
    return {};
  }
  tl::expected<void, std::string> start(int64_t) override {
    log += "start ";
    return {};
  }
  RunStatus status() override { return next; }
  void stop(const std::string& why) override { log += "stop(" + why + ") "; }
  void drain() override { log += "drain "; }
  bool drained() override { return is_empty; }
  tl::expected<control::Measurements, std::string> collect() override {
    log += "collect ";
    control::Measurements m;
    m.set_valid(true);
    return m;
  }
  void release() override { log += "release "; }

  RunStatus next;
  bool is_empty = false;
  std::string log;
};

class Session : public ::testing::Test {
 public:
  void tell(const Message& message) {
    session.on_message(message, [this](const Message& m) { said.push_back(m); });
  }
  void prepare(const std::string& scenario = "good") {
    Message m;
    m.mutable_prepare()->mutable_plan()->set_scenario(scenario);
    tell(m);
  }
  void start() {
    Message m;
    m.mutable_start()->set_at_ns(1'000);
    tell(m);
  }
  void stop() {
    Message m;
    m.mutable_stop()->set_reason("Ctrl-C");
    tell(m);
  }
  void drain() {
    Message m;
    m.mutable_drain();
    tell(m);
  }
  void collect() {
    Message m;
    m.mutable_collect();
    tell(m);
  }

  FakePlayer player;
  PlayerSession session{player};
  std::vector<Message> said;
};

TEST_F(Session, SaysOnceThatNothingIsUnderWay) {
  prepare();
  start();
  drain();
  EXPECT_THAT(said.back().failure().what(), HasSubstr("send Stop first"));
  stop();
  said.clear();
  drain();
  EXPECT_THAT(player.log, HasSubstr("drain "));
  session.tick(2'000);
  EXPECT_TRUE(said.empty());
  player.is_empty = true;
  session.tick(3'000);
  session.tick(4'000);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].has_drained());
}

TEST_F(Session, PlaysARunToItsEnd) {
  prepare();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].prepared().queue_pairs(), 3u);
  EXPECT_EQ(said[0].prepared().warnings(0), "careful");
  start();
  EXPECT_EQ(session.state(), PlayerSession::State::Running);
  session.tick(2'000);
  EXPECT_TRUE(said.back().has_progress());
  session.tick(3'000);
  EXPECT_EQ(said.size(), 2u);  // not at every tick
  player.next.complete = true;
  session.tick(4'000);
  ASSERT_TRUE(said.back().has_finished());
  EXPECT_TRUE(said.back().finished().complete());
  collect();
  EXPECT_TRUE(said.back().measurements().valid());
  EXPECT_EQ(player.log, "release prepare start collect ");
}

TEST_F(Session, RefusesAPlanThatCannotBePlayed) {
  prepare("bad");
  EXPECT_EQ(said.back().failure().what(), "it is bad");
  start();
  EXPECT_THAT(said.back().failure().what(), HasSubstr("send Prepare first"));
  collect();
  EXPECT_THAT(said.back().failure().what(), HasSubstr("nothing to collect"));
  EXPECT_EQ(session.state(), PlayerSession::State::Idle);
}

TEST_F(Session, PreparingHoldsNothingUpAndIsInterrupted) {
  auto preparing = std::async(std::launch::async, [this] { prepare("endless"); });
  session.tick(1'000);  // where signals are looked for
  EXPECT_EQ(preparing.wait_for(50ms), std::future_status::timeout);
  session.on_interruption();
  preparing.get();
  EXPECT_EQ(said.back().failure().what(), "cancelled");
  stop();
  prepare();
  EXPECT_EQ(session.state(), PlayerSession::State::Prepared);
}

TEST_F(Session, AnInterruptionIsOfWhatCameBefore) {
  session.on_interruption();
  session.on_interruption();
  prepare("endless");
  session.on_controller_lost("it hung up");
  prepare("endless");  // the second is not handled yet
  stop();
  auto preparing = std::async(std::launch::async, [this] { prepare("endless"); });
  EXPECT_EQ(preparing.wait_for(50ms), std::future_status::timeout);
  session.on_interruption();
  preparing.get();
}

TEST_F(Session, RefusesAStartThatNoClockMeans) {
  for (const int64_t at_ns : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    prepare();
    Message m;
    m.mutable_start()->set_at_ns(at_ns);
    tell(m);
    EXPECT_THAT(said.back().failure().what(), HasSubstr("not within an hour"));
    EXPECT_EQ(session.state(), PlayerSession::State::Prepared);
  }
}

TEST_F(Session, KeepsWhatWasMeasuredWhenStopped) {
  prepare();
  start();
  stop();
  ASSERT_TRUE(said.back().has_finished());
  EXPECT_FALSE(said.back().finished().complete());
  EXPECT_EQ(said.back().finished().stopped_by(), "Ctrl-C");
  collect();
  EXPECT_TRUE(said.back().has_measurements());
}

TEST_F(Session, StopsWhenItsTimeIsOver) {
  prepare();
  start();
  session.tick(11'000'000'000);
  ASSERT_TRUE(said.back().has_finished());
  EXPECT_THAT(said.back().finished().stopped_by(), HasSubstr("limits.duration = 10s"));
}

TEST_F(Session, TellsWhyARunFailed) {
  prepare();
  start();
  player.next.failure = "the queue pair failed";
  session.tick(2'000);
  ASSERT_GE(said.size(), 2u);
  EXPECT_FALSE(said.back().finished().complete());
  const auto failure =
      std::find_if(said.begin(), said.end(), [](const Message& m) { return m.has_failure(); });
  ASSERT_NE(failure, said.end());
  EXPECT_EQ(failure->failure().what(), "the queue pair failed");
}

TEST_F(Session, ForgetsTheRunOfALostController) {
  prepare();
  start();
  session.on_controller_lost("it is gone");
  EXPECT_EQ(player.log, "release prepare start stop(it is gone) release ");
  session.tick(2'000);
  prepare();
  EXPECT_EQ(session.state(), PlayerSession::State::Prepared);
}

TEST_F(Session, AProbeBeyondAnyTimeIsRefused) {
  prepare();
  for (const int64_t at : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    Message m;
    m.mutable_probe()->set_at_ns(at);
    tell(m);
    EXPECT_THAT(said.back().failure().what(), HasSubstr("is not within 5 s from now"));
  }
  EXPECT_THAT(player.log, ::testing::Not(HasSubstr("probe")));
}

}  // namespace
}  // namespace railyard::lab
