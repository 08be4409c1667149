// SPDX-License-Identifier: BSD-3-Clause
#include <gmock/gmock.h>

#include "tests/unit/trace/import_text.h"

namespace railyard::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string big(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string little(uint64_t value, int bytes) {
  std::string text = big(value, bytes);
  return {text.rbegin(), text.rend()};
}

// From 10.0.0.`from` to 10.0.0.`to`; `rest` follows the BTH, with the ICRC.
std::string frame(int from, int to, int opcode, int queue_pair, int sequence, const std::string& rest) {
  const std::string bth = big(static_cast<uint64_t>(opcode), 1) + big(0, 1) + big(0xffff, 2) + big(0, 1) +
                          big(static_cast<uint64_t>(queue_pair), 3) + big(0, 1) +
                          big(static_cast<uint64_t>(sequence), 3);
  const std::string payload = bth + rest + big(0, 4);
  const std::string udp = big(49152, 2) + big(4791, 2) + big(8 + payload.size(), 2) + big(0, 2);
  const std::string ip = big(0x45, 1) + big(0, 1) + big(28 + payload.size(), 2) + big(0, 5) + big(17, 1) +
                         big(0, 2) + big(0x0a000000U + static_cast<unsigned>(from), 4) +
                         big(0x0a000000U + static_cast<unsigned>(to), 4);
  return big(0, 12) + big(0x0800, 2) + ip.substr(0, 8) + big(64, 1) + ip.substr(9) + udp + payload;
}

std::string reth(uint32_t length) {
  return big(0, 8) + big(0, 4) + big(length, 4);
}

struct Captured {
  uint32_t at_us;
  std::string bytes;
};

std::string pcap(const std::vector<Captured>& packets) {
  std::string file =
      little(0xa1b2c3d4, 4) + little(2, 2) + little(4, 2) + little(0, 8) + little(65535, 4) + little(1, 4);
  for (const Captured& one : packets)
    file += little(0, 4) + little(one.at_us, 4) + little(one.bytes.size(), 4) + little(one.bytes.size(), 4) +
            one.bytes;
  return file;
}

std::string pcapng(const std::vector<Captured>& packets) {
  const auto block = [](uint32_t type, std::string body) {
    body.resize((body.size() + 3) / 4 * 4);
    return little(type, 4) + little(body.size() + 12, 4) + body + little(body.size() + 12, 4);
  };
  std::string file =
      block(0x0a0d0d0a, little(0x1a2b3c4d, 4) + little(1, 2) + little(0, 2) + little(~uint64_t{0}, 8)) +
      block(1, little(1, 2) + little(0, 2) + little(0, 4) + little(9, 2) + little(1, 2) + little(9, 4));
  for (const Captured& one : packets) {
    file += block(6, little(0, 4) + little(0, 4) + little(one.at_us * 1000, 4) + little(one.bytes.size(), 4) +
                         little(one.bytes.size(), 4) + one.bytes);
  }
  return file;
}

// A write of three packets, of which the second is sent again; a send of two; a read that rank 1 answers.
const std::vector<Captured> kPackets = {
    {100, frame(1, 2, 0x06, 17, 500, reth(2500) + std::string(1000, 'x'))},
    {101, frame(1, 2, 0x07, 17, 501, std::string(1000, 'x'))},
    {102, frame(1, 2, 0x07, 17, 501, std::string(1000, 'x'))},
    {103, frame(1, 2, 0x08, 17, 502, std::string(500, 'x'))},
    {104, frame(2, 1, 0x11, 9, 502, big(0, 4))},
    {110, frame(2, 3, 0x00, 18, 0xffffff, std::string(1000, 'x'))},
    {111, frame(2, 3, 0x02, 18, 0, std::string(24, 'x'))},
    {120, frame(3, 1, 0x0c, 19, 7, reth(64))}};

TEST(RocePcap, MessagesAtTheirTimes) {
  for (const std::string& file : {pcap(kPackets), pcapng(kPackets)}) {
    const ImportResult result = import_files({{"x.pcap", file}});
    ASSERT_EQ(result.trace.ranks_size(), 3);
    EXPECT_THAT(operations_of(result.trace, 0), ElementsAre("send 2500>1", "20000 ns", "send 64>2"));
    EXPECT_THAT(operations_of(result.trace, 1), ElementsAre("receive 2500<0", "10000 ns", "send 1024>2"));
    EXPECT_THAT(operations_of(result.trace, 2), ElementsAre("receive 1024<1", "receive 64<0"));
    EXPECT_THAT(result.trace.ranks(1).operations(1).after(), ElementsAre()) << "open loop";
  }
}

TEST(RocePcap, WithoutRoceItSaysSo) {
  EXPECT_THAT(try_import({{"x.pcap", pcap({{1, std::string(60, '\0')}})}}).error(),
              HasSubstr("holds no message of RoCEv2 (reliable connection, UDP port 4791)"));
  EXPECT_THAT(try_import({{"x.pcap", pcap(kPackets).substr(0, 200)}}).error(), HasSubstr("is cut short"));
}

}  // namespace
}  // namespace railyard::trace
