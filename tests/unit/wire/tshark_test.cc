// SPDX-License-Identifier: BSD-3-Clause
// Wireshark's dissectors read our captures: an oracle that knows nothing of our code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/unit/wire/wire_examples.h"
#include "traffic/protocol/wire/pcap.h"

namespace railyard {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> lines_of(const std::string& command) {
  std::vector<std::string> lines;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  std::array<char, 4'096> line;
  while (fgets(line.data(), line.size(), pipe) != nullptr) {
    std::string text = line.data();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    lines.push_back(text);
  }
  pclose(pipe);
  return lines;
}

class Tshark : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v tshark > /dev/null 2>&1") != 0) GTEST_SKIP() << "tshark is not installed";
    path_ = ::testing::TempDir() + "railyard_wire_" + std::to_string(getpid()) + ".pcap";
  }
  void TearDown() override { std::remove(path_.c_str()); }

  void capture(const std::vector<std::vector<uint8_t>>& frames) {
    std::ofstream out(path_, std::ios::binary);
    PcapWriter pcap(out);
    int64_t ns = 1'500'000'123;
    for (const std::vector<uint8_t>& frame : frames) {
      pcap.write(SimTime::nanoseconds(ns), frame.data(), frame.size());
      ns += 1'000;
    }
    ASSERT_TRUE(out.flush().good());
  }

  // One line a frame, the fields' values with blanks between.
  std::vector<std::string> fields(const std::string& names, const std::string& filter = "") {
    std::string command = "tshark -n -r " + path_ + " -T fields -E separator=/s -o ip.check_checksum:TRUE";
    if (!filter.empty()) command += " -Y '" + filter + "'";
    std::string name;
    for (char c : names + " ") {
      if (c != ' ') {
        name += c;
        continue;
      }
      command += " -e " + name;
      name.clear();
    }
    return lines_of(command + " 2> /dev/null");
  }

  std::string path_;
};

std::vector<std::vector<uint8_t>> one_of_each() {
  FlowAddress flow = example_flow();
  FrameBody body;
  body.payload_size = 4'096;
  body.reth = {0x1000, 0x77, 12'001};
  std::vector<std::vector<uint8_t>> frames;
  frames.push_back(encoded(example_data(4'096, packet_flag::kFirst, 0), flow, body));
  frames.push_back(encoded(example_data(4'096, 0, 1), flow, body));
  body.payload_size = 3'809;
  frames.push_back(
      encoded(example_data(3'809, packet_flag::kLast | packet_flag::kAckRequest, 2), flow, body));
  flow.vlan = VlanTag{42, 3};
  body.payload_size = 78;
  frames.push_back(encoded(example_data(78, packet_flag::kFirst | packet_flag::kLast, 3), flow, body));
  flow.vlan.reset();
  body.msn = 2;
  frames.push_back(encoded(example_control(PacketKind::Ack, wire::kAckFrame, 3), flow, body));
  frames.push_back(encoded(example_control(PacketKind::Nak, wire::kAckFrame, 4), flow, body));
  frames.push_back(encoded(example_control(PacketKind::Cnp, wire::kCnpFrame, 0), flow, body));
  Packet pfc = example_control(PacketKind::Pfc, wire::kPfcFrame, 65'535);
  pfc.entropy = 1 << 3;
  frames.push_back(encoded(pfc, flow, body));
  return frames;
}

TEST_F(Tshark, FindsNothingToComplainOf) {
  capture(one_of_each());
  EXPECT_EQ(fields("frame.number").size(), 8u);
  EXPECT_THAT(fields("frame.number _ws.expert.message", "_ws.malformed or _ws.expert.severity >= 0x600000"),
              ElementsAre());
  EXPECT_EQ(fields("frame.number", "ip.checksum.status == 1").size(), 7u);
  EXPECT_EQ(fields("frame.time_epoch").front(), "1.500000123");
}

TEST_F(Tshark, ReadsTheTransportHeaders) {
  capture(one_of_each());
  EXPECT_THAT(
      fields("infiniband.bth.opcode infiniband.bth.psn infiniband.bth.destqp infiniband.bth.padcnt "
             "infiniband.bth.a ip.dsfield.dscp ip.dsfield.ecn udp.srcport",
             "infiniband"),
      ElementsAre("6 0 0xabcdef 0 0 26 2 54904", "7 1 0xabcdef 0 0 26 2 54904", "8 2 0xabcdef 3 1 26 2 54904",
                  "10 3 0xabcdef 2 0 26 2 54904", "17 3 0x000111 0 0 48 0 54904",
                  "17 4 0x000111 0 0 48 0 54904", "129 0 0x000111 0 0 48 0 54904"));
  EXPECT_THAT(fields("infiniband.reth.va infiniband.reth.r_key infiniband.reth.dmalen", "infiniband.reth"),
              ElementsAre("0x0000000000001000 0x00000077 12001", "0x0000000000001000 0x00000077 12001"));
  EXPECT_THAT(fields("infiniband.aeth.syndrome infiniband.aeth.msn", "infiniband.aeth"),
              ElementsAre("31 2", "96 2"));
}

TEST_F(Tshark, ReadsTagAndPause) {
  capture(one_of_each());
  EXPECT_THAT(fields("frame.number vlan.id vlan.priority", "vlan"), ElementsAre("4 42 3"));
  EXPECT_THAT(fields("frame.number macc.opcode macc.cbfc.enbv macc.cbfc.pause_time.c3 "
                     "macc.cbfc.pause_time.c4",
                     "macc"),
              ElementsAre("8 0x0101 0x0008 65535 0"));
}

}  // namespace
}  // namespace railyard
