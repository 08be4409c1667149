// SPDX-License-Identifier: GPL-2.0-only
#include "roce-fabric.h"

#include "faulty-node.h"

#include "ns3-modules/engine/model/fabric-simulator-impl.h"
#include "traffic/protocol/switching/headroom.h"
#include "traffic/units/random_stream.h"

#include "ns3/abort.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ns3
{

using railyard::RandomStream;

namespace
{

// Streams of random numbers drawn from a run's seed: one a purpose, so that one more draw here
// changes nothing there.
enum Stream : uint64_t
{
    MarkingStream = 1ull << 32,
    TieStream = 2ull << 32,
    HashStream = 3ull << 32,
    FlowStream = 4ull << 32,
    FaultStream = 5ull << 32,
};

/// A node, of which faulty links end at some of the fabric's if not at this one.
template <class Node, class... Arguments>
std::unique_ptr<Node>
MakeNode(bool faulty, Arguments&&... arguments)
{
    if (faulty)
    {
        return std::make_unique<FaultyNode<Node>>(std::forward<Arguments>(arguments)...);
    }
    return std::make_unique<Node>(std::forward<Arguments>(arguments)...);
}

} // namespace

RoceFabric::RoceFabric(const railyard::FabricPlan& plan, const RoceSettings& settings)
    : m_plan(plan),
      m_settings(settings),
      m_hostLayout({settings.nics, settings.congestion, settings.switches.maps}),
      m_hostExceptions(settings.hostExceptions.begin(), settings.hostExceptions.end()),
      m_switches(plan.nodes.size(), nullptr),
      m_hosts(plan.host_count, nullptr)
{
    std::vector<std::vector<DatapathPort>> ports = WirePorts();
    const auto places = std::make_shared<const EndpointPlaces>(plan);
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        std::unique_ptr<RoceNodeState> made;
        if (node >= plan.host_count)
        {
            auto madeSwitch = MakeSwitch(node, std::move(ports[node]), places);
            m_switches[node] = madeSwitch.get();
            made = std::move(madeSwitch);
        }
        else
        {
            auto host = MakeHost(node, std::move(ports[node]));
            m_hosts[node] = host.get();
            made = std::move(host);
        }
        m_nodes.push_back(made.get());
        m_owned.push_back(std::move(made));
    }
    if (!m_settings.linkFaults.empty())
    {
        SetFaults();
    }
}

RoceFabric::~RoceFabric() = default;

void
RoceFabric::SetFaults()
{
    const auto of = [this](uint32_t node, uint32_t port)
    {
        const auto found = m_settings.linkFaults.find(node);
        return found == m_settings.linkFaults.end() ? railyard::PortFaults{} : found->second[port];
    };
    for (RoceNodeState* node : m_nodes)
    {
        for (const DatapathPort& port : node->ports)
        {
            const railyard::FaultSettings in = of(node->id, port.index).in;
            const uint64_t stream = FaultStream + (uint64_t{node->id} << 8) + port.index;
            FaultyEnd end{railyard::FaultyLink(RandomStream(m_settings.seed, stream))};
            end.link.set(in.any() ? in : of(port.peerNode, port.peer->index).out);
            node->faultyEnds.push_back(std::move(end));
        }
    }
}

std::vector<std::vector<DatapathPort>>
RoceFabric::WirePorts()
{
    std::vector<std::vector<DatapathPort>> ports(m_plan.nodes.size());
    for (uint32_t node = 0; node < ports.size(); ++node)
    {
        ports[node] = std::vector<DatapathPort>(m_plan.nodes[node].port_count);
    }
    const auto direct =
        [&](const railyard::FabricLink& link, railyard::FabricPort from, railyard::FabricPort to)
    {
        const bool toHost = to.node < m_plan.host_count;
        const SimTime fixed = toHost ? m_settings.NicsAt(to.node).nic_latency
                                     : m_settings.SwitchAt(to.node).pipeline_latency;
        DatapathPort& sender = ports[from.node][from.port];
        sender.latency = link.propagation + fixed;
        sender.ps_per_byte = static_cast<int32_t>(link.rate.ps_per_byte());
        sender.peerNode = to.node;
        sender.peer = &ports[to.node][to.port];
    };
    for (const railyard::FabricLink& link : m_plan.links)
    {
        direct(link, link.a, link.b);
        direct(link, link.b, link.a);
    }
    return ports;
}

std::vector<uint8_t>
RoceFabric::TieRanks(uint32_t node, uint32_t ports) const
{
    std::vector<uint8_t> ranks(ports);
    std::iota(ranks.begin(), ranks.end(), uint8_t{0});
    RandomStream random(m_settings.seed, TieStream + node);
    for (uint32_t i = ports; i > 1; --i)
    {
        std::swap(ranks[i - 1], ranks[random.below(i)]);
    }
    return ranks;
}

railyard::Bytes
RoceFabric::Headroom(uint32_t node, const DatapathPort& port) const
{
    const railyard::SwitchSettings& s = m_settings.SwitchAt(node);
    const railyard::SwitchSettings& peerSwitch = m_settings.SwitchAt(port.peerNode);
    const railyard::NicSettings& nic = m_settings.NicsAt(port.peerNode);
    const bool fromHost = port.peerNode < m_plan.host_count;
    const SimTime peerLatency = fromHost ? nic.nic_latency : peerSwitch.pipeline_latency;
    const railyard::PausedLink link =
        railyard::paused_link(railyard::BitRate::of_ps_per_byte(port.ps_per_byte),
                              port.latency - peerLatency,
                              s.pipeline_latency,
                              peerLatency,
                              fromHost ? nic.pfc_response_time : peerSwitch.pfc_response_time,
                              railyard::wire::data_frame_bytes(m_settings.LargestMtu(), true));
    return railyard::simulated_headroom(link);
}

std::unique_ptr<SwitchNode>
RoceFabric::MakeSwitch(uint32_t node,
                       std::vector<DatapathPort>&& ports,
                       const std::shared_ptr<const EndpointPlaces>& places)
{
    const railyard::SwitchSettings& s = m_settings.SwitchAt(node);
    const auto count = static_cast<uint32_t>(ports.size());
    std::vector<railyard::Bytes> headrooms;
    for (const DatapathPort& port : ports)
    {
        headrooms.push_back(Headroom(node, port));
    }
    railyard::SwitchCore core(s, headrooms, RandomStream(m_settings.seed, MarkingStream + node));
    auto made = MakeNode<SwitchNode>(!m_settings.linkFaults.empty(),
                                     node,
                                     std::move(ports),
                                     TieRanks(node, count),
                                     std::move(core));
    made->forwarding = ForwardingTable(
        places, m_plan.routes[node], RandomStream(m_settings.seed, HashStream + node)());
    return made;
}

const HostLayout&
RoceFabric::LayoutOf(uint32_t host) const
{
    const auto exception = m_hostExceptions.find(host);
    return exception == m_hostExceptions.end() ? m_hostLayout : exception->second;
}

std::unique_ptr<HostNode>
RoceFabric::MakeHost(uint32_t node, std::vector<DatapathPort>&& ports)
{
    const HostLayout& layout = LayoutOf(node);
    const auto count = static_cast<uint32_t>(ports.size());
    auto made = MakeNode<HostNode>(
        !m_settings.linkFaults.empty(), node, std::move(ports), TieRanks(node, count));
    made->pauses.resize(count);
    made->pauseRules = layout.pauseRules;
    made->settings = &layout.settings;
    made->nics.resize(count);
    return made;
}

uint32_t
RoceFabric::AddFlow(uint32_t sourceEndpoint,
                    uint32_t destinationEndpoint,
                    const RoceFlowClass& flowClass)
{
    NS_ABORT_MSG_UNLESS(
        sourceEndpoint < m_plan.endpoint_count() && destinationEndpoint < m_plan.endpoint_count() &&
            sourceEndpoint != destinationEndpoint,
        "AddFlow: endpoints " << sourceEndpoint << " and " << destinationEndpoint << " of "
                              << m_plan.endpoint_count() << " must exist and differ");
    const auto flow = static_cast<uint32_t>(m_senders.size());
    RandomStream random(m_settings.seed, FlowStream + flow);
    const uint32_t host = sourceEndpoint / m_plan.nics_per_host;

    FlowSender sender;
    sender.queue.flow = flow;
    sender.queue.dst = destinationEndpoint;
    sender.queue.entropy = random();
    sender.port = static_cast<uint16_t>(sourceEndpoint % m_plan.nics_per_host);
    HostNode& from = *m_hosts[host];
    const auto line = railyard::BitRate::of_ps_per_byte(from.ports[sender.port].ps_per_byte);
    sender.start(
        LayoutOf(host).ClassOf(flowClass), from.nics[sender.port].senderStates, line, SimTime{});
    m_senders.push_back(std::move(sender));

    FlowReceiver receiver;
    receiver.replyTo = sourceEndpoint;
    receiver.replyEntropy = random();
    const uint32_t destination = destinationEndpoint / m_plan.nics_per_host;
    receiver.port = static_cast<uint16_t>(destinationEndpoint % m_plan.nics_per_host);
    const railyard::FlowClass received = LayoutOf(destination).ClassOf(flowClass);
    receiver.control.start(*received.algorithm,
                           received.settings,
                           sourceEndpoint,
                           m_hosts[destination]->nics[receiver.port].receiverStates);
    m_receivers.push_back(receiver);
    if (m_installed)
    {
        SetFlows();
    }
    return flow;
}

void
RoceFabric::SetApplication(uint32_t host, HostApplication* application)
{
    m_hosts[host]->application = application;
}

void
RoceFabric::Install()
{
    FabricSimulatorImpl* engine = FabricSimulatorImpl::Get();
    NS_ABORT_MSG_UNLESS(
        engine != nullptr,
        "The simulator in use cannot run a RoCE fabric: bind SimulatorImplementationType to "
        "ns3::WindowSimulatorImpl before the simulation is set up");
    SetFlows();
    engine->SetNodes(std::move(m_owned));
    m_installed = true;
    for (uint32_t host = 0; host < m_hosts.size(); ++host)
    {
        if (m_hosts[host]->application != nullptr)
        {
            engine->SetNodeTimer(host, Time(0), HostNode::StartTimer());
        }
    }
}

void
RoceFabric::SetFlows()
{
    for (HostNode* host : m_hosts)
    {
        host->senders = m_senders.data();
        host->receivers = m_receivers.data();
    }
}

void
RoceFabric::WakeApplication(uint32_t host, const Time& time)
{
    FabricSimulatorImpl::Get()->SetNodeTimer(host, time, HostNode::StartTimer());
}

RocePortStatistics
RoceFabric::PortStatistics(uint32_t node, uint32_t port) const
{
    RocePortStatistics statistics;
    const DatapathPort& p = m_nodes[node]->ports[port];
    statistics.sent = p.counters;
    const SwitchNode* at = m_switches[node];
    if (at != nullptr)
    {
        statistics.switching = at->core.counters(port);
    }
    if (!m_nodes[node]->faultyEnds.empty())
    {
        const FaultyEnd& end = m_nodes[node]->faultyEnds[port];
        auto& drops = statistics.switching.drops;
        drops[static_cast<size_t>(railyard::DropReason::LinkFault)] = end.link.counters().dropped;
        drops[static_cast<size_t>(railyard::DropReason::BadIcrc)] = end.badIcrc;
    }
    const railyard::PauseState& pause =
        at != nullptr ? at->core.pauses(port) : m_nodes[node]->pauses[port];
    statistics.pauses = pause.count();
    statistics.paused = pause.total(SimTime{Simulator::Now().GetTimeStep()});
    return statistics;
}

railyard::Allowance
RoceFabric::AllowanceOf(uint32_t flow) const
{
    return m_senders[flow].rate.at(railyard::SimTime{Simulator::Now().GetTimeStep()});
}

RoceTransportStatistics
RoceFabric::TransportStatistics() const
{
    RoceTransportStatistics statistics;
    for (const FlowSender& sender : m_senders)
    {
        statistics.retransmitted += sender.queue.retransmitted;
    }
    for (const FlowReceiver& receiver : m_receivers)
    {
        statistics.nacks += receiver.nacks;
        statistics.cnps += receiver.cnps;
    }
    for (const HostNode* host : m_hosts)
    {
        statistics.timeouts += host->timeouts;
    }
    return statistics;
}

void
RoceFabric::LogTraces()
{
    for (RoceNodeState* node : m_nodes)
    {
        node->logTraces = true;
    }
}

} // namespace ns3
