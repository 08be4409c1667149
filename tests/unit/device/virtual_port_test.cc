// SPDX-License-Identifier: BSD-3-Clause
// Ports over a veth pair and over shared memory: each carries frames in both directions, bytes unchanged, up
// to the size that it says. Skipped where the process may have no network namespace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "dpdk-app/device/device_losses.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/ethernet_port.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/packet_sockets.h"
#include "tests/unit/device/veth.h"

namespace railyard::lab {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr uint32_t kMaxFrame = 4'200;
constexpr unsigned kCableMtu = 4'200;

using Bytes = std::vector<uint8_t>;

Bytes frame_to(const MacAddress& destination, size_t size) {
  Bytes frame(size);
  for (size_t i = 0; i < size; ++i) frame[i] = static_cast<uint8_t>(i * 31 + size);
  std::copy(destination.begin(), destination.end(), frame.begin());
  frame[6] = 0x02;  // locally administered source
  frame[12] = 0x88;
  frame[13] = 0xb5;  // local experimental EtherType [IEEE 802 clause 9.2.4]
  return frame;
}

class VirtualPort : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    has_namespace_ = enter_network_namespace();
    if (has_namespace_) {
      has_cable_ = make_cable("veth0", "veth1", kCableMtu) && make_cable("thin0", "thin1", 1'500);
    }
    EalOptions options;
    options.memory_mb = 256;
    options.ports = {"af_packet:veth0", "af_packet:veth1"};
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    pool_ = make_pool("large", kMaxFrame);
    small_pool_ = make_pool("small", 1'500);
  }

  static rte_mempool* make_pool(const char* name, uint32_t max_frame) {
    auto pool = make_frame_pool(name, 8'191, max_frame);
    return pool ? pool->release() : nullptr;
  }

  static tl::expected<EthernetPort, std::string> open(const std::string& name, uint16_t queues = 1,
                                                      uint32_t max_frame = kMaxFrame) {
    return EthernetPort::open(name, queues, max_frame, max_frame > 2'000 ? pool_ : small_pool_);
  }

  static void send(EthernetPort& port, const Bytes& bytes) {
    rte_mbuf* frame = rte_pktmbuf_alloc(pool_);
    ASSERT_NE(frame, nullptr);
    char* data = rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes.size()));
    std::copy(bytes.begin(), bytes.end(), data);
    if (port.transmit(0, &frame, 1) != 1) {
      rte_pktmbuf_free(frame);
      FAIL() << port.name() << " took no frame of " << bytes.size();
    }
  }

  // The next frame of any queue; empty where none comes within a second.
  static Bytes receive(EthernetPort& port, uint16_t queues = 1) {
    const auto end = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < end) {
      for (uint16_t queue = 0; queue < queues; ++queue) {
        rte_mbuf* frame = nullptr;
        if (port.receive(queue, &frame, 1) == 0) continue;
        Bytes bytes;
        for (const rte_mbuf* part = frame; part != nullptr; part = part->next) {
          const auto* data = rte_pktmbuf_mtod(part, const uint8_t*);
          bytes.insert(bytes.end(), data, data + part->data_len);
        }
        rte_pktmbuf_free(frame);
        return bytes;
      }
      std::this_thread::yield();
    }
    return {};
  }

  static void expect_carried(EthernetPort& from, EthernetPort& to, const Bytes& bytes) {
    send(from, bytes);
    EXPECT_EQ(receive(to), bytes) << from.name() << " to " << to.name() << ", " << bytes.size() << " bytes";
  }

  static bool has_namespace_, has_cable_;
  static rte_mempool *pool_, *small_pool_;
};

bool VirtualPort::has_namespace_ = false;
bool VirtualPort::has_cable_ = false;
rte_mempool* VirtualPort::pool_ = nullptr;
rte_mempool* VirtualPort::small_pool_ = nullptr;

#define NEEDS_CABLE() \
  if (!has_cable_) GTEST_SKIP() << "no veth pair: it takes root or user namespaces, and iproute2"

TEST_F(VirtualPort, PacketSocketsCarryRoceSizedFramesBothWays) {
  NEEDS_CABLE();
  auto one = open("af_packet:veth0");
  auto other = open("af_packet:veth1");
  ASSERT_TRUE(one) << one.error();
  ASSERT_TRUE(other) << other.error();
  EXPECT_EQ(one->driver(), "net_af_packet");
  EXPECT_EQ(one->capabilities().max_frame_bytes, kCableMtu + 18);
  EXPECT_NE(one->mac(), other->mac());
  for (size_t size : {60u, 1'082u, 1'514u, 4'154u, 4'196u}) {
    expect_carried(*one, *other, frame_to(other->mac(), size));
    expect_carried(*other, *one, frame_to(one->mac(), size));
  }
  EXPECT_EQ(one->statistics().tx_packets, 5u);
  EXPECT_EQ(one->statistics().rx_packets, 5u);
  EXPECT_FALSE(one->named_statistics().empty());
}

// DPDK's driver says nothing of them: rx_missed stays 0.
TEST_F(VirtualPort, WhatAFullRingLosesIsCountedToTheFrame) {
  NEEDS_CABLE();
  auto one = open("af_packet:veth0");
  auto other = open("af_packet:veth1");
  ASSERT_TRUE(one && other);
  const DeviceLosses before = device_losses(other->id());
  const auto lost = [&] {
    for (const DeviceLoss& loss : device_losses(other->id()) - before)
      if (loss.counter == "packet_socket") return loss.frames;
    return uint64_t{0};
  };
  expect_carried(*one, *other, frame_to(other->mac(), 1'082));
  EXPECT_EQ(lost(), 0u);
  constexpr uint64_t kMoreThanFit = 6'000;
  for (uint64_t i = 0; i < kMoreThanFit; ++i) send(*one, frame_to(other->mac(), 1'082));
  uint64_t received = 0;
  while (!receive(*other).empty()) ++received;
  EXPECT_GT(lost(), 0u);
  EXPECT_EQ(received + lost(), kMoreThanFit);
  EXPECT_EQ(lost(), kMoreThanFit - received) << "reading the kernel's counter empties it";
  EXPECT_EQ(other->statistics().rx_missed, 0u);
  EXPECT_TRUE(kernel_pause_counters(other->id()).empty()) << "veth counts none";
}

TEST_F(VirtualPort, APoolGrowsWhileItsFramesAreInUse) {
  auto pool = make_frame_pool("growing", 64, 1'500, 1'000);
  ASSERT_TRUE(pool) << pool.error();
  std::vector<rte_mbuf*> taken;
  const auto take_all = [&] {
    for (rte_mbuf* frame = rte_pktmbuf_alloc(pool->get()); frame != nullptr;
         frame = rte_pktmbuf_alloc(pool->get())) {
      EXPECT_GE(rte_pktmbuf_tailroom(frame), 1'500);
      taken.push_back(frame);
      *rte_pktmbuf_mtod(frame, uint8_t*) = static_cast<uint8_t>(taken.size());
    }
    return taken.size();
  };
  const size_t at_first = take_all();
  EXPECT_GE(at_first, 64u);
  const uint32_t grown = grow_frame_pool(**pool, 500);
  EXPECT_NEAR(grown, 500, 1);  // a piece may hold one more
  EXPECT_EQ(take_all(), grown);
  EXPECT_EQ(grow_frame_pool(**pool, 400), grown) << "it does not shrink";
  EXPECT_EQ(grow_frame_pool(**pool, 5'000), 1'000u) << "its limit";
  EXPECT_EQ(take_all(), 1'000u);
  for (size_t i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(*rte_pktmbuf_mtod(taken[i], uint8_t*), static_cast<uint8_t>(i + 1)) << i;
    rte_pktmbuf_free(taken[i]);
  }
}

TEST_F(VirtualPort, PacketSocketsMaySendAllThatTheirRingsHold) {
  NEEDS_CABLE();
  const auto port = open("af_packet:veth0");
  ASSERT_TRUE(port) << port.error();
  constexpr uint64_t kDefault =
      212'992;  // net.core.wmem_default, and usually wmem_max; the kernel doubles it
  EXPECT_GE(least_send_buffer(), 2 * kDefault);
}

TEST_F(VirtualPort, PacketSocketsSeePfcFramesAndFramesForOthers) {
  NEEDS_CABLE();
  auto one = open("af_packet:veth0");
  auto other = open("af_packet:veth1");
  ASSERT_TRUE(one && other);
  const MacAddress mac_control = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x01};
  Bytes pause = frame_to(mac_control, 60);
  pause[12] = 0x88;
  pause[13] = 0x08;
  expect_carried(*one, *other, pause);
  expect_carried(*one, *other, frame_to({0x02, 0, 0, 0, 0, 0x77}, 100));
  Bytes tagged = frame_to(other->mac(), 200);
  tagged[12] = 0x81;
  tagged[13] = 0x00;
  tagged[14] = 0x60;  // PCP 3
  tagged[15] = 0x00;
  expect_carried(*one, *other, tagged);
}

TEST_F(VirtualPort, PacketSocketsShareFlowsOutAmongQueues) {
  NEEDS_CABLE();
  auto one = open("af_packet:veth0", 2);
  auto other = open("af_packet:veth1", 2);
  ASSERT_TRUE(one && other);
  for (size_t size = 60; size < 76; ++size) {
    const Bytes bytes = frame_to(other->mac(), size);
    send(*one, bytes);
    EXPECT_EQ(receive(*other, 2), bytes);
  }
}

TEST_F(VirtualPort, PacketSocketErrorsNameTheRemedy) {
  NEEDS_CABLE();
  EXPECT_THAT(open("af_packet:thin0").error(), AllOf(HasSubstr("MTU of 1500"), HasSubstr("mtu 4182")));
  EXPECT_THAT(open("af_packet:nosuch").error(), HasSubstr("No such device"));
  ASSERT_EQ(std::system("ip link set thin1 down"), 0);
  EXPECT_THAT(open("af_packet:thin1", 1, 1'500).error(), HasSubstr("ip link set dev thin1 up"));
  ASSERT_EQ(std::system("ip link set thin1 up"), 0);
}

TEST_F(VirtualPort, XdpSocketsCarrySmallFramesAndRefuseLargeOnes) {
  NEEDS_CABLE();
  EXPECT_THAT(open("af_xdp:veth0").error(), AllOf(HasSubstr("at most 1982"), HasSubstr("af_packet")));
  auto one = open("af_xdp:thin0", 1, 1'500);
  auto other = open("af_packet:thin1", 1, 1'500);
  if (!one) GTEST_SKIP() << one.error();
  ASSERT_TRUE(other) << other.error();
  expect_carried(*other, *one, frame_to(one->mac(), 1'082));
  expect_carried(*one, *other, frame_to(other->mac(), 1'082));
}

TEST_F(VirtualPort, TapMakesAnInterfaceThatCarriesStandardFrames) {
  NEEDS_CABLE();
  auto tap = open("tap:tap0", 1, 1'500);
  if (!tap) GTEST_SKIP() << tap.error();  // no /dev/net/tun here
  EXPECT_EQ(tap->capabilities().max_frame_bytes, 1'518u);
  auto interface = open("af_packet:tap0", 1, 1'500);
  ASSERT_TRUE(interface) << interface.error();
  expect_carried(*tap, *interface, frame_to(interface->mac(), 1'082));
  expect_carried(*interface, *tap, frame_to(tap->mac(), 1'082));
}

TEST_F(VirtualPort, SharedMemoryConnectsAndCarriesFramesBothWays) {
  const std::string socket = "/tmp/railyard-memif-" + std::to_string(getpid()) + ".sock";
  auto server = open("memif:" + socket + ",server");
  ASSERT_TRUE(server) << server.error();
  auto client = open("memif:" + socket);
  ASSERT_TRUE(client) << client.error();
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (!(server->link().up && client->link().up) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(10ms);
  }
  ASSERT_TRUE(server->link().up && client->link().up);
  rte_mbuf* none = nullptr;
  client->receive(0, &none, 1);  // the client posts the buffers that the server sends into
  for (size_t size : {60u, 1'082u, 4'154u}) {
    expect_carried(*server, *client, frame_to(client->mac(), size));
    expect_carried(*client, *server, frame_to(server->mac(), size));
  }
  std::filesystem::remove(socket);
}

TEST_F(VirtualPort, AStaleMemifSocketIsReplaced) {
  const std::string socket = "/tmp/railyard-stale-" + std::to_string(getpid()) + ".sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  const int listener = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  EXPECT_THAT(open("memif:" + socket + ",server").error(), HasSubstr("another process is the server"));
  close(listener);
  const auto server = open("memif:" + socket + ",server");
  EXPECT_TRUE(server) << server.error();
  std::filesystem::remove(socket);
}

}  // namespace
}  // namespace railyard::lab
