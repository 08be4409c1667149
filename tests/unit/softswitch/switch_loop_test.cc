// SPDX-License-Identifier: BSD-3-Clause
// The switch between ports that DPDK drives: rings within this process, so that nothing outside is touched.
#include "dpdk-app/softswitch/switch_loop.h"

#include <rte_mbuf.h>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/frame_pool.h"
#include "tests/unit/softswitch/memory_store.h"

namespace railyard::lab {
namespace {

constexpr uint32_t kMaxFrame = 1'518;
constexpr uint8_t kTos = 26 << 2 | ecn::kEct0;

class SwitchLoopTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    EalOptions options;
    options.cores = {usable_cores().back()};
    options.memory_mb = 128;
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    worker = eal->workers[0];
    auto made = make_frame_pool("frames", 8'191, kMaxFrame);
    ASSERT_TRUE(made) << made.error();
    pool = made->release();
  }

  // Links "l0", "l1", ...: the switch has end a, the test end b.
  void SetUp() override {
    EmulatedSwitchSettings settings;
    settings.rates.assign(3, BitRate::megabits(100));
    std::vector<EthernetPort> ports;
    for (uint32_t i = 0; i < 3; ++i) {
      ports.push_back(open("ring:l" + std::to_string(i) + ",a"));
      hosts.push_back(open("ring:l" + std::to_string(i) + ",b"));
    }
    loop = std::make_unique<SwitchLoop>(std::move(ports), pool,
                                        TscClock::calibrate(SimTime::milliseconds(20)), settings);
    loop->start(worker);
  }

  static EthernetPort open(const std::string& name) {
    auto port = EthernetPort::open(name, 1, kMaxFrame, pool);
    EXPECT_TRUE(port) << port.error();
    return std::move(*port);
  }

  void send(uint32_t host, const Bytes8& bytes) {
    rte_mbuf* frame = rte_pktmbuf_alloc(pool);
    ASSERT_NE(frame, nullptr);
    std::copy(bytes.begin(), bytes.end(), rte_pktmbuf_mtod(frame, uint8_t*));
    ASSERT_NE(rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes.size())), nullptr);
    // The ring is full where the loop is off the processor.
    while (hosts[host].transmit(0, &frame, 1) != 1) std::this_thread::yield();
  }

  // Until `count` frames came, or two seconds are over.
  std::vector<Bytes8> receive(uint32_t host, size_t count) {
    std::vector<Bytes8> frames;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (frames.size() < count && std::chrono::steady_clock::now() < end) {
      rte_mbuf* frame = nullptr;
      if (hosts[host].receive(0, &frame, 1) == 0) {
        std::this_thread::yield();
        continue;
      }
      const auto* bytes = rte_pktmbuf_mtod(frame, const uint8_t*);
      frames.emplace_back(bytes, bytes + rte_pktmbuf_data_len(frame));
      rte_pktmbuf_free(frame);
    }
    return frames;
  }

  static inline unsigned worker = 0;
  static inline rte_mempool* pool = nullptr;
  std::vector<EthernetPort> hosts;
  std::unique_ptr<SwitchLoop> loop;
};

TEST_F(SwitchLoopTest, ForwardsFramesAtTheRateOfTheLink) {
  const Bytes8 hello = data_frame(2, 1, 16, 0);
  send(1, hello);
  EXPECT_EQ(receive(0, 1), std::vector<Bytes8>{hello});
  EXPECT_EQ(receive(2, 1), std::vector<Bytes8>{hello});  // nobody had been heard before

  constexpr uint32_t kFrames = 500;
  const auto begin = std::chrono::steady_clock::now();
  for (uint32_t i = 0; i < kFrames; ++i) send(0, data_frame(1, 2, 1'024, kTos, i));
  const auto frames = receive(1, kFrames);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(frames.size(), kFrames);
  for (uint32_t i = 0; i < kFrames; ++i) {
    const auto decoded = decode(frames[i].data(), frames[i].size());
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->psn, i);
  }
  SimTime latest;
  loop->call([&](EmulatedSwitch& on, SimTime) {
    EXPECT_EQ(on.traffic().counters(1).tx_packets, kFrames);
    EXPECT_GT(on.traffic().counters(1).ecn_marked, 0u);
    EXPECT_EQ(loop->lateness().total(), kFrames + 2);
    latest = SimTime{loop->lateness().maximum()};
  });
  // Of the machine's delays only the last frame's count: never faster than the link, and hardly slower. Where
  // the loop was off the processor when the burst came, it takes the frames for so much earlier.
  const double ideal =
      kFrames * serialisation_time(wire::data_frame_bytes(1'024, false), 80'000).to_seconds();
  EXPECT_GE(took.count() + latest.to_seconds(), ideal * 0.999);
  EXPECT_LT(took.count(), ideal + 0.2);
  loop->stop();
  loop.reset();
  hosts.clear();
  EXPECT_EQ(rte_mempool_in_use_count(pool), 0u) << "frames were lost sight of";
}

TEST_F(SwitchLoopTest, GivesUpFramesThatNobodyTakes) {
  send(1, data_frame(2, 1, 16, 0));
  ASSERT_EQ(receive(0, 1).size(), 1u);
  // A ring holds fewer frames than we send, and its other end is not read.
  loop->call([&](EmulatedSwitch& on, SimTime) {
    EmulatedSwitchSettings fast = on.settings();
    fast.rates.assign(3, BitRate::gigabits(400));
    on.configure(fast);
  });
  constexpr uint32_t kFrames = 3'000;
  for (uint32_t i = 0; i < kFrames; ++i) {
    send(0, data_frame(1, 2, 1'024, kTos, i));
    if (i % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  uint64_t refused = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (refused == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    loop->call([&](EmulatedSwitch& on, SimTime) { refused = on.counters(1).refused; });
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace railyard::lab
