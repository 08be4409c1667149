// SPDX-License-Identifier: GPL-2.0-only
// The simulator's hosts and the agent's, with the ranks on them: given the same arrivals they post the same
// messages, ask for the same wake-ups and log the same spans, to the picosecond.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "dpdk-app/agent/host_lane.h"
#include "dpdk-app/control/control.pb.h"
#include "ns3-modules/replay/model/replay-host.h"
#include "tests/differential/host_world.h"
#include "traffic/pattern/trace/trace_file.h"
#include "traffic/pattern/workload/incast.h"
#include "traffic/pattern/workload/permutation.h"
#include "traffic/pattern/workload/single_collective.h"
#include "traffic/pattern/workload/training_step.h"
#include "traffic/run/compiled_run.h"
#include "traffic/units/random_stream.h"

namespace railyard {
namespace {

constexpr SimTime kEnd = SimTime::milliseconds(3);
constexpr SimTime kOrigin = SimTime::nanoseconds(12'345);  // of the run, on the agent's clock

record::Record record_of(const schedule::PlayedJobs& jobs, const std::vector<schedule::JobLog>& logs) {
  record::Record record;
  schedule::add_logs(jobs, logs, record);
  for (size_t j = 0; j < logs.size(); ++j)
    schedule::for_each_channel(
        *jobs.jobs[j].schedule, logs[j], [&](uint32_t, const schedule::ChannelLog& channel) {
          for (size_t i = 0; i < std::max(channel.sent.size(), channel.received.size()); ++i) {
            record::Message message;
            if (i < channel.sent.size()) {
              message.operation = channel.sent[i].operation;
              message.iteration = channel.sent[i].iteration;
              message.bytes = channel.sent[i].bytes;
              message.posted = channel.sent[i].posted;
            }
            message.received = i < channel.received.size() ? channel.received[i] : SimTime::never();
            message.acked = i < channel.acked.size() ? channel.acked[i] : SimTime::never();
            if (!channel.others.empty()) message.others = channel.others[i];
            record.messages.push_back(message);
          }
        });
  return record;
}

// What ns3::HostNode does for an application, but for the packets.
class SimulatedHosts final : public PlayedHosts {
 public:
  explicit SimulatedHosts(const RunInput& input)
      : run_(compile_run(input).value()), logs_(schedule::empty_logs(*run_.jobs)) {
    for (uint32_t host = 0; host < run_.fabric->host_count; ++host) {
      hosts_.push_back(std::make_unique<ns3::ReplayHost>(*run_.jobs, host, logs_));
      wakes_.push_back({SimTime{}});
    }
    finished_.resize(hosts_.size());
  }

  bool has_ranks(uint32_t host) const override { return !run_.jobs->ranks_of[host].empty(); }
  void wake(uint32_t host, SimTime now) override {
    act(host, [&](ns3::HostActions& actions) { hosts_[host]->OnWake(now, actions); });
    // What it asked for by now it has done at once.
    wakes_[host].erase(wakes_[host].begin(), wakes_[host].upper_bound(now));
  }
  void received(uint32_t host, uint32_t flow, SimTime now) override {
    act(host, [&](ns3::HostActions& actions) { hosts_[host]->OnMessageReceived(flow, now, actions); });
  }
  void acked(uint32_t host, uint32_t flow, SimTime now) override {
    act(host, [&](ns3::HostActions& actions) { hosts_[host]->OnMessageAcked(flow, now, actions); });
  }
  SimTime next_wake(uint32_t host) const override {
    return wakes_[host].empty() ? SimTime::never() : *wakes_[host].begin();
  }
  uint32_t finished(uint32_t host) const override { return finished_[host]; }
  record::Record log() const override { return record_of(*run_.jobs, logs_); }

  std::vector<FlowEnds> flows() const {
    std::vector<FlowEnds> flows;
    const uint32_t nics = run_.jobs->hosts.nics_per_host;
    for (uint32_t number = 0; number < run_.jobs->flow_count(); ++number) {
      const schedule::Flow flow = run_.jobs->flow(number);
      flows.push_back({flow.source / nics, flow.destination / nics});
    }
    return flows;
  }

 private:
  template <class Call>
  void act(uint32_t host, Call call) {
    ns3::HostActions actions;
    call(actions);
    for (const auto& post : actions.posts) posts.push_back({post.flow, post.bytes});
    for (const SimTime at : actions.wakeAt) wakes_[host].insert(at);
    finished_[host] += actions.finished;
  }

  const CompiledRun run_;
  std::vector<schedule::JobLog> logs_;
  std::vector<std::unique_ptr<ns3::ReplayHost>> hosts_;
  std::vector<std::set<SimTime>> wakes_;  // by host
  std::vector<uint32_t> finished_;        // by host
};

// A NIC that hands what is posted to the world.
class PostingNic final : public lab::PortPlayer {
 public:
  explicit PostingNic(std::vector<HostPost>& posts) : posts_(posts) {}
  bool poll() override { return false; }
  SimTime next_due() const override { return SimTime::never(); }
  void add_flows(const lab::LabPlan&, const lab::FlowTable&, lab::MessageEvents&) override {}
  void post(uint32_t flow, uint64_t bytes, SimTime) override { posts_.push_back({flow, bytes}); }
  void start(SimTime) override {}
  void stop() override {}
  void fall_silent() override {}
  void begin_probe(const lab::LabPlan&, const lab::control::Probe&, SimTime) override {}
  void end_probe(lab::control::ProbeResult&) override {}
  lab::AddressResolution& addresses() override { return addresses_; }
  const lab::NicCounters& counters() const override { return counters_; }
  uint64_t retransmitted() const override { return 0; }
  SimTime lateness_p99() const override { return {}; }
  lab::NicReport report() const override { return {}; }
  std::vector<const lab::PcapRing*> captures() const override { return {}; }

 private:
  std::vector<HostPost>& posts_;
  lab::AddressResolution addresses_{{}, 0, 0};
  lab::NicCounters counters_;
};

lab::control::Plan plan_of(const RunInput& input, uint32_t host_count) {
  lab::control::Plan plan;
  plan.set_scenario("test");
  plan.set_setting("default");
  plan.set_seed(input.seed);
  plan.set_nics_per_host(input.fabric.nics_per_host);
  plan.set_gpus_per_host(input.fabric.gpus_per_host);
  plan.set_scale_up_bps(input.fabric.scale_up_rate.bps);
  plan.set_scale_up_latency_ps(input.fabric.scale_up_latency.ps);
  for (uint32_t i = 0; i < host_count * input.fabric.nics_per_host; ++i) {
    lab::control::Endpoint& e = *plan.add_endpoints();
    e.set_host(i / input.fabric.nics_per_host);
    e.set_nic(i % input.fabric.nics_per_host);
    e.set_player("agent");
    e.set_ip(0x0a000001 + i);
    e.set_prefix_length(24);
    e.set_rate_bps(input.fabric.link_rate.bps);
    e.set_mac(std::string("\2\0\0\0\0", 5) + static_cast<char>(i + 1));
  }
  for (const JobInput& from : input.jobs) {
    lab::control::Job& job = *plan.add_jobs();
    job.set_name(from.name);
    job.set_trace(trace::encode_trace(*from.source).value());
    job.set_iterations(from.iterations);
    job.set_background(from.background);
    job.set_start_ps(from.start.ps);
    for (const schedule::RankLocation at : from.placement) {
      lab::control::Location& location = *job.add_placement();
      location.set_host(at.host);
      location.set_gpu(at.gpu);
    }
  }
  return plan;
}

class AgentHosts final : public PlayedHosts {
 public:
  AgentHosts(const RunInput& input, uint32_t host_count)
      : plan_(lab::compile_plan(plan_of(input, host_count)).value()),
        flows_(lab::FlowTable::of(plan_).value()),
        logs_(schedule::empty_logs(plan_.played)) {
    for (uint32_t host = 0; host < host_count; ++host) {
      lab::HostLane& lane = *hosts_.emplace_back(std::make_unique<lab::HostLane>(plan_, flows_, host, logs_));
      for (uint32_t nic = 0; nic < plan_.played.hosts.nics_per_host; ++nic)
        lane.add_nic(std::make_unique<PostingNic>(posts));
      lane.start(kOrigin);
    }
  }

  bool has_ranks(uint32_t host) const override { return hosts_[host]->ranks().has_ranks(); }
  void wake(uint32_t host, SimTime now) override { hosts_[host]->poll(now + kOrigin); }
  void received(uint32_t host, uint32_t flow, SimTime now) override {
    hosts_[host]->message_received(flow, now + kOrigin);
  }
  void acked(uint32_t host, uint32_t flow, SimTime now) override {
    hosts_[host]->message_acked(flow, now + kOrigin);
  }
  SimTime next_wake(uint32_t host) const override {
    const SimTime due = hosts_[host]->next_due();
    return due == SimTime::never() ? due : due - kOrigin;
  }
  uint32_t finished(uint32_t host) const override { return hosts_[host]->ranks().ranks_ended(); }
  record::Record log() const override { return record_of(plan_.played, logs_); }

 private:
  lab::LabPlan plan_;
  lab::FlowTable flows_;
  std::vector<schedule::JobLog> logs_;
  std::vector<std::unique_ptr<lab::HostLane>> hosts_;
};

trace::Trace draw_trace(RandomStream& random, uint32_t ranks) {
  switch (random.below(4)) {
    case 0: {
      IncastSettings settings;
      settings.senders = ranks - 1;
      settings.bytes = {1 + random.below(100'000)};
      settings.repeat = 1 + random.below(3);
      settings.gap = SimTime::nanoseconds(random.below(3'000));
      return make_incast(settings).value();
    }
    case 1: {
      PermutationSettings settings;
      settings.ranks = ranks;
      settings.bytes = {1 + random.below(100'000)};
      settings.repeat = 1 + random.below(3);
      settings.seed = random();
      return make_permutation(settings).value();
    }
    case 2: {
      SingleCollectiveSettings settings;
      settings.kind = random.below(5);
      settings.ranks = ranks;
      settings.bytes = {1 + random.below(1'000'000)};
      settings.iterations = 1 + random.below(2);
      return make_single_collective(settings).value();
    }
    default: {
      TrainingStepSettings settings;
      settings.ranks = ranks;
      settings.steps = 1 + random.below(2);
      settings.forward = SimTime::microseconds(1 + random.below(50));
      settings.backward = SimTime::microseconds(4 * (1 + random.below(20)));
      settings.optimizer = SimTime::microseconds(random.below(10));
      settings.bucket_bytes = {100'000};
      settings.all_to_all_bytes = {random.below(2) * 10'000};
      settings.skew = SimTime::microseconds(random.below(20));
      settings.seed = random();
      return make_training_step(settings).value();
    }
  }
}

RunInput draw_run(uint64_t seed) {
  RandomStream random(seed, 1);
  RunInput input;
  input.seed = seed;
  input.fabric.kind = FabricKind::SingleSwitch;
  input.fabric.hosts_per_leaf = 2 + random.below(4);
  input.fabric.gpus_per_host = 1 + random.below(4);
  const bool scale_up = random.below(3) != 0;
  input.fabric.nics_per_host = scale_up ? 1 + random.below(2) : input.fabric.gpus_per_host;
  input.fabric.scale_up_rate = scale_up ? BitRate::gigabits(1 + random.below(400)) : BitRate{};
  input.fabric.scale_up_latency = SimTime::nanoseconds(random.below(2'000));
  const uint32_t slots = input.fabric.hosts_per_leaf * input.fabric.gpus_per_host;
  const uint32_t jobs = 1 + random.below(4);
  for (uint32_t j = 0; j < jobs; ++j) {
    JobInput job;
    job.name = "job" + std::to_string(j);
    const uint32_t ranks = 2 + random.below(slots - 1);
    job.source = trace::HeldTrace::of(draw_trace(random, ranks)).value();
    schedule::Placement placement;
    placement.strategy = static_cast<schedule::PlacementStrategy>(random.below(3));
    placement.seed = random();
    schedule::Cluster cluster;
    cluster.host_count = input.fabric.hosts_per_leaf;
    cluster.gpus_per_host = input.fabric.gpus_per_host;
    job.placement = schedule::place(placement, ranks, cluster).value();
    job.iterations = 1 + random.below(3);
    job.background = j != 0 && random.below(3) == 0;
    job.start = SimTime::nanoseconds(random.below(2) * random.below(100'000));
    input.jobs.push_back(std::move(job));
  }
  return input;
}

void expect_equal(const record::Record& a, const record::Record& b) {
  const auto span = [](const record::Span& s) {
    return std::make_tuple(s.operation, s.iteration, s.rank, s.start.ps, s.end.ps);
  };
  const auto iteration = [](const record::Iteration& i) {
    return std::make_tuple(i.job, i.iteration, i.rank, i.start.ps, i.end.ps);
  };
  const auto message = [](const record::Message& m) {
    return std::make_tuple(m.operation, m.iteration, m.bytes, m.posted.ps, m.received.ps, m.acked.ps);
  };
  ASSERT_EQ(a.spans.size(), b.spans.size());
  for (size_t i = 0; i < a.spans.size(); ++i) ASSERT_EQ(span(a.spans[i]), span(b.spans[i]));
  ASSERT_EQ(a.iterations.size(), b.iterations.size());
  for (size_t i = 0; i < a.iterations.size(); ++i)
    ASSERT_EQ(iteration(a.iterations[i]), iteration(b.iterations[i]));
  ASSERT_EQ(a.messages.size(), b.messages.size());
  for (size_t i = 0; i < a.messages.size(); ++i) ASSERT_EQ(message(a.messages[i]), message(b.messages[i]));
}

class Hosts : public testing::TestWithParam<uint64_t> {};

TEST_P(Hosts, DoTheSameInSimulationAndLab) {
  const RunInput input = draw_run(GetParam());
  SimulatedHosts simulated(input);
  const std::vector<FlowEnds> flows = simulated.flows();
  AgentHosts agent(input, input.fabric.hosts_per_leaf);
  const auto expected = play(simulated, input.fabric.hosts_per_leaf, flows, input.seed, kEnd);
  const auto actual = play(agent, input.fabric.hosts_per_leaf, flows, input.seed, kEnd);
  ASSERT_GT(expected.size(), input.jobs.size());
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(expected[i], actual[i]) << "step " << i << " at " << format(expected[i].time);
  expect_equal(simulated.log(), agent.log());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Hosts, testing::Range(uint64_t{1}, uint64_t{201}));

}  // namespace
}  // namespace railyard
