// SPDX-License-Identifier: BSD-3-Clause
// 10,000 malformed frames come in at all ports of a switch beside valid traffic: what a bridge does not look
// at it forwards, the rest it counts by name, nothing gets lost sight of, and the valid frames arrive whole
// and in order.
#include <gmock/gmock.h>

#include "dpdk-app/softswitch/emulated_switch.h"
#include "tests/unit/softswitch/memory_store.h"
#include "traffic/protocol/wire/pfc_frame.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kPorts = 4, kMalformed = 10'000, kValid = 1'000, kPayload = 256;
constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;
constexpr SimTime kBetween = SimTime::microseconds(2);

enum class Fate : uint8_t { TooShort, LinkLocal, Pfc, Forwarded };

struct Malformed {
  Bytes8 bytes;
  Fate fate;
};

// Of frames from a port to the next one.
Malformed malformed(uint32_t port, RandomStream& random) {
  const auto host = static_cast<uint8_t>(port + 1), next = static_cast<uint8_t>((port + 1) % kPorts + 1);
  Bytes8 frame = data_frame(host, next, kPayload, kTos);
  const auto cut = [&](size_t begin, size_t end) {
    frame.resize(begin + random.below(static_cast<uint32_t>(end - begin)));
  };
  PauseFrame pause;
  Bytes8 mac_control(ethernet::kMinimumNoFcs);
  encode(pause, mac_control.data(), mac_control.size());
  switch (random.below(6)) {
    case 0:
      cut(0, ethernet::kHeader);
      return {frame, Fate::TooShort};
    case 1:  // an unknown opcode, for this link alone all the same
      mac_control[ethernet::kHeader + 1] = static_cast<uint8_t>(2 + random.below(250));
      return {mac_control, Fate::LinkLocal};
    case 2:  // names no priority
      return {mac_control, Fate::Pfc};
    case 3:  // cut off behind the addresses
      cut(ethernet::kHeader, frame.size());
      return {frame, Fate::Forwarded};
    case 4:  // a tag before nothing
      frame[12] = 0x81, frame[13] = 0x00;
      cut(ethernet::kHeader, ethernet::kHeader + ethernet::kVlanTag);
      return {frame, Fate::Forwarded};
    default:  // any bytes
      for (size_t i = ethernet::kHeader; i < frame.size(); ++i) frame[i] = static_cast<uint8_t>(random());
      return {frame, Fate::Forwarded};
  }
}

TEST(MalformedFrames, AreCountedAtASwitchAndChangeNothing) {
  MemoryStore store;
  EmulatedSwitchSettings settings;
  settings.rates.assign(kPorts, BitRate::gigabits(10));
  auto made =
      std::make_unique<EmulatedSwitch>(settings, std::vector<MacAddress>(kPorts, mac_of(0xee)), store);
  SimTime now;
  const auto send = [&](uint32_t port, const Bytes8& bytes) {
    const FrameHandle frame = store.add(bytes);
    made->receive(port, &frame, 1, now += kBetween);
    made->advance(now);
  };
  std::vector<std::vector<Bytes8>> out(kPorts);
  const auto drain = [&] {
    for (uint32_t port = 0; port < kPorts; ++port)
      for (FrameHandle frame; made->due(port, now, &frame, 1) == 1; store.free(frame)) {
        made->take(port);
        out[port].push_back(MemoryStore::of(frame));
      }
  };
  for (uint32_t port = 0; port < kPorts; ++port)  // every host is heard once
    send(port, data_frame(static_cast<uint8_t>(port + 1), 1, 16, 0));
  made->advance(now += SimTime::milliseconds(1));
  drain();
  made->start_run(now, {});
  out.assign(kPorts, {});

  RandomStream random(1, 0);
  std::vector<std::vector<Bytes8>> expected(kPorts);
  std::array<std::array<uint64_t, 4>, kPorts> fates{};
  for (uint32_t i = 0; i < kMalformed; ++i) {
    const uint32_t port = i % kPorts, next = (port + 1) % kPorts;
    if (i % (kMalformed / kValid) == 0) {
      expected[next].push_back(
          data_frame(static_cast<uint8_t>(port + 1), static_cast<uint8_t>(next + 1), kPayload, kTos, i));
      send(port, expected[next].back());
    }
    const Malformed frame = malformed(port, random);
    ++fates[port][static_cast<size_t>(frame.fate)];
    if (frame.fate == Fate::Forwarded) expected[next].push_back(frame.bytes);
    send(port, frame.bytes);
  }
  made->advance(now += SimTime::seconds(1));
  drain();

  uint64_t received = 0;
  for (uint32_t port = 0; port < kPorts; ++port) {
    const LinkCounters& c = made->counters(port);
    EXPECT_EQ(c.malformed, fates[port][0]);
    EXPECT_EQ(c.filtered, fates[port][1]);
    EXPECT_EQ(c.pfc_received, fates[port][2]);
    EXPECT_EQ(c.flooded + c.no_buffer, 0u);
    EXPECT_EQ(made->traffic().pauses(port).count(), 0u);
    EXPECT_THAT(made->traffic().counters(port).drops, testing::Each(0u));
    EXPECT_EQ(made->traffic().counters(port).tx_packets, expected[port].size());
    EXPECT_TRUE(out[port] == expected[port]) << "port " << port;
    received += c.rx_packets;
  }
  EXPECT_EQ(received, kMalformed + kValid);
  made.reset();
  EXPECT_EQ(store.held(), 0u);
}

}  // namespace
}  // namespace railyard::lab
