// SPDX-License-Identifier: BSD-3-Clause
// A process has one EAL, so this binary starts it once, without huge pages and without a device of the
// machine's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"

namespace railyard::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uint32_t kMaxFrame = 4'200;

class RingPort : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    EalOptions options;
    options.cores = {usable_cores().front(), usable_cores().front()};
    options.memory_mb = 128;
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    ASSERT_EQ(eal->workers.size(), 2u);
    auto pool = make_frame_pool("frames", 1'024, kMaxFrame);
    ASSERT_TRUE(pool) << pool.error();
    pool_ = pool->release();
  }

  static EthernetPort open(const std::string& name, uint16_t queues = 1) {
    auto port = EthernetPort::open(name, queues, kMaxFrame, pool_);
    EXPECT_TRUE(port) << port.error();
    return std::move(*port);
  }

  static std::string error_of(const std::string& name, uint32_t max_frame = kMaxFrame) {
    const auto port = EthernetPort::open(name, 1, max_frame, pool_);
    return port ? "opened" : port.error();
  }

  // Sends a frame of so many bytes, and says whether the other port receives the same ones.
  static bool carries(EthernetPort& from, EthernetPort& to, uint16_t bytes, uint16_t queue = 0) {
    rte_mbuf* frame = rte_pktmbuf_alloc(pool_);
    auto* data = reinterpret_cast<uint8_t*>(rte_pktmbuf_append(frame, bytes));
    if (data == nullptr) return false;
    for (uint16_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(i * 7);
    if (from.transmit(queue, &frame, 1) != 1) return false;
    rte_mbuf* received = nullptr;
    if (to.receive(queue, &received, 1) != 1) return false;
    bool same = rte_pktmbuf_data_len(received) == bytes;
    for (uint16_t i = 0; i < bytes && same; ++i) {
      same = rte_pktmbuf_mtod(received, const uint8_t*)[i] == static_cast<uint8_t>(i * 7);
    }
    rte_pktmbuf_free(received);
    return same;
  }

  static rte_mempool* pool_;
};

rte_mempool* RingPort::pool_ = nullptr;

TEST_F(RingPort, OfALinkCarriesFramesToTheOtherEnd) {
  EthernetPort a = open("ring:cable,a");
  EthernetPort b = open("ring:cable,b");
  EXPECT_TRUE(carries(a, b, 64));
  EXPECT_TRUE(carries(b, a, 4'178));
  EXPECT_EQ(a.driver(), "net_ring");
  EXPECT_TRUE(a.capabilities().is_virtual);
  EXPECT_FALSE(a.capabilities().hardware_pfc);
  EXPECT_FALSE(a.capabilities().receive_timestamps);
  EXPECT_GE(a.capabilities().max_frame_bytes, kMaxFrame);
  EXPECT_TRUE(a.link().up);
  EXPECT_EQ(a.statistics().tx_packets, 1u);
  EXPECT_EQ(b.statistics().rx_packets, 1u);
}

TEST_F(RingPort, WithoutAnEndIsItsOwnPeer) {
  EthernetPort port = open("ring:loop");
  EXPECT_TRUE(carries(port, port, 64));
}

TEST_F(RingPort, KeepsQueuesApart) {
  EthernetPort a = open("ring:wide,a", 4);
  EthernetPort b = open("ring:wide,b", 4);
  for (uint16_t queue = 0; queue < 4; ++queue) EXPECT_TRUE(carries(a, b, 64, queue)) << queue;
}

TEST_F(RingPort, RefusesMoreThanItsRingHolds) {
  EthernetPort port = open("ring:full");
  std::array<rte_mbuf*, 32> frames{};
  unsigned sent = 0;
  for (;;) {
    if (rte_pktmbuf_alloc_bulk(pool_, frames.data(), frames.size()) != 0) break;
    const uint16_t taken = port.transmit(0, frames.data(), frames.size());
    sent += taken;
    if (taken == frames.size()) continue;
    rte_pktmbuf_free_bulk(frames.data() + taken, static_cast<unsigned>(frames.size() - taken));
    break;
  }
  EXPECT_GT(sent, 900u);
  EXPECT_LT(sent, 1'024u);
}

TEST_F(RingPort, GivesEverythingBackWhenItCloses) {
  const unsigned before = rte_mempool_avail_count(pool_);
  for (int round = 0; round < 3; ++round) {
    EthernetPort a = open("ring:again,a");
    EthernetPort moved = std::move(a);
    rte_mbuf* frame = rte_pktmbuf_alloc(pool_);
    ASSERT_EQ(moved.transmit(0, &frame, 1), 1);
  }
  EXPECT_EQ(rte_mempool_avail_count(pool_), before);
  EXPECT_EQ(rte_eth_dev_count_avail(), 0);
}

TEST_F(RingPort, ErrorsNamePortAndRemedy) {
  EthernetPort taken = open("ring:taken,a");
  EXPECT_THAT(error_of("ring:taken,a"), AllOf(HasSubstr("ring:taken,a"), HasSubstr("open already")));
  EXPECT_THAT(error_of("afpacket:eth0"), HasSubstr("did you mean 'af_packet'"));
  EXPECT_THAT(error_of("af_packet:none0"), AllOf(HasSubstr("none0"), HasSubstr("No such device")));
  EXPECT_THAT(error_of("tap:t0"), HasSubstr("at most 1518 bytes"));
  EXPECT_THAT(error_of("0000:ff:1f.7"), HasSubstr("dpdk-devbind.py"));
  EXPECT_THAT(error_of("net_nosuch0"), AllOf(HasSubstr("cannot open"), HasSubstr("name and arguments")));
  EXPECT_THAT(error_of("memif:/no/such/folder/x.sock,server"), HasSubstr("folder"));
}

TEST_F(RingPort, TheEalStartsOnce) {
  const auto again = start_eal({});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error(), HasSubstr("DPDK does not start"));
}

TEST(EalOptions, RefuseACoreThatTheProcessHasNot) {
  EalOptions options;
  options.cores = {100'000};
  const auto eal = start_eal(options);
  ASSERT_FALSE(eal);
  EXPECT_THAT(eal.error(), AllOf(HasSubstr("core 100000"), HasSubstr("it may on")));
}

}  // namespace
}  // namespace railyard::lab
