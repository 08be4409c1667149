// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk-app/softswitch/switch_player.h"

#include <rte_mbuf.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "dpdk-app/control/session_options.h"
#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/frame_pool.h"
#include "dpdk-app/device/raw_clock.h"
#include "tests/unit/softswitch/memory_store.h"
#include "tests/unit/softswitch/switch_plans.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

const std::atomic<bool> kNever = false;  // cancelled

using testing::HasSubstr;
constexpr uint32_t kMaxFrame = 1'518;

TEST(PlannedFrames, MustFitEveryPort) {
  control::Identity self;
  self.set_name("leaf0");
  self.add_ports()->set_name("af_packet:s0");
  constexpr uint32_t kFrameOf4096 =
      14 + 20 + 8 + 12 + 16 + 4'096 + 4 + 4;  // a write's first packet, with RETH
  self.mutable_ports(0)->set_max_frame_bytes(kFrameOf4096);
  control::Plan plan = plan_of(2);
  plan.mutable_nic(0)->set_text("4096");
  EXPECT_TRUE(check_frames(plan, self));
  plan.mutable_endpoints(1)->set_vlan(7);
  const auto cut = check_frames(plan, self);
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error(),
              HasSubstr("port 'af_packet:s0' of soft switch 'leaf0' carries frames of at most 4174"));
  EXPECT_THAT(cut.error(), HasSubstr("4178"));
  EXPECT_THAT(cut.error(), HasSubstr("--max-frame 4178"));
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::filesystem::create_directories(path_);
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  CaptureFolder captures() const { return CaptureFolder::open(path_).value(); }
  std::vector<std::filesystem::path> files() const {
    return {std::filesystem::directory_iterator(path_), {}};
  }

 private:
  const std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / ("switch-captures-" + std::to_string(getpid()));
};

class SwitchPlayerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {  // a process has one EAL
    EalOptions options;
    options.cores = {usable_cores().back()};
    options.memory_mb = 128;
    const auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    worker = eal->workers[0];
  }
  void SetUp() override {
    auto made = make_frame_pool("frames", 4'095, kMaxFrame);
    ASSERT_TRUE(made) << made.error();
    pool = std::move(*made);
    std::vector<EthernetPort> ports;
    for (const char* link : {"ring:p0,", "ring:p1,"}) {
      ports.push_back(open(link + std::string("a")));
      hosts.push_back(open(link + std::string("b")));
    }
    loop = std::make_unique<SwitchLoop>(std::move(ports), pool.get(),
                                        TscClock::calibrate(SimTime::milliseconds(20)), started_with(2));
    loop->start(worker);
  }
  EthernetPort open(const std::string& name) {
    auto port = EthernetPort::open(name, 1, kMaxFrame, pool.get());
    EXPECT_TRUE(port) << port.error();
    return std::move(*port);
  }
  void send(uint32_t host, const Bytes8& bytes) {
    rte_mbuf* frame = rte_pktmbuf_alloc(pool.get());
    std::copy(bytes.begin(), bytes.end(), rte_pktmbuf_mtod(frame, uint8_t*));
    rte_pktmbuf_append(frame, static_cast<uint16_t>(bytes.size()));
    ASSERT_EQ(hosts[host].transmit(0, &frame, 1), 1);
  }

  static unsigned worker;
  FramePool pool;
  std::vector<EthernetPort> hosts;
  std::unique_ptr<SwitchLoop> loop;
};

unsigned SwitchPlayerTest::worker = 0;

// The protocol as a controller speaks it, with a run of 100 frames.
TEST_F(SwitchPlayerTest, PlaysARunAndHandsInItsRecord) {
  const TemporaryFolder folder;
  SwitchPlayer player(*loop, started_with(2), std::vector<PortFaults>(2), "tor", 0.5, folder.captures());
  PlayerSession session(player);
  std::vector<control::Message> said;
  const MessageSink sink = [&](const control::Message& message) { said.push_back(message); };

  const control::Identity identity = session.identity();
  EXPECT_EQ(identity.kind(), control::SOFTSWITCH);
  EXPECT_EQ(identity.name(), "tor");
  ASSERT_EQ(identity.ports_size(), 2);
  EXPECT_EQ(identity.ports(0).name(), "ring:p0,a");
  EXPECT_TRUE(identity.ports(0).is_virtual());

  control::Message message;
  *message.mutable_prepare()->mutable_plan() = plan_of(2);
  message.mutable_prepare()->mutable_plan()->set_capture(true);
  session.on_message(message, sink);
  ASSERT_EQ(said.size(), 1u);
  ASSERT_TRUE(said[0].has_prepared()) << said[0].DebugString();

  send(1, data_frame(2, 1, 1'024, 0));  // before the run: not in its record
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  constexpr int64_t kSoonNs = 10'000'000;
  message.mutable_start()->set_at_ns(raw_clock_ns() + kSoonNs);
  session.on_message(message, sink);
  std::this_thread::sleep_for(std::chrono::nanoseconds(2 * kSoonNs));
  for (uint32_t i = 0; i < 100; ++i) send(0, data_frame(1, 2, 1'024, 26 << 2, i));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  session.tick(raw_clock_ns());
  EXPECT_TRUE(said.back().has_progress());
  message.mutable_stop()->set_reason("all ranks are done");
  session.on_message(message, sink);
  EXPECT_TRUE(said.back().has_finished());
  message.mutable_collect();
  session.on_message(message, sink);
  ASSERT_TRUE(said.back().has_measurements()) << said.back().DebugString();

  const control::Measurements& measured = said.back().measurements();
  const auto record = record::decode_record(measured.record(), "test");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->scenario, "incast");
  ASSERT_EQ(record->ports.size(), 2u);
  EXPECT_EQ(record->ports[1].name, "leaf0:1");
  EXPECT_EQ(record->ports[1].rate, BitRate::megabits(100));
  EXPECT_EQ(record->ports[1].tx_packets, 100u);
  EXPECT_EQ(record->ports[0].tx_packets, 0u);
  ASSERT_EQ(record->queues.size(), 2u);
  EXPECT_GE(record->queues[1].bytes.size(), 10u);
  ASSERT_EQ(measured.histograms_size(), 1);
  EXPECT_EQ(measured.histograms(0).name(), "switch_lateness");
  EXPECT_TRUE(measured.valid());
  const std::vector<std::filesystem::path> captured = folder.files();
  ASSERT_EQ(captured.size(), 1u);
  EXPECT_THAT(captured[0].filename().string(), testing::MatchesRegex("incast-dcqcn-seed7-.*\\.leaf0\\.pcap"));
  EXPECT_GT(std::filesystem::file_size(captured[0]), 100u * 1'024);
  EXPECT_THAT(measured.events(), testing::Contains("captured " + captured[0].string()));
}

TEST_F(SwitchPlayerTest, TellsOfARunBeforeItIsForgotten) {
  SwitchPlayer player(*loop, started_with(2), std::vector<PortFaults>(2), "tor", 0.5, {});
  std::vector<std::string> runs;
  uint64_t frames = 0;
  player.on_run_over([&](const std::string& run, const EmulatedSwitch& on, SimTime start, SimTime end) {
    runs.push_back(run);
    frames = on.counters(0).rx_packets;
    EXPECT_LT(start, end);
  });
  ASSERT_TRUE(player.prepare(plan_of(2), kNever));
  player.release();
  EXPECT_THAT(runs, testing::IsEmpty());  // it did not start
  ASSERT_TRUE(player.prepare(plan_of(2), kNever));
  ASSERT_TRUE(player.start(raw_clock_ns()));
  for (uint32_t i = 0; i < 10; ++i) send(0, data_frame(1, 2, 1'024, 26 << 2, i));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  player.stop("");
  player.release();
  player.release();
  EXPECT_THAT(runs, testing::ElementsAre("incast, dcqcn, seed 7"));
  EXPECT_EQ(frames, 10u);
}

TEST_F(SwitchPlayerTest, CapturesNowhereButInItsFolder) {
  const TemporaryFolder folder;
  SwitchPlayer with(*loop, started_with(2), std::vector<PortFaults>(2), "tor", 0.5, folder.captures());
  SwitchPlayer without(*loop, started_with(2), std::vector<PortFaults>(2), "tor", 0.5, {});
  control::Plan plan = plan_of(2);
  plan.set_capture(true);
  EXPECT_THAT(without.prepare(plan, kNever).error(), HasSubstr("started without --capture-dir"));
  plan.set_switch_name("../../x");
  EXPECT_THAT(with.prepare(plan, kNever).error(),
              HasSubstr("the plan's switch_name: '../../x' is not a name"));
  EXPECT_THAT(folder.files(), testing::IsEmpty());
  plan.set_switch_name("leaf0");
  ASSERT_TRUE(with.prepare(plan, kNever));
  EXPECT_EQ(folder.files().size(), 1u);  // unfinished
  with.release();
  EXPECT_THAT(folder.files(), testing::IsEmpty());
}

}  // namespace
}  // namespace railyard::lab
