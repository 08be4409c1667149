// SPDX-License-Identifier: BSD-3-Clause
// Whole runs of one agent over rings, with a switch that only forwards. One EAL a process.
#include "dpdk-app/agent/lab_agent.h"

#include <gmock/gmock.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "dpdk-app/device/eal.h"
#include "dpdk-app/device/frame_pool.h"
#include "tests/unit/agent/plan_builder.h"
#include "traffic/record/record_file.h"

namespace railyard::lab {
namespace {

const std::atomic<bool> kNever = false;  // cancelled

using ::testing::HasSubstr;

constexpr uint32_t kHosts = 5, kFrame = 4'200;

// Forwards by destination address; what is for a group goes to all. To which queue a frame goes its UDP
// source port decides, as a NIC's hash does; what has none goes to the last.
class Forwarder {
 public:
  Forwarder(rte_mempool* pool, uint32_t ports, uint16_t queues) : pool_(pool), queues_(queues) {
    for (uint32_t i = 0; i < ports; ++i)
      ports_.push_back(std::move(*EthernetPort::open(fmt::format("ring:h{},b", i), queues, kFrame, pool)));
    thread_ = std::thread([this] {
      while (!quit_) forward_all();
    });
  }
  ~Forwarder() {
    quit_ = true;
    thread_.join();
  }

  std::atomic<bool> deaf{false};

 private:
  void forward_all() {
    bool idle = true;
    for (size_t from = 0; from < ports_.size(); ++from)
      for (uint16_t queue = 0; queue < queues_; ++queue) {
        std::array<rte_mbuf*, 32> frames;
        const uint16_t count = ports_[from].receive(queue, frames.data(), frames.size());
        for (uint16_t i = 0; i < count; ++i) forward(frames[i], from);
        idle &= count == 0;
      }
    if (idle) std::this_thread::yield();
  }

  void forward(rte_mbuf* frame, size_t from) {
    const auto* bytes = rte_pktmbuf_mtod(frame, const uint8_t*);
    for (size_t to = 0; to < ports_.size() && !deaf; ++to) {
      const bool group = (bytes[0] & 1) != 0;
      if (to == from || (!group && bytes[5] != to + 1)) continue;
      rte_mbuf* copy = rte_pktmbuf_copy(frame, pool_, 0, UINT32_MAX);
      if (copy != nullptr && ports_[to].transmit(queue_of(bytes), &copy, 1) == 0) rte_pktmbuf_free(copy);
    }
    rte_pktmbuf_free(frame);
  }

  uint16_t queue_of(const uint8_t* frame) const {
    constexpr size_t kIpProtocol = 23, kUdpSource = 34;
    constexpr uint8_t kUdp = 17;
    const uint16_t hash = frame[kIpProtocol] == kUdp ? frame[kUdpSource + 1] : queues_ - 1;
    return hash % queues_;
  }

  rte_mempool* pool_;
  const uint16_t queues_;
  std::vector<EthernetPort> ports_;
  std::atomic<bool> quit_{false};
  std::thread thread_;
};

class LabAgentTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    EalOptions options;
    options.cores = {usable_cores().back(), usable_cores().front()};
    options.memory_mb = 256;
    auto eal = start_eal(options);
    ASSERT_TRUE(eal) << eal.error();
    auto pool = make_frame_pool("frames", 8'192, kFrame);
    ASSERT_TRUE(pool) << pool.error();
    pool_ = pool->release();
    clock_ = new TscClock(TscClock::calibrate());
    for (const unsigned worker : eal->workers) {
      loops_.push_back(new LcoreLoop(*clock_));
      rte_eal_remote_launch(
          [](void* loop) {
            static_cast<LcoreLoop*>(loop)->run();
            return 0;
          },
          loops_.back(), worker);
    }
  }

  static void TearDownTestSuite() {
    for (LcoreLoop* const loop : loops_) loop->quit();
    rte_eal_mp_wait_lcore();
  }

  void SetUp() override { start({}); }
  void start(const IcrcShortcuts& icrc, std::optional<CaptureFolder> captures = {}, uint16_t queues = 1) {
    TearDown();
    forwarder_ = std::make_unique<Forwarder>(pool_, kHosts, queues);
    AgentResources resources;
    resources.icrc = icrc;
    resources.captures = std::move(captures);
    resources.name = "left";
    resources.pool = pool_;
    resources.lcores.assign(loops_.begin(), loops_.begin() + queues);
    resources.queues = queues;
    resources.arp_patience = SimTime::milliseconds(300);
    for (uint32_t i = 0; i < kHosts; ++i)
      resources.ports.push_back(
          std::move(*EthernetPort::open(fmt::format("ring:h{},a", i), queues, kFrame, pool_)));
    agent_ = std::make_unique<LabAgent>(std::move(resources), *clock_);
  }
  void TearDown() override {
    agent_.reset();
    forwarder_.reset();
  }

  RunStatus run_to_end() {
    EXPECT_TRUE(agent_->start(clock_->to_raw_ns(clock_->now()) + 10'000'000));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    RunStatus status = agent_->status();
    while (!status.complete && status.failure.empty() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      status = agent_->status();
    }
    return status;
  }

  static uint64_t counter(const control::Measurements& m, const std::string& name) {
    uint64_t sum = 0;
    for (const control::Value& c : m.counters())
      if (c.name().size() > name.size() && c.name().substr(c.name().size() - name.size() - 1) == "." + name)
        sum += std::stoull(c.text());
    return sum;
  }

  static rte_mempool* pool_;
  static TscClock* clock_;
  static std::vector<LcoreLoop*> loops_;
  std::unique_ptr<Forwarder> forwarder_;
  std::unique_ptr<LabAgent> agent_;
};

rte_mempool* LabAgentTest::pool_ = nullptr;
TscClock* LabAgentTest::clock_ = nullptr;
std::vector<LcoreLoop*> LabAgentTest::loops_;

TEST_F(LabAgentTest, RunsAnAllReduceAndAnIncast) {
  control::Plan plan = plan_of_hosts(kHosts, "left");
  plan.set_sample_interval_ps(SimTime::milliseconds(1).ps);
  plan.set_sampled_queue_pairs(2);
  add_job(plan, "ring", all_reduce(kHosts, 500'000)).set_iterations(2);
  add_job(plan, "incast", incast(kHosts - 1, 200'000));
  const auto prepared = agent_->prepare(plan, kNever);
  ASSERT_TRUE(prepared) << prepared.error();
  const RunStatus end = run_to_end();
  EXPECT_EQ(end.failure, "");
  ASSERT_TRUE(end.complete);
  EXPECT_EQ(end.progress.fraction(), 1);
  agent_->stop("");
  const auto m = agent_->collect();
  ASSERT_TRUE(m) << m.error();
  EXPECT_TRUE(m->valid()) << m->invalid_because();

  const auto record = record::decode_record(m->record(), "test");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->jobs.size(), 2u);
  EXPECT_EQ(record->ports.size(), kHosts);
  EXPECT_EQ(record->ports[3].name, "host3:nic0");
  EXPECT_EQ(record->iterations.size(), 3u * kHosts);
  EXPECT_GT(record->duration.ps, 0);

  // 2 * (n - 1) chunks from each rank in each iteration, and the incast's messages; each has both halves
  // here.
  constexpr uint32_t kMessages = 2 * 2 * (kHosts - 1) * kHosts + (kHosts - 1);
  ASSERT_EQ(m->messages_size(), static_cast<int>(kMessages));
  uint64_t bytes = 0;
  for (const control::MessageHalf& half : m->messages()) {
    EXPECT_TRUE(half.sent());
    EXPECT_LT(half.posted_ps(), half.received_ps());
    EXPECT_LE(half.received_ps(), half.acked_ps());
    bytes += half.bytes();
  }
  EXPECT_EQ(bytes, 2ull * 2 * (kHosts - 1) * 500'000 + (kHosts - 1) * 200'000);
  EXPECT_EQ(counter(*m, "rx_data_packets"), counter(*m, "tx_data_packets"));
  EXPECT_EQ(counter(*m, "lost"), 0u);
  ASSERT_EQ(record->rates.size(), 2u);
  for (const record::RateSamples& rates : record->rates) {
    EXPECT_EQ(rates.src_rank, rates.port);  // a rank a host, a NIC each
    EXPECT_FALSE(rates.rate_bps.empty());
  }
}

// Each NIC's queue pairs on two lcores, its ranks on one of them; half of the frames come in on the other's
// queue.
TEST_F(LabAgentTest, PlaysTwoQueuesAPortOnTwoLcores) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("agent-queues-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  start({}, CaptureFolder::open(folder).value(), 2);
  control::Plan plan = plan_of_hosts(kHosts, "left");
  plan.set_capture(true);
  plan.set_sample_interval_ps(SimTime::milliseconds(1).ps);
  plan.set_sampled_queue_pairs(64);
  add_job(plan, "ring", all_reduce(kHosts, 500'000)).set_iterations(2);
  add_job(plan, "incast", incast(kHosts - 1, 200'000));
  const auto prepared = agent_->prepare(plan, kNever);
  ASSERT_TRUE(prepared) << prepared.error();
  const RunStatus end = run_to_end();
  EXPECT_EQ(end.failure, "");
  ASSERT_TRUE(end.complete);
  EXPECT_EQ(end.progress.fraction(), 1);
  agent_->stop("");
  const auto m = agent_->collect();
  ASSERT_TRUE(m) << m.error();
  EXPECT_TRUE(m->valid()) << m->invalid_because();
  EXPECT_EQ(m->messages_size(), static_cast<int>(2 * 2 * (kHosts - 1) * kHosts + (kHosts - 1)));
  for (const control::MessageHalf& half : m->messages()) EXPECT_LE(half.posted_ps(), half.received_ps());
  EXPECT_EQ(counter(*m, "reordered"), 0u);
  EXPECT_EQ(counter(*m, "unknown_queue_pair"), 0u);
  EXPECT_EQ(counter(*m, "rx_data_packets"), counter(*m, "tx_data_packets") - counter(*m, "lost"));
  const auto record = record::decode_record(m->record(), "test");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->ports.size(), kHosts);
  EXPECT_EQ(record->rates.size(), kHosts + (kHosts - 1));  // of every queue pair, whoever plays it
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2 * kHosts);
  std::filesystem::remove_all(folder);
}

// Frames from templates and frames from encode(), tagged and not, to a receiver that verifies every one.
TEST_F(LabAgentTest, DerivesIcrcsThatAreRight) {
  IcrcShortcuts derive;
  derive.derive = true;
  for (const uint32_t vlan : {0u, 100u}) {
    start(derive);
    control::Plan plan = plan_of_hosts(kHosts, "left");
    for (control::Endpoint& e : *plan.mutable_endpoints()) e.set_vlan(vlan);
    add_job(plan, "ring", all_reduce(kHosts, 500'000));
    add_job(plan, "incast", incast(kHosts - 1, 200'001));
    const auto prepared = agent_->prepare(plan, kNever);
    ASSERT_TRUE(prepared) << prepared.error();
    EXPECT_TRUE(run_to_end().complete);
    agent_->stop("");
    const auto m = agent_->collect();
    ASSERT_TRUE(m) << m.error();
    EXPECT_GT(counter(*m, "rx_data_packets"), 3'000u);
    EXPECT_GT(counter(*m, "acks_received"), 0u);
    EXPECT_EQ(counter(*m, "decode_errors.bad ICRC"), 0u);
    EXPECT_EQ(counter(*m, "decode_errors.bad IPv4 header checksum"), 0u);
    EXPECT_EQ(counter(*m, "icrc_unchecked"), 0u);
    EXPECT_EQ(counter(*m, "lost"), 0u);
  }
}

TEST_F(LabAgentTest, PlaysRunAfterRun) {
  for (int i = 0; i < 3; ++i) {
    control::Plan plan = plan_of_hosts(kHosts, "left");
    add_job(plan, "incast", incast(kHosts - 1, 50'000));
    ASSERT_TRUE(agent_->prepare(plan, kNever));
    EXPECT_TRUE(run_to_end().complete);
    EXPECT_TRUE(agent_->collect());
    agent_->release();
  }
}

TEST_F(LabAgentTest, CapturesEachNicInItsFolderAndNowhereElse) {
  control::Plan plan = plan_of_hosts(kHosts, "left");
  plan.set_capture(true);
  add_job(plan, "incast", incast(kHosts - 1, 50'000));
  EXPECT_THAT(agent_->prepare(plan, kNever).error(), HasSubstr("started without --capture-dir"));
  agent_->release();

  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("agent-captures-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  start({}, CaptureFolder::open(folder).value());
  const auto prepared = agent_->prepare(plan, kNever);
  ASSERT_TRUE(prepared) << prepared.error();
  EXPECT_TRUE(run_to_end().complete);
  const auto m = agent_->collect();
  ASSERT_TRUE(m) << m.error();
  EXPECT_TRUE(agent_->collect());  // whoever asks again gets the same
  std::set<std::string> sources;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    EXPECT_EQ(name.rfind("test-default-seed1-", 0), 0u) << name;
    sources.insert(name.substr(name.find('.')));
    EXPECT_GT(entry.file_size(), 10'000u);
    EXPECT_THAT(m->events(), ::testing::Contains("captured " + entry.path().string()));
  }
  EXPECT_THAT(sources, ::testing::ElementsAre(".host0-nic0.pcap", ".host1-nic0.pcap", ".host2-nic0.pcap",
                                              ".host3-nic0.pcap", ".host4-nic0.pcap"));
  std::filesystem::remove_all(folder);
}

TEST_F(LabAgentTest, SaysWhomItCannotReach) {
  forwarder_->deaf = true;
  control::Plan plan = plan_of_hosts(kHosts, "left");
  add_job(plan, "incast", incast(kHosts - 1, 1'000));
  const auto prepared = agent_->prepare(plan, kNever);
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error(), HasSubstr("nobody answers ARP for 10.0.0."));
}

TEST_F(LabAgentTest, FailsWhereNothingArrives) {
  control::Plan plan = plan_of_hosts(kHosts, "left");
  control::Value& timeout = *plan.add_nic();
  timeout.set_name("ack_timeout");
  timeout.set_text("8");
  add_job(plan, "incast", incast(kHosts - 1, 1'000'000));
  ASSERT_TRUE(agent_->prepare(plan, kNever));
  forwarder_->deaf = true;
  const RunStatus end = run_to_end();
  EXPECT_FALSE(end.complete);
  EXPECT_THAT(end.failure, HasSubstr("job 'incast': the queue pair from rank"));
  agent_->stop(end.failure);
  const auto m = agent_->collect();
  ASSERT_TRUE(m);
  EXPECT_FALSE(m->valid());
  EXPECT_THAT(m->invalid_because(), HasSubstr("retry_cnt = 7"));
}

TEST_F(LabAgentTest, NamesThePortThatIsMissing) {
  control::Plan plan = plan_of_hosts(kHosts, "left");
  plan.mutable_endpoints(2)->set_port("af_packet:eth9");
  add_job(plan, "incast", incast(kHosts - 1, 1'000));
  const auto prepared = agent_->prepare(plan, kNever);
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error(), HasSubstr("host2:nic0 is to be played by port af_packet:eth9"));
}

TEST_F(LabAgentTest, MarksALateRunAsInvalid) {
  control::Plan plan = plan_of_hosts(kHosts, "left");
  plan.set_lateness_limit_ps(1);
  add_job(plan, "incast", incast(kHosts - 1, 100'000));
  ASSERT_TRUE(agent_->prepare(plan, kNever));
  EXPECT_TRUE(run_to_end().complete);
  const auto m = agent_->collect();
  ASSERT_TRUE(m);
  EXPECT_FALSE(m->valid());
  EXPECT_THAT(m->invalid_because(), HasSubstr("more than lateness_limit = 1ps"));
}

}  // namespace
}  // namespace railyard::lab
