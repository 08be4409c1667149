// SPDX-License-Identifier: GPL-2.0-only
#include "tests/differential/switch_run.h"

#include <memory>
#include <numeric>
#include <utility>

#include "ns3-modules/engine/model/reference-simulator-impl.h"
#include "ns3-modules/roce/model/faulty-node.h"
#include "ns3-modules/roce/model/switch-node.h"
#include "ns3/global-value.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

namespace railyard {
namespace {

class ScriptedHost : public ns3::RoceNode<ScriptedHost> {
 public:
  ScriptedHost(uint32_t id, std::vector<LeftPacket>& left)
      : RoceNode(id, std::vector<ns3::DatapathPort>(1), std::vector<uint16_t>{0}), left_(left) {}

  template <class Context>
  void OnArrival(Context&, ns3::DatapathPort&, const Packet& p, SimTime now) {
    LeftPacket left;
    left.at = now - kCable;
    left.is_pfc = p.kind == PacketKind::Pfc;
    left.number = p.psn;
    left.enable = left.is_pfc ? p.entropy : 0;
    left.tos = p.tos;
    left.corrupt = (p.flags & packet_flag::kCorrupt) != 0;
    left_.push_back(left);
  }
  template <class Context>
  void ServePort(Context&, ns3::DatapathPort&, SimTime) {}
  template <class Context>
  void OnTimer(Context& context, uint32_t, SimTime now) {
    Packet& sent = context.NextPacket(ports[0]);
    sent = script[next_++];
    context.Send(ports[0]);
    if (next_ < script.size()) schedule(context, now);
  }

  std::vector<Packet> script;  // time: at the switch, behind its pipeline

 private:
  template <class Context>
  void schedule(Context& context, SimTime now) {
    context.SetTimer(*this, std::max(now, script[next_].time - kCable), 0);
  }

  std::vector<LeftPacket>& left_;
  size_t next_ = 0;
};

// Endpoint i hangs on port i.
ns3::ForwardingTable forwarding_to(uint32_t ports) {
  FabricPlan plan;
  plan.host_count = ports;
  plan.nodes.resize(size_t{ports} + 1);
  FabricRoutes routes;
  for (uint32_t port = 0; port < ports; ++port) {
    plan.links.push_back({{port, 0}, {ports, port}, {}, {}});
    routes.group_of.push_back(static_cast<uint16_t>(port));
    routes.groups.push_back({static_cast<uint16_t>(port)});
  }
  return {std::make_shared<const ns3::EndpointPlaces>(plan), routes, 0};
}

// Of the next port's link, on its way to the switch.
void add_in(ns3::RoceNodeState& node, const FaultSettings& settings, RandomStream random) {
  ns3::FaultyEnd end{FaultyLink(random), FaultyLink(random)};
  end.in.set(settings);
  node.faultyEnds.push_back(std::move(end));
}

// The same on its way to the host.
void add_out(ns3::RoceNodeState& node, const FaultSettings& settings, RandomStream random) {
  ns3::FaultyEnd end{FaultyLink(random), FaultyLink(random)};
  end.out.set(settings);
  node.faultyEnds.push_back(std::move(end));
}

std::unique_ptr<ns3::SwitchNode> make_switch(const SwitchScript& script) {
  const auto count = static_cast<uint32_t>(script.ps_per_byte.size());
  std::vector<uint16_t> ranks(count);
  std::iota(ranks.begin(), ranks.end(), uint16_t{0});
  SwitchCore core(script.settings, std::vector<Bytes>(count, script.headroom), RandomStream(script.seed, 0));
  std::vector<ns3::DatapathPort> ports(count);
  std::unique_ptr<ns3::SwitchNode> made;
  if (script.faults.empty()) {
    made = std::make_unique<ns3::SwitchNode>(count, std::move(ports), ranks, std::move(core));
  } else {
    made =
        std::make_unique<ns3::FaultyNode<ns3::SwitchNode>>(count, std::move(ports), ranks, std::move(core));
    for (uint32_t port = 0; port < count; ++port)
      add_in(*made, script.faults[port].in, {script.seed, kFaultsIn + port});
  }
  made->forwarding = forwarding_to(count);
  return made;
}

void connect(ScriptedHost& host, ns3::SwitchNode& between, int64_t ps_per_byte, SimTime pipeline) {
  ns3::DatapathPort& at_host = host.ports[0];
  ns3::DatapathPort& at_switch = between.ports[host.id];
  at_host.peer = &at_switch;
  at_host.peerNode = between.id;
  at_host.latency = kCable + pipeline;
  at_switch.peer = &at_host;
  at_switch.peerNode = host.id;
  at_switch.latency = kCable;
  for (ns3::DatapathPort* port : {&at_host, &at_switch})
    port->ps_per_byte = static_cast<int32_t>(ps_per_byte);
}

SwitchPortResult result_of(const ns3::SwitchNode& node, uint32_t port, SimTime end) {
  SwitchPortResult result;
  result.drops = node.core.counters(port).drops;
  result.marked = node.core.counters(port).ecn_marked;
  result.pauses_sent = node.core.counters(port).pauses_sent;
  result.pauses = node.core.pauses(port).count();
  result.paused = node.core.pauses(port).total(end);
  result.max_queue_bytes = node.ports[port].counters.max_queue_bytes;
  return result;
}

}  // namespace

std::vector<SwitchPortResult> play_switch_in_ns3(const SwitchScript& script, SimTime end) {
  if (ns3::Time::GetResolution() != ns3::Time::PS) ns3::Time::SetResolution(ns3::Time::PS);
  ns3::GlobalValue::Bind("SimulatorImplementationType",
                         ns3::StringValue(ns3::ReferenceSimulatorImpl::GetTypeId().GetName()));
  const auto count = static_cast<uint32_t>(script.ps_per_byte.size());
  std::vector<std::vector<LeftPacket>> left(count);
  auto between = make_switch(script);
  const ns3::SwitchNode& node = *between;
  std::vector<const ns3::RoceNodeState*> hosts;
  std::vector<std::unique_ptr<ns3::DatapathNode>> nodes;
  std::vector<SimTime> starts(count, SimTime::never());
  for (uint32_t i = 0; i < count; ++i) {
    std::unique_ptr<ScriptedHost> host;
    if (script.faults.empty()) {
      host = std::make_unique<ScriptedHost>(i, left[i]);
    } else {
      host = std::make_unique<ns3::FaultyNode<ScriptedHost>>(i, left[i]);
      add_out(*host, script.faults[i].out, {script.seed, kFaultsOut + i});
    }
    hosts.push_back(host.get());
    for (const SentPacket& sent : script.packets) {
      if (sent.port != i) continue;
      host->script.push_back(sent.packet);
      host->script.back().time += script.settings.pipeline_latency;
    }
    if (!host->script.empty()) starts[i] = host->script.front().time - kCable;
    connect(*host, *between, script.ps_per_byte[i], script.settings.pipeline_latency);
    nodes.push_back(std::move(host));
  }
  nodes.push_back(std::move(between));
  ns3::Simulator::GetImplementation();
  ns3::FabricSimulatorImpl* engine = ns3::FabricSimulatorImpl::Get();
  engine->SetNodes(std::move(nodes));
  for (uint32_t i = 0; i < count; ++i)
    if (starts[i] != SimTime::never()) engine->SetNodeTimer(i, ns3::PicoSeconds(starts[i].ps), 0);
  ns3::Simulator::Stop(ns3::PicoSeconds(end.ps));
  ns3::Simulator::Run();
  std::vector<SwitchPortResult> results;
  for (uint32_t i = 0; i < count; ++i) {
    results.push_back(result_of(node, i, end));
    results.back().left = std::move(left[i]);
    if (script.faults.empty()) continue;
    results.back().in = node.faultyEnds[i].in.counters();
    results.back().out = hosts[i]->faultyEnds[0].out.counters();
  }
  ns3::Simulator::Destroy();
  return results;
}

}  // namespace railyard
