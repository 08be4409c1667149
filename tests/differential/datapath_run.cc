// SPDX-License-Identifier: GPL-2.0-only
#include "tests/differential/datapath_run.h"

#include <memory>
#include <vector>

#include "ns3-modules/engine/model/reference-simulator-impl.h"
#include "ns3-modules/engine/model/window-simulator-impl.h"
#include "ns3-modules/roce/model/host-node.h"
#include "ns3/global-value.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "traffic/protocol/transport/nic_layout.h"

namespace railyard {
namespace {

using Host = ns3::HostNode;

enum Node : uint32_t { SenderNode, ReceiverNode, TapNode };

// Passes packets on after a fixed time; it has no transmitter that could be busy.
class Tap final : public ns3::DatapathNode {
 public:
  Tap(std::vector<ns3::DatapathPort>&& ports, Wiretap& tap)
      : DatapathNode(TapNode, std::move(ports), {0, 1}), tap_(tap) {}

  void RunWindow(ns3::WindowContext& context) override { ns3::RunNodeWindow(*this, context); }
  void RunEvent(ns3::ReferenceContext& context, const ns3::ReferenceEvent& event) override {
    ns3::RunNodeEvent(*this, context, event);
  }

  // NOLINTBEGIN(readability-identifier-naming): the engines call them so.
  template <class Context>
  void OnArrival(Context& context, ns3::DatapathPort& in, const Packet& packet, SimTime now) {
    const Way direction = in.index == SenderNode ? Way::ToReceiver : Way::ToSender;
    const Wiretap::Verdict v = tap_.see(direction, packet, now.ps);
    if (v.drop) return;
    ns3::DatapathPort& out = ports[in.index == SenderNode ? ReceiverNode : SenderNode];
    Packet& sent = context.NextPacket(out);
    sent = packet;
    if (v.mark) sent.tos |= ecn::kCe;
    sent.time = now + out.latency;
    context.Send(out);
  }
  template <class Context>
  void OnTransmitEnd(Context&, ns3::DatapathPort&, SimTime) {}
  // Its id is the number of a pause.
  template <class Context>
  void OnTimer(Context& context, uint32_t id, SimTime now) {
    const Pause& pause = tap_.faults().pauses[id];
    ns3::DatapathPort& out = ports[pause.direction == Way::ToReceiver ? SenderNode : ReceiverNode];
    Packet& sent = context.NextPacket(out);
    sent = {};
    sent.kind = PacketKind::Pfc;
    sent.psn = pause.quanta;
    sent.entropy = 1u << pause.priority;
    sent.frame_bytes = wire::kPfcFrame;
    sent.time = now + out.latency;
    context.Send(out);
  }
  // NOLINTEND(readability-identifier-naming)

 private:
  Wiretap& tap_;
};

class Application final : public ns3::HostApplication {
 public:
  Application(const Scenario& scenario, Transcript& transcript)
      : scenario_(scenario), transcript_(transcript) {}

  void OnWake(SimTime, ns3::HostActions& actions) override {
    for (uint32_t flow = 0; flow < scenario_.flows(); ++flow)
      for (uint64_t bytes : scenario_.messages[flow]) actions.posts.push_back({flow, bytes});
  }
  void OnMessageReceived(uint32_t flow, SimTime now, ns3::HostActions&) override {
    transcript_.received_ps[flow].push_back(now.ps);
  }
  void OnMessageAcked(uint32_t flow, SimTime now, ns3::HostActions&) override {
    transcript_.acked_ps[flow].push_back(now.ps);
  }

 private:
  const Scenario& scenario_;
  Transcript& transcript_;
};

std::unique_ptr<Host> make_host(Node node, const NicRules& rules) {
  auto host = std::make_unique<Host>(node, std::vector<ns3::DatapathPort>(1), std::vector<uint16_t>{0});
  host->pauses.resize(1);
  for (uint8_t priority = 0; priority < kPriorities; ++priority)
    host->pauseRules.queue_of_pfc[priority] = priority;
  host->nics.resize(1);
  host->rules = &rules;
  return host;
}

void connect(ns3::DatapathNode& host, ns3::DatapathNode& tap, const Scenario& scenario) {
  ns3::DatapathPort& at_host = host.ports[0];
  ns3::DatapathPort& at_tap = tap.ports[host.id];
  at_host.peer = &at_tap;
  at_host.peerNode = tap.id;
  at_host.latency = scenario.propagation;
  at_tap.peer = &at_host;
  at_tap.peerNode = host.id;
  at_tap.latency = scenario.propagation + scenario.nic.nic_latency;
  for (ns3::DatapathPort* port : {&at_host, &at_tap})
    port->ps_per_byte = static_cast<int32_t>(scenario.rate.ps_per_byte());
}

// As control events, which see every node at their instant.
struct Sampling {
  const std::vector<ns3::FlowSender>& senders;
  record::RateSampler sampler;

  void schedule() {
    if (sampler.next() == SimTime::never()) return;
    const SimTime now{ns3::Simulator::Now().GetTimeStep()};
    ns3::Simulator::Schedule(ns3::PicoSeconds((sampler.next() - now).ps), &Sampling::sample, this);
  }
  void sample() {
    sampler.sample([this](uint32_t flow, SimTime at) { return senders[flow].rate.at(at); });
    schedule();
  }
};

void choose(Engine engine) {
  if (ns3::Time::GetResolution() != ns3::Time::PS) ns3::Time::SetResolution(ns3::Time::PS);
  const ns3::TypeId type = engine == Engine::Window ? ns3::WindowSimulatorImpl::GetTypeId()
                                                    : ns3::ReferenceSimulatorImpl::GetTypeId();
  ns3::GlobalValue::Bind("SimulatorImplementationType", ns3::StringValue(type.GetName()));
}

}  // namespace

Transcript play_in_ns3(const Scenario& scenario, Engine engine) {
  Transcript transcript;
  transcript.received_ps.resize(scenario.flows());
  transcript.acked_ps.resize(scenario.flows());
  Wiretap wiretap(scenario.faults, transcript.packets);
  Application application(scenario, transcript);
  const NicRules rules = nic_rules_of(scenario.nic, QosMaps());
  auto sender = make_host(SenderNode, rules);
  auto receiver = make_host(ReceiverNode, rules);
  auto tap = std::make_unique<Tap>(std::vector<ns3::DatapathPort>(2), wiretap);
  connect(*sender, *tap, scenario);
  connect(*receiver, *tap, scenario);

  std::vector<ns3::FlowSender> senders(scenario.flows());
  std::vector<ns3::FlowReceiver> receivers(scenario.flows());
  for (uint32_t flow = 0; flow < scenario.flows(); ++flow) {
    const FlowClass of = scenario.class_of(flow);
    senders[flow].queue.flow = flow;
    senders[flow].queue.start_at(scenario.first_psn);
    senders[flow].lay_out(of, sender->nics[0].senderStates, scenario.rate);
    receivers[flow].queue.expected_psn = scenario.first_psn;
    receivers[flow].control.start(*of.algorithm, of.settings, 0, receiver->nics[0].receiverStates);
  }
  for (Host* host : {sender.get(), receiver.get()}) {
    host->senders = senders.data();
    host->receivers = receivers.data();
    host->application = &application;
  }
  const Host* const sending = sender.get();

  choose(engine);
  std::vector<std::unique_ptr<ns3::DatapathNode>> nodes;
  nodes.push_back(std::move(sender));
  nodes.push_back(std::move(receiver));
  nodes.push_back(std::move(tap));
  ns3::Simulator::GetImplementation();
  ns3::FabricSimulatorImpl::Get()->SetNodes(std::move(nodes));
  ns3::FabricSimulatorImpl::Get()->SetNodeTimer(SenderNode, ns3::PicoSeconds(scenario.posted_at.ps),
                                                Host::StartTimer());
  for (uint32_t i = 0; i < scenario.faults.pauses.size(); ++i)
    ns3::FabricSimulatorImpl::Get()->SetNodeTimer(TapNode, ns3::PicoSeconds(scenario.faults.pauses[i].at.ps),
                                                  i);
  Sampling sampling{
      senders,
      {record::sampled_queue_pairs(scenario.flows(), scenario.flows()), scenario.sample_interval, SimTime{}}};
  sampling.schedule();
  if (scenario.sampled_for != SimTime::never())
    ns3::Simulator::Stop(ns3::PicoSeconds(scenario.sampled_for.ps));
  ns3::Simulator::Run();
  transcript.rates = sampling.sampler.samples();
  for (const ns3::FlowSender& flow : senders) transcript.retransmitted += flow.queue.retransmitted;
  transcript.timeouts = sending->timeouts;
  ns3::Simulator::Destroy();
  return transcript;
}

}  // namespace railyard
