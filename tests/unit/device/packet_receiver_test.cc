// SPDX-License-Identifier: BSD-3-Clause
// What a port receives of a kernel that leaves work to its interface. A packet socket with an account of its
// own (PACKET_VNET_HDR) plays the kernel. Skipped where the process may have no network namespace.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <rte_mbuf.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/offload.h"
#include "tests/unit/device/veth.h"
#include "traffic/protocol/wire/byte_order.h"

namespace railyard::lab {
namespace {

using Bytes = std::vector<uint8_t>;
using namespace std::chrono_literals;

constexpr unsigned kCableMtu = 4'200;
constexpr uint32_t kMaxFrame = 1'518;
constexpr size_t kHeaders = 14 + 20 + 20;
constexpr uint16_t kSegment = 1'460;

// IPv4 and TCP, its checksum left to be completed; any sum does for a pseudo header's.
Bytes tcp_frame(size_t payload) {
  Bytes frame(kHeaders + payload, 0x5a);
  const Bytes addresses = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0};
  std::copy(addresses.begin(), addresses.end(), frame.begin());
  store_be16(&frame[16], static_cast<uint16_t>(frame.size() - 14));
  store_be16(&frame[20], 0x4000);
  frame[23] = 6;
  frame[46] = 5 << 4;
  return frame;
}

OffloadAccount account_of(uint8_t kind) {
  OffloadAccount account;
  account.flags = OffloadAccount::kNeedsChecksum;
  account.kind = kind;
  account.header_bytes = kHeaders;
  account.segment_payload = kind == OffloadAccount::kWhole ? uint16_t{0} : kSegment;
  account.checksum_start = 34;
  account.checksum_offset = 16;
  return account;
}

class PacketReceiverTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    has_cable_ = enter_network_namespace() && make_cable("veth0", "veth1", kCableMtu);
    EalOptions options;
    options.memory_mb = 128;
    options.ports = {"af_packet:veth0"};
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    auto pool = make_frame_pool("frames", 4'095, kMaxFrame);
    ASSERT_TRUE(pool) << pool.error();
    pool_ = pool->release();
  }

  void SetUp() override {
    if (!has_cable_) GTEST_SKIP() << "no veth pair: it takes root or user namespaces, and iproute2";
    auto opened = EthernetPort::open("af_packet:veth0", 1, kMaxFrame, pool_);
    ASSERT_TRUE(opened) << opened.error();
    port_.emplace(*std::move(opened));
    const auto finishes = port_->finish_offloads(kMaxFrame, pool_);
    ASSERT_TRUE(finishes) << finishes.error();

    kernel_ = socket(AF_PACKET, SOCK_RAW, 0);
    const int on = 1;
    ASSERT_EQ(setsockopt(kernel_, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on), 0);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex("veth1"));
    ASSERT_EQ(bind(kernel_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  void TearDown() override {
    if (kernel_ >= 0) close(kernel_);
  }

  void send(const Bytes& frame, const OffloadAccount& account = {}) const {
    Bytes all(sizeof account);
    std::memcpy(all.data(), &account, sizeof account);
    all.insert(all.end(), frame.begin(), frame.end());
    ASSERT_EQ(write(kernel_, all.data(), all.size()), static_cast<ssize_t>(all.size()));
  }

  // Until `count` frames came, or a second is over.
  std::vector<Bytes> receive(size_t count) {
    std::vector<Bytes> frames;
    const auto end = std::chrono::steady_clock::now() + 1s;
    while (frames.size() < count && std::chrono::steady_clock::now() < end) {
      rte_mbuf* frame = nullptr;
      if (port_->receive(0, &frame, 1) == 0) {
        std::this_thread::yield();
        continue;
      }
      const auto* bytes = rte_pktmbuf_mtod(frame, const uint8_t*);
      frames.emplace_back(bytes, bytes + rte_pktmbuf_data_len(frame));
      rte_pktmbuf_free(frame);
    }
    return frames;
  }

  static bool has_cable_;
  static rte_mempool* pool_;
  std::optional<EthernetPort> port_;
  int kernel_ = -1;
};

bool PacketReceiverTest::has_cable_ = false;
rte_mempool* PacketReceiverTest::pool_ = nullptr;

TEST_F(PacketReceiverTest, ALargeFrameComesAsItsSegmentsThoughNoSlotHoldsIt) {
  for (const size_t payload : {size_t{2'000}, size_t{60'000}}) {
    const Bytes large = tcp_frame(payload);
    send(large, account_of(OffloadAccount::kTcpIpv4));
    const size_t segments = (payload + kSegment - 1) / kSegment;
    const std::vector<Bytes> frames = receive(segments);
    ASSERT_EQ(frames.size(), segments);
    size_t carried = 0;
    for (const Bytes& frame : frames) {
      EXPECT_LE(frame.size(), kHeaders + kSegment);
      EXPECT_EQ(load_be32(&frame[38]), load_be32(&large[38]) + carried);
      carried += frame.size() - kHeaders;
    }
    EXPECT_EQ(carried, payload);
  }
  EXPECT_EQ(port_->offload().cut, 2u);
  EXPECT_EQ(port_->statistics().rx_packets, port_->offload().made);
}

TEST_F(PacketReceiverTest, AChecksumThatWasLeftIsCompleted) {
  Bytes frame = tcp_frame(100);
  send(frame, account_of(OffloadAccount::kWhole));
  ASSERT_TRUE(complete_checksum(frame.data(), frame.size(), 34, 16));
  EXPECT_THAT(receive(1), testing::ElementsAre(frame));
  EXPECT_EQ(port_->offload().completed, 1u);
}

TEST_F(PacketReceiverTest, OtherFramesComeAsTheyAre) {
  Bytes tagged = tcp_frame(100);
  const Bytes tag = {0x81, 0, 0x60, 5};  // PCP 3
  tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
  Bytes pause = tcp_frame(6);
  store_be16(&pause[12], 0x8808);
  const std::vector<Bytes> frames = {tcp_frame(0), tagged, pause, tcp_frame(kMaxFrame - 4 - kHeaders)};
  for (const Bytes& frame : frames) send(frame);
  EXPECT_THAT(receive(frames.size()), testing::ElementsAreArray(frames));
}

TEST_F(PacketReceiverTest, AFrameLongerThanThePortsIsCountedAndTheNextOnesCome) {
  for (const size_t payload : {1'500u, 3'000u}) send(tcp_frame(payload));
  const Bytes short_enough = tcp_frame(1'000);
  send(short_enough);
  EXPECT_THAT(receive(1), testing::ElementsAre(short_enough));
  EXPECT_EQ(port_->offload().undeliverable, 2u);
}

}  // namespace
}  // namespace railyard::lab
