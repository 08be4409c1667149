// SPDX-License-Identifier: GPL-2.0-only
#include "tests/validation/fabric_run.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ns3-modules/engine/model/reference-simulator-impl.h"
#include "ns3-modules/engine/model/window-simulator-impl.h"
#include "ns3/abort.h"
#include "ns3/global-value.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "traffic/fabric/fabric_builder.h"

namespace railyard {

// Posts the messages of the flows that start at its host, and notes what becomes of those that end there.
class FabricRun::Poster final : public ns3::HostApplication {
 public:
  explicit Poster(std::vector<FlowResult>& flows) : flows_(flows) {}

  void OnWake(SimTime, ns3::HostActions& actions) override { actions.posts = posts; }
  void OnMessageReceived(uint32_t flow, SimTime now, ns3::HostActions&) override {
    ++flows_[flow].received;
    flows_[flow].last_received = now;
  }
  void OnMessageAcked(uint32_t flow, SimTime, ns3::HostActions& actions) override {
    ++flows_[flow].acked;
    actions.finished = 1;
  }

  std::vector<ns3::HostActions::Post> posts;

 private:
  std::vector<FlowResult>& flows_;
};

namespace {

FabricPlan must_build(const FabricSettings& fabric) {
  auto plan = build_fabric(fabric);
  NS_ABORT_MSG_UNLESS(plan.has_value(), plan.error());
  return *std::move(plan);
}

}  // namespace

FabricRun::FabricRun(const FabricSettings& fabric, const ns3::RoceSettings& roce, Engine engine)
    : FabricRun(must_build(fabric), roce, engine) {}

FabricRun::FabricRun(FabricPlan plan, const ns3::RoceSettings& roce, Engine engine) : plan_(std::move(plan)) {
  if (ns3::Time::GetResolution() != ns3::Time::PS) ns3::Time::SetResolution(ns3::Time::PS);
  const ns3::TypeId type = engine == Engine::Window ? ns3::WindowSimulatorImpl::GetTypeId()
                                                    : ns3::ReferenceSimulatorImpl::GetTypeId();
  ns3::GlobalValue::Bind("SimulatorImplementationType", ns3::StringValue(type.GetName()));
  fabric_ = std::make_unique<ns3::RoceFabric>(plan_, roce);
  for (uint32_t host = 0; host < plan_.host_count; ++host)
    posters_.push_back(std::make_unique<Poster>(flows_));
}

FabricRun::~FabricRun() {
  ns3::Simulator::Destroy();
}

uint32_t FabricRun::add_flow(uint32_t source, uint32_t destination, Bytes message, uint32_t count) {
  const uint32_t flow = fabric_->AddFlow(source * plan_.nics_per_host, destination * plan_.nics_per_host);
  flows_.emplace_back().source = source;
  messages_.push_back(count);
  posters_[source]->posts.insert(posters_[source]->posts.end(), count, {flow, message.n});
  return flow;
}

void FabricRun::install() {
  for (uint32_t host = 0; host < plan_.host_count; ++host)
    fabric_->SetApplication(host, posters_[host].get());
  fabric_->Install();
  ns3::FabricSimulatorImpl::Get()->SetExpectedFinishes(
      std::accumulate(messages_.begin(), messages_.end(), uint64_t{0}));
  installed_ = true;
}

void FabricRun::sample_queue(uint32_t node, uint32_t port, SimTime from, SimTime interval) {
  queue_.node = node;
  queue_.port = port;
  queue_.interval = interval;
  ns3::Simulator::Schedule(ns3::TimeStep(from.ps), &FabricRun::sample, this);
}

void FabricRun::sample() {
  queue_.samples.push_back(fabric_->QueuedBytes(queue_.node, queue_.port));
  ns3::Simulator::Schedule(ns3::TimeStep(queue_.interval.ps), &FabricRun::sample, this);
}

void FabricRun::run_until(SimTime end) {
  if (!installed_) install();
  ns3::Simulator::Stop(ns3::TimeStep((end - now()).ps));
  ns3::Simulator::Run();
}

SimTime FabricRun::now() const {
  return SimTime{ns3::Simulator::Now().GetTimeStep()};
}

bool FabricRun::complete() const {
  return std::equal(flows_.begin(), flows_.end(), messages_.begin(), messages_.end(),
                    [](const FlowResult& flow, uint32_t count) { return flow.acked == count; });
}

ns3::RocePortStatistics FabricRun::port(uint32_t node, uint32_t port) const {
  return fabric_->PortStatistics(node, port);
}

uint64_t FabricRun::drops() const {
  uint64_t drops = 0;
  for (uint32_t node = plan_.host_count; node < plan_.nodes.size(); ++node) {
    for (uint32_t p = 0; p < plan_.nodes[node].port_count; ++p) {
      const auto& reasons = port(node, p).switching.drops;
      drops = std::accumulate(reasons.begin(), reasons.end(), drops);
    }
  }
  return drops;
}

double FabricRun::mean_queue_bytes() const {
  const auto& samples = queue_.samples;
  return samples.empty()
             ? 0
             : std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

FabricSettings one_switch(uint32_t hosts, BitRate rate, SimTime propagation) {
  FabricSettings fabric;
  fabric.leaves = 1;
  fabric.spines = 0;
  fabric.hosts_per_leaf = hosts;
  fabric.link_rate = rate;
  fabric.link_delay = propagation;
  return fabric;
}

}  // namespace railyard
