// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/controller/frame_balance.h"

#include <gmock/gmock.h>

#include <deque>

namespace railyard::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string mac(char last) {
  return std::string("\x02\0\0\0\0", 5) + last;
}

// Host 0 and host 1 of agent "hosts" on ports 0 and 1 of "leaf0"; 100 frames go from 1 to 0.
class FrameBalanceTest : public testing::Test {
 protected:
  FrameBalanceTest() {
    for (int i = 0; i < 2; ++i) {
      const std::string number = std::to_string(i);
      cables.push_back({"hosts", "h" + number, "leaf0", "s" + number});
    }
    hosts.set_kind(control::AGENT);
    leaf.set_kind(control::SOFTSWITCH);
    for (char i = 0; i < 2; ++i) {
      const std::string number = std::to_string(i);
      add_port(hosts, at_hosts, "h" + number, mac(static_cast<char>('a' + i)));
      add_port(leaf, at_leaf, "s" + number, mac(static_cast<char>('A' + i)));
    }
    host(1).set_sent(100), port(1).set_received(100), port(0).set_sent(100), host(0).set_received(100);
    host(0).set_accepted(100);
  }
  static void add_port(control::Identity& identity, control::Frames& frames, const std::string& name,
                       const std::string& address) {
    control::PortStatus& status = *identity.add_ports();
    status.set_name(name);
    status.set_mac(address);
    frames.add_ports()->set_port(name);
  }
  control::PortFrames& host(int i) { return *at_hosts.mutable_ports(i); }
  control::PortFrames& port(int i) { return *at_leaf.mutable_ports(i); }
  static void count(control::FrameCount* row, const char* name, uint64_t frames) {
    row->set_name(name);
    row->set_frames(frames);
  }
  static void pause(control::PortFrames& port, const std::string& source, uint64_t frames) {
    control::PauseSource& pauses = *port.add_pauses_received();
    pauses.set_mac(source);
    pauses.set_frames(frames);
  }
  FrameBalance balance() {
    return balance_of(cables, {{"hosts", &hosts, &at_hosts}, {"leaf0", &leaf, &at_leaf}}, 0);
  }
  FrameBalance without_switch(uint64_t reported_drops = 0) {
    return balance_of(cables, {{"hosts", &hosts, &at_hosts}}, reported_drops);
  }

  std::vector<Cable> cables;
  control::Identity hosts, leaf;
  control::Frames at_hosts, at_leaf;
};

TEST_F(FrameBalanceTest, IsEvenWhereAllArrived) {
  pause(host(1), mac('B'), 3);
  port(1).set_pauses_sent(3);
  host(0).set_foreign(7);
  const FrameBalance b = balance();
  EXPECT_TRUE(b.known);
  EXPECT_EQ(b.unexplained, 0);
  EXPECT_EQ(b.foreign, 7u);
  EXPECT_THAT(b.pausers, IsEmpty());
  EXPECT_EQ(text_of(b), "sent 100 = received 100 + unexplained 0");
  EXPECT_EQ(invalid_because(b, true), "");
}

TEST_F(FrameBalanceTest, SaysWhatASwitchDropped) {
  port(0).set_sent(93), host(0).set_received(93), host(0).set_accepted(92);
  count(at_leaf.add_dropped(), "egress_full", 5);
  count(at_leaf.add_given_up(), "no_frame", 3);
  at_leaf.set_copied(2);
  at_leaf.set_held(1);
  const FrameBalance b = balance();
  EXPECT_EQ(text_of(b),
            "sent 100 + copied 2 = received 92 + rejected 1 + egress_full 5 + no_frame 3 + under way 1 + "
            "unexplained 0");
  EXPECT_EQ(invalid_because(b, false), "");
  EXPECT_THAT(invalid_because(b, true), HasSubstr("gave up 3 frames (no_frame)"));
}

TEST_F(FrameBalanceTest, LossThatNothingCountsIsUnexplained) {
  host(0).set_received(96), host(0).set_accepted(96);
  const FrameBalance b = balance();
  EXPECT_EQ(b.unexplained, 4);
  EXPECT_THAT(b.where_unexplained, ElementsAre("4 lost on leaf0 s0 -> hosts h0"));
  for (const bool lossless : {false, true})
    EXPECT_THAT(invalid_because(b, lossless), HasSubstr("4 frames are unexplained"));
}

// A device's counter is of all frames: of the 9 that the socket lost, 4 were the run's.
TEST_F(FrameBalanceTest, LossInAHostIsNotTheFabrics) {
  host(0).set_received(96), host(0).set_accepted(96);
  count(host(0).add_lost_in(), "packet_socket", 9);
  const FrameBalance b = balance();
  EXPECT_EQ(b.unexplained, 0);
  EXPECT_EQ(b.lost_in_hosts, 4u);
  EXPECT_THAT(b.where_in_hosts, ElementsAre("4 on leaf0 s0 -> hosts h0 (packet_socket 9 at hosts h0)"));
  EXPECT_EQ(text_of(b), "sent 100 = received 96 + lost in hosts 4 + unexplained 0");
  EXPECT_EQ(invalid_because(b, false), "");
  EXPECT_THAT(invalid_because(b, true), HasSubstr("4 frames were lost in hosts, not in the fabric"));
}

TEST_F(FrameBalanceTest, ACounterExplainsNoMoreThanItCounts) {
  host(0).set_received(90), host(0).set_accepted(90);
  count(host(0).add_lost_in(), "packet_socket", 4);
  const FrameBalance b = balance();
  EXPECT_EQ(b.lost_in_hosts, 4u);
  EXPECT_EQ(b.unexplained, 6);
}

// Losses and what came in addition do not make up for each other.
TEST_F(FrameBalanceTest, MoreThanWasSentIsUnexplainedToo) {
  port(1).set_received(103);
  port(0).set_sent(100);
  const FrameBalance b = balance();
  EXPECT_EQ(b.unexplained, 6);
  EXPECT_THAT(b.where_unexplained,
              ElementsAre("3 lost within leaf0", "3 more came than were sent on hosts h1 -> leaf0 s1"));
}

TEST_F(FrameBalanceTest, LostPausesCount) {
  pause(host(1), mac('B'), 2);
  port(1).set_pauses_sent(3);
  EXPECT_EQ(balance().unexplained, 1);
}

TEST_F(FrameBalanceTest, PausesOfOthersAreNoFramesOfThePartner) {
  pause(host(1), mac('B'), 3);
  pause(host(1), mac('x'), 50);
  port(1).set_pauses_sent(3);
  const FrameBalance b = balance();
  EXPECT_EQ(b.unexplained, 0);
  EXPECT_THAT(b.pausers,
              ElementsAre("hosts h1 obeyed 50 pause frames from 02:00:00:00:00:78, which is not its "
                          "link partner's address"));
  EXPECT_EQ(invalid_because(b, true), "");
}

TEST_F(FrameBalanceTest, BehindOthersSwitchesOnlyTheEndsAreKnown) {
  host(0).set_received(91), host(0).set_accepted(90), host(0).set_flooded(1);
  EXPECT_EQ(text_of(without_switch(10)), "sent 100 = received 90 + by switches 10 + unexplained 0");
  const FrameBalance b = without_switch();
  EXPECT_EQ(b.lost_somewhere, 10u);
  EXPECT_EQ(b.unexplained, 0);
  EXPECT_EQ(invalid_because(b, false), "");
  EXPECT_THAT(invalid_because(b, true), HasSubstr("nobody knows where"));
  count(host(0).add_lost_in(), "rx_missed", 10);
  EXPECT_EQ(without_switch().lost_in_hosts, 10u);
  EXPECT_EQ(without_switch().lost_somewhere, 0u);
}

TEST_F(FrameBalanceTest, IsNotKnownWhereAPlayerDoesNotTell) {
  const FrameBalance b = balance_of(cables, {{"hosts", &hosts, &at_hosts}, {"leaf0", &leaf, nullptr}}, 0);
  EXPECT_FALSE(b.known);
  EXPECT_EQ(text_of(b), "not known: a player did not tell");
  EXPECT_EQ(invalid_because(b, true), "");
}

}  // namespace
}  // namespace railyard::lab
