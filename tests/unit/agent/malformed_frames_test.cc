// SPDX-License-Identifier: BSD-3-Clause
// 10,000 malformed frames reach two NICs in the midst of their traffic: each is counted once, under the name
// of what is wrong with it, and the traffic goes as it goes without them, to the picosecond.
#include <gmock/gmock.h>

#include "tests/fuzz/mended_frame.h"
#include "tests/unit/agent/nic_network.h"
#include "traffic/units/random_stream.h"

namespace railyard::lab {
namespace {

using Frame = std::vector<uint8_t>;
using Counts = std::map<std::string, uint64_t>;

constexpr uint32_t kMalformed = 10'000, kMessages = 40, kBytes = 20'000;
constexpr SimTime kEnd = SimTime::milliseconds(20);
constexpr size_t kIp = ethernet::kHeader, kUdp = kIp + layout::kIpHeader, kBth = kUdp + layout::kUdpHeader;

struct Malformed {
  Frame bytes;
  std::string reason;  // as named() has it
};

// Makes malformed frames of valid ones to NIC 1, which receives flow 0 and sends flow 1.
class Maker {
 public:
  Malformed next() {
    const Frame& valid = valid_[random_.below(static_cast<uint32_t>(valid_.size()))];
    switch (random_.below(10)) {
      case 0:  // cut off; padding is no loss
        return {Frame(valid.begin(), valid.begin() + random_.below(kBth)), "decode_errors.truncated frame"};
      case 1:
        return {with_bit_flipped(valid, kBth + layout::kBthDestinationQp, length_of(valid)),
                "decode_errors.bad ICRC"};
      case 2:
        return {with_bit_flipped(valid, kIp + layout::kIpIdentification, kIp + layout::kIpFragment),
                "decode_errors.bad IPv4 header checksum"};
      case 3:
        return {with_bit_flipped(valid, 0, 6), "other_destination"};
      case 4:
        return {
            with(valid, kBth + layout::kBthDestinationQp, static_cast<uint8_t>(1 + random_.below(255)), true),
            "unknown_queue_pair"};
      case 5:
        return {with(valid, kBth + layout::kBthOpcode, static_cast<uint8_t>(0xc0 | random_.below(32)), true),
                "decode_errors.unsupported opcode"};
      case 6:
        return {with(valid, kUdp + layout::kUdpLength, 0xff, false), "decode_errors.bad IPv4 header"};
      case 7:
        return {Frame(random_.below(ethernet::kHeader)), "decode_errors.truncated frame"};
      case 8:  // data, an ACK, a NAK or a CNP that is right in all but who sent it
        return {with(valid, kIp + layout::kIpSource + 3, static_cast<uint8_t>(3 + random_.below(250)), true),
                "foreign_peer"};
      default:
        return pause();
    }
  }

 private:
  static std::vector<Frame> valid_frames() {
    std::vector<Frame> frames;
    for (const PacketKind kind : {PacketKind::Data, PacketKind::Ack, PacketKind::Nak, PacketKind::Cnp}) {
      const bool data = kind == PacketKind::Data;
      const NicConfig from = NicNetwork::config(data ? 0 : 1, 2), to = NicNetwork::config(data, 2);
      FlowAddress a;
      a.source_mac = from.mac, a.destination_mac = to.mac;
      a.source_ip = from.ip, a.destination_ip = to.ip;
      a.source_qp = sender_queue_pair(data ? 0 : 1);
      a.destination_qp = receiver_queue_pair(data ? 0 : 1);
      Packet p{};
      p.kind = kind;
      p.flags = packet_flag::kLast;
      FrameBody body;
      body.payload_size = data ? 100 : 0;
      p.frame_bytes = static_cast<uint16_t>(data                      ? wire::data_frame_bytes(100, false)
                                            : kind == PacketKind::Cnp ? wire::kCnpFrame
                                                                      : wire::kAckFrame);
      Frame frame(256);
      frame.resize(encode(p, a, body, frame.data(), frame.size()));
      EXPECT_TRUE(decode(frame.data(), frame.size()));
      frames.push_back(frame);
    }
    return frames;
  }

  static size_t length_of(const Frame& frame) {
    return kIp + load_be16(frame.data() + kIp + layout::kIpTotalLength);
  }

  Frame with_bit_flipped(Frame frame, size_t begin, size_t end) {
    const size_t at = begin + random_.below(static_cast<uint32_t>(end - begin));
    frame[at] ^= static_cast<uint8_t>(1u << random_.below(8));
    return frame;
  }
  // `mended`: with checksums that fit.
  static Frame with(Frame frame, size_t at, uint8_t value, bool mended) {
    frame[at] = value;
    frame.resize(length_of(frame));
    if (mended) fuzz::mend(frame);
    return frame;
  }
  Malformed pause() {
    Frame frame(ethernet::kMinimumNoFcs);
    encode(PauseFrame{}, frame.data(), frame.size());
    constexpr uint8_t kPfcOpcode = 1;  // the low byte
    const auto opcode = static_cast<uint8_t>(random_());
    if (opcode <= kPfcOpcode)
      return {Frame(frame.begin(), frame.begin() + kIp), "decode_errors.truncated frame"};
    frame[kIp + 1] = opcode;
    return {frame, "decode_errors.unknown MAC control opcode"};
  }

  RandomStream random_{1, 0};
  const std::vector<Frame> valid_ = valid_frames();
};

struct Outcome {
  NicNetwork network;
  Counts expected;

  Outcome(std::string_view algorithm, uint32_t malformed) {
    for (uint32_t nic = 0; nic < 2; ++nic) network.add(network.config(nic, 2, algorithm));
    network.connect(0, 0, 1);
    network.connect(1, 1, 0);
    for (uint32_t i = 0; i < kMessages; ++i)
      for (uint32_t flow = 0; flow < 2; ++flow) network.nics[flow]->post(flow, kBytes, {});
    Maker maker;
    for (uint32_t i = 0; i < malformed; ++i) {
      Malformed frame = maker.next();
      ++expected[frame.reason];
      network.send_bytes(std::move(frame.bytes), 1, kEnd / kMalformed * i);
    }
    network.run_until(kEnd);
  }
  Counts counts(uint32_t nic) const {
    Counts counts;
    for (const NamedCount& count : named(network.nics[nic]->counters())) counts[count.name] = count.value;
    return counts;
  }
};

class MalformedFrames : public testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, MalformedFrames, testing::ValuesIn(congestion_algorithm_names()));

TEST_P(MalformedFrames, AreCountedByReasonAndChangeNothing) {
  const Outcome without(GetParam(), 0), with(GetParam(), kMalformed);
  EXPECT_GE(with.expected.size(), 8u);
  Counts counts = with.counts(1);
  uint64_t rejected = 0;
  for (const auto& [reason, count] : with.expected) {
    EXPECT_EQ(counts.at(reason), count) << reason;
    rejected += counts.at(reason);
    counts[reason] = 0;
  }
  EXPECT_EQ(rejected, kMalformed);
  EXPECT_EQ(counts, without.counts(1));
  EXPECT_EQ(with.counts(0), without.counts(0));
  EXPECT_EQ(with.network.received, without.network.received);
  EXPECT_EQ(with.network.acked, without.network.acked);
  EXPECT_EQ(with.network.departures, without.network.departures);
  for (uint32_t flow = 0; flow < 2; ++flow) EXPECT_EQ(with.network.acked.at(flow).size(), kMessages);
}

TEST(ForgedPauses, AreObeyedAndCountedBySource) {
  NicNetwork network;
  for (uint32_t nic = 0; nic < 2; ++nic) network.add(network.config(nic, 1));
  network.connect(0, 0, 1);
  network.nics[0]->post(0, kBytes * 100, {});
  for (const uint8_t source : {1, 7, 7}) {
    PauseFrame pause;
    pause.source.back() = source;
    pause.enable_vector = 1 << 3;
    pause.quanta[3] = 1'000;
    Frame frame(ethernet::kMinimumNoFcs);
    encode(pause, frame.data(), frame.size());
    network.send_bytes(frame, 0, network.now);
    network.run_until(network.now + SimTime::milliseconds(1));
  }
  EXPECT_EQ(network.nics[0]->pause_state().count(), 3u);  // nothing tells which to obey
  const std::vector<PauseSource>& sources = network.nics[0]->measurements().pause_sources.sources();
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].frames, 1u);
  EXPECT_EQ(sources[1].frames, 2u);
  EXPECT_EQ(sources[1].mac.back(), 7);
}

}  // namespace
}  // namespace railyard::lab
