// SPDX-License-Identifier: GPL-2.0-only
// Random fabrics, settings and flows, with losses, pauses and time-outs: both engines give the same result,
// and every message arrives unless its queue pair has failed.
#include <gtest/gtest.h>

#include <algorithm>

#include "ns3-modules/engine/model/fabric-simulator-impl.h"
#include "ns3-modules/roce/model/roce-event.h"
#include "tests/validation/fabric_run.h"
#include "traffic/fabric/fabric_builder.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr SimTime kEnd = SimTime::milliseconds(20);

// What a run came to; a failed queue pair may leave messages behind.
struct Outcome {
  std::vector<FlowResult> flows;
  std::vector<uint64_t> sent;  // frames, by node and port
  uint64_t drops = 0, retransmitted = 0, timeouts = 0, cnps = 0;
  bool complete = false;
  uint64_t failed_queue_pairs = 0;
};

class FailureCounter final : public ns3::DatapathObserver {
 public:
  void OnEvent(const ns3::DatapathEvent& event) override {
    failed += event.code == ns3::RoceEvent::QueuePairFailed ? 1 : 0;
    const bool ordered = event.time >= last_;
    EXPECT_TRUE(ordered) << "time went back from " << last_.ps << " to " << event.time.ps << " ps";
    last_ = event.time;
  }
  uint64_t failed = 0;

 private:
  SimTime last_;
};

FabricSettings draw_fabric(RandomStream& random) {
  FabricSettings fabric = one_switch(5, BitRate::gigabits(100), SimTime::nanoseconds(500));
  switch (random.below(3)) {
    case 0:
      break;
    case 1:
      fabric = {};
      fabric.kind = FabricKind::FatTree;
      fabric.hosts_per_leaf = 0;
      break;
    default:
      fabric = {};
      fabric.link_rate = BitRate::gigabits(random.below(2) == 0 ? 40 : 400);
  }
  fabric.link_delay = SimTime::nanoseconds(1 + random.below(3'000));
  return fabric;
}

ns3::RoceSettings draw_settings(RandomStream& random, uint64_t seed) {
  const auto nanoseconds = [&](uint32_t below) { return SimTime::nanoseconds(random.below(below)); };
  ns3::RoceSettings roce;
  roce.seed = seed;
  roce.nics.mtu = 1'024;
  roce.nics.ack_every = 1 + random.below(8);
  roce.nics.ack_timeout = 2 + random.below(5);  // 16 to 262 us: often shorter than a round trip
  roce.nics.ack_dscp = random.below(2) == 0 ? 26 : 48;
  roce.nics.congestion_control = random.below(2);
  roce.nics.nic_latency = nanoseconds(1'000);
  roce.nics.pfc_response_time = nanoseconds(2'000);
  SwitchSettings& s = roce.switches;
  s.pool_size = Bytes{20'000 + random.below(200'000)};
  s.pool_xoff = Bytes{random.below(2) == 0 ? 0 : 50'000u};
  s.xoff = Bytes{random.below(2) == 0 ? 0 : 5'000 + random.below(20'000)};
  s.size = Bytes{random.below(5'000)};
  s.xon = Bytes{random.below(5'000)};
  s.xon_offset = Bytes{random.below(5'000)};
  s.dynamic_th = static_cast<int32_t>(random.below(8)) - 5;
  s.lossy_dynamic_th = static_cast<int32_t>(random.below(8)) - 5;
  s.pause_quanta = random.below(2) == 0 ? 65'535 : 30 + random.below(1'000);
  s.pipeline_latency = nanoseconds(1'000);
  s.pfc_response_time = nanoseconds(2'000);
  if (random.below(4) == 0) s.pfc_enable = {};
  return roce;
}

// In a third of the runs the links of every switch drop, change, double, delay and reorder.
void draw_faults(uint64_t seed, const FabricSettings& fabric, ns3::RoceSettings& roce) {
  if (seed % 3 != 0) return;
  RandomStream random(seed, 1);
  const auto draw = [&random] {
    FaultSettings f;
    for (double* share : {&f.drop, &f.corrupt, &f.duplicate, &f.reorder}) *share = random.below(100) / 100.0;
    f.reorder_delay = SimTime::nanoseconds(random.below(10'000));
    f.delay = SimTime::nanoseconds(random.below(2'000));
    f.jitter = SimTime::nanoseconds(random.below(2'000));
    return f;
  };
  const auto plan = build_fabric(fabric);
  ASSERT_TRUE(plan.has_value());
  for (uint32_t node = plan->host_count; node < plan->nodes.size(); ++node)
    for (uint32_t port = 0; port < plan->nodes[node].port_count; ++port)
      roce.linkFaults[node].push_back({draw(), draw()});
}

Outcome run(uint64_t seed, FabricRun::Engine engine) {
  RandomStream random(seed, 0);
  const FabricSettings fabric = draw_fabric(random);
  ns3::RoceSettings settings = draw_settings(random, seed);
  draw_faults(seed, fabric, settings);
  FabricRun run(fabric, settings, engine);
  FailureCounter failures;
  ns3::FabricSimulatorImpl::Get()->SetObserver(&failures);
  const uint32_t hosts = run.plan().host_count;
  for (uint32_t flow = 0; flow < 24; ++flow) {
    const uint32_t source = 1 + random.below(hosts - 1);
    const uint32_t destination = random.below(2) == 0 ? 0 : (source + 1 + random.below(hosts - 1)) % hosts;
    const Bytes message = {random.below(60'000)};
    run.add_flow(source, destination, message, 1 + random.below(5));
  }
  run.run_until(kEnd);

  Outcome out;
  out.flows = run.flows();
  for (uint32_t node = 0; node < run.plan().nodes.size(); ++node) {
    for (uint32_t port = 0; port < run.plan().nodes[node].port_count; ++port)
      out.sent.push_back(run.port(node, port).sent.tx_packets);
  }
  const ns3::RoceTransportStatistics transport = run.transport();
  out.retransmitted = transport.retransmitted;
  out.timeouts = transport.timeouts;
  out.cnps = transport.cnps;
  out.drops = run.drops();
  out.complete = run.complete();
  out.failed_queue_pairs = failures.failed;
  ns3::FabricSimulatorImpl::Get()->SetObserver(nullptr);
  return out;
}

bool same(const FlowResult& a, const FlowResult& b) {
  return a.received == b.received && a.last_received == b.last_received && a.acked == b.acked;
}

TEST(Engines, AgreeOnRandomFabricsWithLossesPausesAndTimeOuts) {
  constexpr uint64_t kSeeds = 150;
  uint64_t with_drops = 0, with_timeouts = 0, with_cnps = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Outcome window = run(seed, FabricRun::Engine::Window);
    const Outcome reference = run(seed, FabricRun::Engine::Reference);
    ASSERT_TRUE(std::equal(window.flows.begin(), window.flows.end(), reference.flows.begin(), same));
    ASSERT_EQ(window.sent, reference.sent);
    ASSERT_EQ(window.drops, reference.drops);
    ASSERT_EQ(window.retransmitted, reference.retransmitted);
    ASSERT_EQ(window.timeouts, reference.timeouts);
    ASSERT_EQ(window.cnps, reference.cnps);
    ASSERT_EQ(window.failed_queue_pairs, reference.failed_queue_pairs);
    ASSERT_TRUE(window.complete || window.failed_queue_pairs > 0);
    with_drops += window.drops > 0 ? 1 : 0;
    with_timeouts += window.timeouts > 0 ? 1 : 0;
    with_cnps += window.cnps > 0 ? 1 : 0;
  }
  EXPECT_GT(with_drops, kSeeds / 4);
  EXPECT_GT(with_timeouts, kSeeds / 4);
  EXPECT_GT(with_cnps, kSeeds / 8);
}

}  // namespace
}  // namespace railyard
